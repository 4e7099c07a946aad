/// A part of the operand: along each axis every `step`-th element from `start` until before `end`.
///
/// Negative starts and ends count from the end of the axis; both are held within it. Negative steps go backwards.
public struct Slice: ViewOperation {
  public static let name = "Slice"
  public static let operands: Signature = ["data", "starts", "ends", "axes?", "steps?"]
  public init() {}

  /// The elements that are taken along one axis.
  public struct AxisSlice: Hashable, Sendable {
    /// The place of the first one.
    public var start: Int
    /// How far the next one is.
    public var step: Int
    /// How many there are.
    public var count: Int
  }

  /// What is taken along each axis.
  public func slices(_ operands: Operands<Operand>) throws -> [AxisSlice] {
    let shape = operands.first.shape
    let starts = try operands.knownIntegers(1, "starts")!
    let ends = try operands.knownIntegers(2, "ends")!
    try require(
      starts.count <= shape.rank, "operand 'starts' has \(starts.count) elements, but 'data' has shape [\(shape)]")
    let axes = try operands.knownIntegers(3, "axes") ?? Array(starts.indices)
    let steps = try operands.knownIntegers(4, "steps") ?? starts.map { _ in 1 }
    for (name, list) in [("ends", ends), ("axes", axes), ("steps", steps)] {
      try require(
        list.count == starts.count, "operand 'starts' has \(starts.count) elements, but '\(name)' has \(list.count)")
    }
    try require(!steps.contains(0), "operand 'steps' \(steps) contains 0, with which nothing moves")
    var slices = shape.map { AxisSlice(start: 0, step: 1, count: $0) }
    for (index, axis) in try shape.existingAxes(axes).enumerated() {
      slices[axis] = Self.slice(of: shape[axis], start: starts[index], end: ends[index], step: steps[index])
    }
    return slices
  }

  private static func slice(of extent: Int, start: Int, end: Int, step: Int) -> AxisSlice {
    func held(_ place: Int) -> Int {
      let place = place < 0 ? place + extent : place
      return step > 0 ? min(max(place, 0), extent) : min(max(place, -1), extent - 1)
    }
    let first = start < 0 ? max(start + extent, 0) : start
    let from = step > 0 ? min(first, extent) : min(first, extent - 1)
    let distance = step > 0 ? held(end) - from : from - held(end)
    guard distance > 0 else { return AxisSlice(start: 0, step: 1, count: 0) }
    let count = Int((UInt(distance) - 1) / step.magnitude) + 1
    return AxisSlice(start: from, step: count == 1 ? 1 : step, count: count)
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try operands.requireIndices(1, "starts")
    return [TensorType(operands.first.element, Shape(try slices(operands).map(\.count)))]
  }

  public func views(_ operands: Operands<Operand>) throws -> [StridedView] {
    let slices = try slices(operands)
    let strides = operands.first.shape.strides
    let start = zip(slices, strides).reduce(0) { $0 &+ $1.0.start &* $1.1 }
    return [StridedView(Shape(slices.map(\.count)), start: start, strides: zip(slices, strides).map { $0.step &* $1 })]
  }
}
