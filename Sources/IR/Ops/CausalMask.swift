/// Scores of attention [..., steps, steps of keys], with -infinity for keys of the future: those whose step is greater
/// than that of the query plus `past`. This operator is nnc's own.
public struct CausalMask: Operation {
  public static let name = "CausalMask"
  public static let operands: Signature = ["scores"]
  /// How many steps of keys come before the first query.
  public var past = 0
  public init() {}

  /// Creates a mask.
  public init(past: Int) { self.past = past }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let type = operands.first.type
    try require(type.element.isFloat, "is not defined for elements of type \(type.element)")
    try require(type.shape.rank >= 2, "takes matrices, but 'scores' is \(type)")
    try require(past >= 0, "past is \(past), but should not be negative")
    return [type]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let shape = results[0].shape
    let (rows, columns) = (shape[shape.rank - 2], shape[shape.rank - 1])
    var scores = operands.first.reals
    for index in scores.indices where index % columns - index / columns % rows > past { scores[index] = -.infinity }
    return [Tensor(results[0], reals: scores)]
  }
}
