extension Shape {
  /// The axis of a tensor that has axes which `axis` means; it counts from the end where it is negative.
  public func existingAxis(_ axis: Int) throws(Diagnostic) -> Int {
    try require(rank > 0, "axis \(axis) does not exist in a scalar")
    return try self.axis(axis)
  }

  /// The axes which `axes` mean, in the same order.
  ///
  /// - Throws: A diagnostic if one does not exist or is named twice.
  public func existingAxes(_ axes: [Int]) throws(Diagnostic) -> [Int] {
    var result: [Int] = []
    var seen = [Bool](repeating: false, count: rank)
    for axis in axes {
      let resolved = try existingAxis(axis)
      try require(!seen[resolved], "axis \(axis) is named twice in \(axes) for shape [\(self)]")
      seen[resolved] = true
      result.append(resolved)
    }
    return result
  }

  /// The extents of some axes.
  public func selecting(_ axes: [Int]) -> Shape { Shape(axes.map { extents[$0] }) }

  /// The lines of a tensor along an axis: where each starts, in order, and how their elements follow.
  public func lines(along axis: Int) -> (starts: [Int], count: Int, stride: Int) {
    let strides = strides
    let others = indices.filter { $0 != axis }
    return (selecting(others).offsets(strides: others.map { strides[$0] }), extents[axis], strides[axis])
  }

  /// The offsets of the elements of the parts at `places` along an axis, in the order of a tensor that is made of them.
  public func offsets(ofParts places: [Int], along axis: Int) -> [Int] {
    let (outer, inner) = (elementCount(of: 0..<axis), elementCount(of: axis + 1..<rank))
    if outer == 0 || inner == 0 { return [] }
    let starts = (0..<outer).flatMap { row in places.map { (row * extents[axis] + $0) * inner } }
    return starts.flatMap { start in start..<start + inner }
  }

  /// The place along axis `axis` that `index` means, which counts from the end where it is negative.
  func position(_ index: Int, along axis: Int) throws(Diagnostic) -> Int {
    let extent = extents[axis]
    guard (-extent..<extent).contains(index) else {
      throw Diagnostic(
        "index \(index) is out of range of axis \(axis) of shape [\(self)]; it should be in \(-extent)..<\(extent)")
    }
    return index < 0 ? index + extent : index
  }
}
