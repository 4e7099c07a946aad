/// The place of the greatest element along an axis; NaN counts as the greatest.
public struct ArgMax: ArgReduction {
  public static let name = "ArgMax"
  public var axis = 0
  public var keepdims = true
  public var selectLastIndex = false
  public init() {}
  public func precedes<Number: Comparable>(_ a: Number, _ b: Number) -> Bool { a > b }
}

/// The place of the least element along an axis; NaN counts as the least.
public struct ArgMin: ArgReduction {
  public static let name = "ArgMin"
  public var axis = 0
  public var keepdims = true
  public var selectLastIndex = false
  public init() {}
  public func precedes<Number: Comparable>(_ a: Number, _ b: Number) -> Bool { a < b }
}

/// An operation that finds one element along an axis. The result are places, of type `i64`.
public protocol ArgReduction: Operation {
  /// The axis; it counts from the end where it is negative.
  var axis: Int { get }
  /// Whether the axis remains, with extent 1.
  var keepdims: Bool { get }
  /// Whether the last of equal elements is meant, instead of the first.
  var selectLastIndex: Bool { get }
  /// Whether `a` is to be found rather than `b`.
  func precedes<Number: Comparable>(_ a: Number, _ b: Number) -> Bool
}

extension ArgReduction {
  public static var operands: Signature { ["data"] }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let data = operands.first.type
    try require(ElementClass.numbers.contains(data.element), "is not defined for elements of type \(data.element)")
    let axis = try data.shape.existingAxis(axis)
    try require(data.shape[axis] > 0, "axis \(axis) of \(data) has no elements to choose from")
    var shape = data.shape
    if keepdims { shape[axis] = 1 } else { shape.extents.remove(at: axis) }
    return [TensorType(.i64, shape)]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let data = operands.first
    let lines = data.shape.lines(along: try data.shape.existingAxis(axis))
    func places<Number: Comparable>(_ numbers: [Number], _ beats: (Number, Number) -> Bool) -> [Int64] {
      lines.starts.map { start in
        var best = 0
        for place in 1..<max(1, lines.count) {
          let (new, old) = (numbers[start + place * lines.stride], numbers[start + best * lines.stride])
          if beats(new, old) || (selectLastIndex && !beats(old, new)) { best = place }
        }
        return Int64(best)
      }
    }
    let found =
      data.element.isFloat
      ? places(data.reals) { ($0.isNaN && !$1.isNaN) || (!$1.isNaN && precedes($0, $1)) }
      : places(data.integers) { precedes($0, $1) }
    return [Tensor(found, shape: results[0].shape)]
  }
}
