/// A matrix of the shape of the operand, with ones on a diagonal and zeros elsewhere.
public struct EyeLike: Operation {
  public static let name = "EyeLike"
  public static let operands: Signature = ["input"]
  /// The type of the elements; that of the operand where it is not given.
  public var dtype: ElementType?
  /// The diagonal: 0 is the main one, positive ones lie above.
  public var k = 0
  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let input = operands.first.type
    let element = dtype ?? input.element
    try require(!element.isPacked, "is not defined for elements of type \(element)")
    try require(input.shape.rank == 2, "takes a matrix, but 'input' is \(input)")
    return [TensorType(element, input.shape)]
  }

  /// The row and the column of the first one, and how many there are, in a result of the given shape.
  public func diagonal(in shape: Shape) -> (row: Int, column: Int, count: Int) {
    // Held at the corners, beyond which it makes no difference, so that nothing overflows.
    let k = min(max(k, -shape[0]), shape[1])
    let (row, column) = (max(0, -k), max(0, k))
    return (row, column, min(shape[0] - row, shape[1] - column))
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    try knownResults(operands.asKnown, results)!
  }

  public func knownResults(_ operands: Operands<Operand>, _ results: [TensorType]) throws -> [Tensor]? {
    let (shape, columns) = (results[0].shape, results[0].shape[1])
    let ones = diagonal(in: shape)
    var numbers = [Int128](repeating: 0, count: shape.elementCount)
    for index in 0..<ones.count { numbers[(ones.row + index) * columns + ones.column + index] = 1 }
    return [Tensor(results[0], integers: numbers)]
  }
}
