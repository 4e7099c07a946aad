/// The operand divided by its 1-norm or 2-norm along an axis; 0 where the norm is 0.
public struct LpNormalization: Operation {
  public static let name = "LpNormalization"
  public static let operands: Signature = ["input"]

  /// The axis.
  public var axis = -1
  /// Which norm: 1 or 2.
  public var p = 2

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    _ = try operands.commonElement()
    _ = try operands.first.shape.axis(axis)
    try require(p == 1 || p == 2, "p is \(p), but should be 1 or 2")
    return [operands.first.type]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first
    let y = x.reals.mapLines(x.shape, axis: try x.shape.axis(axis)) { line in
      let norm = norm(line, p)
      return line.map { norm == 0 ? 0 : $0 / norm }
    }
    return [Tensor(results[0], reals: y)]
  }
}
