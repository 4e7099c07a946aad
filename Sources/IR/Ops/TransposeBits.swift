/// Bits X [N, R, C] with the last two axes swapped, [N, C, R]: pixels become planes, and planes pixels. nnc's own operation.
public struct TransposeBits: Operation {
  public static let name = "TransposeBits"
  public static let operands: Signature = ["X"]

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let x = operands.first.shape
    try operands.requireBits(0, "X")
    try require(x.rank == 3, "X should have axes [N, R, C], but has shape [\(x)]")
    return [TensorType(.bit, [x[0], x[2], x[1]])]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    [operands.first.swappingLastAxes]
  }
}

extension Tensor {
  /// The tensor [N, R, C] as [N, C, R].
  var swappingLastAxes: Tensor {
    let (rows, columns) = (shape[1], shape[2])
    let result: Shape = [shape[0], columns, rows]
    return gathering(
      result.offsets(strides: [rows * columns, 1, columns]).map { $0 }, shape: result)
  }
}
