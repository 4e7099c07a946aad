/// How often runs of numbers, the rows of `grams`, occur in each row of the operand: the count of each at the place of
/// the result that `columns` tells. nnc's own: the heart of TfIdfVectorizer of ONNX.
///
/// A run occurs where its numbers lie at equal distances, with at most `skips` others between neighbours.
public struct GramCounts: Operation {
  public static let name = "GramCounts"
  public static let operands: Signature = ["X", "grams", "columns"]
  /// How many elements a row of the result has.
  public var width = 1
  /// How many numbers may lie between neighbours.
  public var skips = 0
  public init() {}

  /// Creates an operation with the given attributes.
  public init(width: Int, skips: Int) { (self.width, self.skips) = (width, skips) }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try operands.requireIndices(0, "X")
    try operands.requireSameElement(0, 1, Self.operands)
    let (x, grams, columns) = (operands.first.type, operands.required(1).type, operands.required(2))
    try require((1...2).contains(x.shape.rank), "operand 'X' is \(x), but should be rows of numbers")
    try require(
      grams.shape.rank == 2 && grams.shape[1] > 0, "operand 'grams' is \(grams), but should have a row for each run")
    try require(
      columns.element == .u16 && columns.shape == [grams.shape[0]],
      "operand 'columns' is \(columns.type), but should be u16[\(grams.shape[0])]")
    try require(skips >= 0, "attribute 'skips' is \(skips), but should be at least 0")
    let last = try columns.requireKnown("columns").ints.max() ?? -1
    try require(last < width, "a run is counted at place \(last), but a row has \(width)")
    return [TensorType(.f32, Shape(x.shape.dropLast() + [width]))]
  }

  /// The distances of neighbours that are possible in a row of `length` numbers, of which runs have `size`.
  public func distances(_ length: Int, _ size: Int) -> ClosedRange<Int> { 1...(size == 1 ? 1 : min(skips, length) + 1) }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, grams, columns) = (operands.first.ints, operands.required(1).ints, operands.required(2).ints)
    let (length, size) = (operands.first.shape.last!, operands.required(1).shape[1])
    var counts = [Double](repeating: 0, count: results[0].elementCount)
    for row in 0..<(results[0].shape.rank == 1 ? 1 : results[0].shape[0]) {
      for distance in distances(length, size) {
        for start in 0..<max(0, length - (size - 1) * distance) {
          for (gram, column) in columns.enumerated() {
            let isMatch = (0..<size).allSatisfy { x[row * length + start + $0 * distance] == grams[gram * size + $0] }
            if isMatch { counts[row * width + column] += 1 }
          }
        }
      }
    }
    return [Tensor(results[0], reals: counts)]
  }
}
