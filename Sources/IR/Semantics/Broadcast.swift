extension Shape {
  /// The shape to which shapes are extended together, aligned at their last axes, where extents are equal or 1.
  ///
  /// - Throws: A diagnostic that names the two shapes that do not fit.
  public static func broadcast(_ shapes: [Shape]) throws(Diagnostic) -> Shape {
    var result: Shape = []
    for shape in shapes {
      let rank = Swift.max(result.rank, shape.rank)
      let (a, b) = (result.padded(toRank: rank), shape.padded(toRank: rank))
      result = Shape(zip(a, b).map { $0 == 1 ? $1 : $0 })
      guard zip(result, b).allSatisfy({ $0 == $1 || $1 == 1 }) else {
        throw Diagnostic("shapes \(shapes.map { "[\($0)]" }.joined(separator: " and ")) cannot be broadcast together")
      }
    }
    return result
  }

  /// The shape with axes of extent 1 in front.
  public func padded(toRank rank: Int) -> Shape { Shape([Int](repeating: 1, count: rank - self.rank) + extents) }

  /// The strides with which a tensor of this shape is read when it is extended to `shape`: 0 along repeated axes.
  public func broadcastStrides(to shape: Shape) -> [Int] {
    let padded = padded(toRank: shape.rank)
    return zip(padded, padded.strides).map { extent, stride in extent == 1 ? 0 : stride }
  }

  /// For each element of this shape, in order, the offset that `strides` give it.
  public func offsets(strides: [Int], from start: Int = 0) -> [Int] {
    guard elementCount > 0 else { return [] }
    var offsets = [start]
    for (extent, stride) in zip(extents, strides) {
      offsets = offsets.flatMap { base in (0..<extent).map { base + $0 * stride } }
    }
    return offsets
  }

  /// The axis that `axis` means, which counts from the end where it is negative.
  public func axis(_ axis: Int) throws(Diagnostic) -> Int {
    guard (-rank..<Swift.max(rank, 1)).contains(axis) else {
      throw Diagnostic("axis \(axis) does not exist in shape [\(self)]; it should be in \(-rank)..<\(rank)")
    }
    return axis < 0 ? axis + rank : axis
  }
}
