/// The different parts of X along an axis, or its different elements where no axis is given; the place where each is
/// first; for each part of X which of them it is; and how often each occurs.
///
/// How many there are is the extent of the results, so X must be known when the model is compiled. NaN is equal to NaN,
/// and greater than all numbers.
public struct Unique: KnownOperation {
  public static let name = "Unique"
  public static let operands: Signature = ["X"]
  /// The axis; it counts from the end where it is negative.
  public var axis: Int?
  /// Whether parts are in ascending order, by their elements in order; otherwise they are in the order of their first
  /// places.
  public var sorted = true
  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let x = operands.first
    try require(!x.element.isPacked, "is not defined for elements of type \(x.element)")
    let parts = try parts(of: x.shape)
    let count = groups(of: parts, try x.requireKnown("X")).count
    var shape = x.shape
    if let axis { shape[try shape.existingAxis(axis)] = count } else { shape = [count] }
    return [
      TensorType(x.element, shape), TensorType(.i64, [count]), TensorType(.i64, [parts.count]),
      TensorType(.i64, [count]),
    ]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first
    let parts = try parts(of: x.shape)
    let groups = groups(of: parts, x)
    var inverse = [Int64](repeating: 0, count: parts.count)
    for (index, group) in groups.enumerated() {
      for part in group { inverse[part] = Int64(index) }
    }
    let firsts = groups.map { $0[0] }
    let (shape, axis) = try (axis.map { (x.shape, try x.shape.existingAxis($0)) } ?? ([parts.count], 0))
    let sources = shape.offsets(ofParts: firsts, along: axis) as [Int?]
    return [
      x.gathering(sources, shape: results[0].shape), Tensor(firsts.map { Int64($0) }), Tensor(inverse),
      Tensor(groups.map { Int64($0.count) }),
    ]
  }

  /// The offsets of the elements of each part.
  private func parts(of shape: Shape) throws -> [[Int]] {
    guard let axis = try axis.map({ try shape.existingAxis($0) }) else { return (0..<shape.elementCount).map { [$0] } }
    let strides = shape.strides
    let others = shape.indices.filter { $0 != axis }
    let offsets = shape.selecting(others).offsets(strides: others.map { strides[$0] })
    return (0..<shape[axis]).map { place in offsets.map { $0 + place * strides[axis] } }
  }

  /// The parts that are equal to each other, each group in the order of its places.
  private func groups(of parts: [[Int]], _ x: Tensor) -> [[Int]] {
    x.element.isFloat
      ? groups(of: parts, x.reals) { $0 < $1 || (!$0.isNaN && $1.isNaN) } : groups(of: parts, x.integers, <)
  }

  private func groups<Number>(
    of parts: [[Int]], _ numbers: [Number], _ isLess: (Number, Number) -> Bool
  ) -> [[Int]] {
    func comesBefore(_ a: Int, _ b: Int) -> Bool {
      for (x, y) in zip(parts[a], parts[b]) {
        if isLess(numbers[x], numbers[y]) { return true }
        if isLess(numbers[y], numbers[x]) { return false }
      }
      return false
    }
    let order = parts.indices.sorted { comesBefore($0, $1) || (!comesBefore($1, $0) && $0 < $1) }
    var groups: [[Int]] = []
    for part in order {
      if let last = groups.last, !comesBefore(last[0], part) {
        groups[groups.count - 1].append(part)
      } else {
        groups.append([part])
      }
    }
    return sorted ? groups : groups.sorted { $0[0] < $1[0] }
  }
}
