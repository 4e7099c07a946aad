/// The `K` greatest or least elements along an axis, best first, and their places, of type `i64`.
///
/// Of equal elements the first comes first; NaN counts as greater than all numbers.
public struct TopK: Operation {
  public static let name = "TopK"
  public static let operands: Signature = ["X", "K"]
  /// The axis; it counts from the end where it is negative.
  public var axis = -1
  /// Whether the greatest are meant.
  public var largest = true
  /// Whether the order matters. It is the same in any case.
  public var sorted = true
  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let x = operands.first.type
    try require(ElementClass.numbers.contains(x.element), "is not defined for elements of type \(x.element)")
    let axis = try x.shape.existingAxis(axis)
    let count = try operands.knownInteger(1, "K")!
    try require(
      (0...x.shape[axis]).contains(count),
      "operand 'K' is \(count), but axis \(axis) of \(x) has \(x.shape[axis]) elements")
    var shape = x.shape
    shape[axis] = count
    return [TensorType(x.element, shape), TensorType(.i64, shape)]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, shape) = (operands.first, results[0].shape)
    if shape.elementCount == 0 { return results.map { Tensor($0) { _ in } } }
    let axis = try x.shape.existingAxis(axis)
    let lines = x.shape.lines(along: axis)
    let orders =
      x.element.isFloat ? order(x.reals, lines) { $0 < $1 || ($1.isNaN && !$0.isNaN) } : order(x.integers, lines, <)
    var sources = [Int?](repeating: nil, count: results[0].elementCount)
    var places = [Int64](repeating: 0, count: results[0].elementCount)
    let targets = shape.lines(along: axis)
    for (line, start) in targets.starts.enumerated() {
      for (rank, place) in orders[line].prefix(shape[axis]).enumerated() {
        sources[start + rank * targets.stride] = lines.starts[line] + place * lines.stride
        places[start + rank * targets.stride] = Int64(place)
      }
    }
    return [x.gathering(sources, shape: shape), Tensor(places, shape: shape)]
  }

  /// The places along each line, best first.
  private func order<Number>(
    _ numbers: [Number], _ lines: (starts: [Int], count: Int, stride: Int), _ isLess: (Number, Number) -> Bool
  ) -> [[Int]] {
    lines.starts.map { start in
      (0..<lines.count).sorted { a, b in
        let (x, y) = (numbers[start + a * lines.stride], numbers[start + b * lines.stride])
        if largest ? isLess(y, x) : isLess(x, y) { return true }
        if largest ? isLess(x, y) : isLess(y, x) { return false }
        return a < b
      }
    }
  }
}
