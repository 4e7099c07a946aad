/// A cache with the elements of `update` in the place of those from a step on, along an axis: the step that
/// `write_indices` gives for each sample of the batch, or 0.
public struct TensorScatter: Operation {
  public static let name = "TensorScatter"
  public static let operands: Signature = ["past_cache", "update", "write_indices?"]

  /// Where steps behind the last one are.
  public enum Mode: String, CaseIterable, Codable, Sendable {
    /// Nowhere: that is an error.
    case linear
    /// At the start of the cache.
    case circular
  }

  /// The axis of the steps, not the first; it counts from the end where it is negative.
  public var axis = -2
  /// Where steps behind the last one are.
  public var mode = Mode.linear

  public init() {}

  /// How a cache [batch, middle, steps, inner] and an update with other steps lie in memory.
  public struct Geometry {
    /// The extents.
    public let batch: Int, middle: Int, steps: Int, updates: Int, inner: Int
  }

  /// How operands of the given shapes lie in memory.
  public func geometry(_ cache: Shape, _ update: Shape) throws -> Geometry {
    let axis = try cache.existingAxis(axis)
    try require(axis > 0, "axis is \(self.axis), which is that of the batch; it should be that of the steps")
    try require(
      update.rank == cache.rank && cache.indices.allSatisfy { $0 == axis || cache[$0] == update[$0] }
        && update[axis] <= cache[axis],
      "update [\(update)] does not fit into past_cache [\(cache)]: axis \(axis) may be shorter, and only that")
    return Geometry(
      batch: cache[0], middle: cache.elementCount(of: 1..<axis), steps: cache[axis], updates: update[axis],
      inner: cache.elementCount(of: axis + 1..<cache.rank))
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try operands.requireSameElement(0, 1, Self.operands)
    try operands.requireIndices(2, "write_indices")
    let cache = operands.first
    _ = try geometry(cache.shape, operands.required(1).shape)
    try operands.requireShape(2, "write_indices", is: [cache.shape[0]], because: "past_cache is \(cache.type)")
    return [cache.type]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (cache, update) = (operands.first, operands.required(1))
    let size = try geometry(cache.shape, update.shape)
    let starts = operands[2]?.ints ?? [Int](repeating: 0, count: size.batch)
    let count = cache.type.elementCount
    var sources: [Int?] = Array(0..<count)
    for row in 0..<(count == 0 ? 0 : size.batch * size.middle) {
      let start = starts[row / size.middle]
      try require(
        mode == .circular || (0...size.steps - size.updates).contains(start),
        "write index \(start) and \(size.updates) steps do not fit into the \(size.steps) of past_cache")
      for step in 0..<size.updates {
        let place = row * size.steps + ((start % size.steps + step) % size.steps + size.steps) % size.steps
        for i in 0..<size.inner {
          sources[place * size.inner + i] = count + (row * size.updates + step) * size.inner + i
        }
      }
    }
    return [Tensor.joined([cache, update]).gathering(sources, shape: cache.shape)]
  }
}
