/// The upper or lower triangle of each matrix of the operand, with zeros in the place of the rest.
public struct Trilu: Operation {
  public static let name = "Trilu"
  public static let operands: Signature = ["input", "k?"]
  /// Whether the upper triangle is meant.
  public var upper = true
  public init() {}

  /// The diagonal that bounds the triangle, which belongs to it: 0 the main one, positive above.
  public func diagonal(_ operands: Operands<Operand>) throws -> Int { try operands.knownInteger(1, "k") ?? 0 }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let type = operands.first.type
    try require(type.shape.rank >= 2, "takes matrices, but 'input' is \(type)")
    _ = try diagonal(operands)
    return [type]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (input, shape) = (operands.first, operands.first.shape)
    let (rows, columns) = (shape[shape.rank - 2], shape[shape.rank - 1])
    let k = min(max(try diagonal(operands.asKnown), -rows - 1), columns + 1)
    let sources: [Int?] = (0..<shape.elementCount).map { index in
      let distance = index % columns - index / columns % rows
      return (upper ? distance >= k : distance <= k) ? index : nil
    }
    return [input.gathering(sources, shape: shape)]
  }
}
