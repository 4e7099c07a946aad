extension Shape {
  /// Throws unless a tensor of shape `other` fits into one of this shape, except along an axis.
  func requireContains(_ other: Shape, exceptAlong axis: Int) throws(Diagnostic) {
    try require(
      other.rank == rank && indices.allSatisfy { $0 == axis || other[$0] <= self[$0] },
      "indices of shape [\(other)] do not fit into shape [\(self)]: extents may be greater only along axis \(axis)")
  }

  /// For each index, the offset of the element at the same place except along `axis`, where the index tells it.
  func offsets(of indices: Tensor, along axis: Int) throws(Diagnostic) -> [Int] {
    let strides = strides
    var others = strides
    others[axis] = 0
    var result: [Int] = []
    for (base, index) in zip(indices.shape.offsets(strides: others), indices.ints) {
      result.append(base + (try position(index, along: axis)) * strides[axis])
    }
    return result
  }

  /// The extents that remain of this shape where indices of shape `shape` give the coordinates of axes from `first` on.
  func rest(after shape: Shape, from first: Int) throws(Diagnostic) -> ArraySlice<Int> {
    guard let count = shape.last, count <= rank - first else {
      throw Diagnostic(
        "indices of shape [\(shape)] should have a last axis with at most \(rank - first) coordinates for shape [\(self)]"
      )
    }
    return extents[(first + count)...]
  }

  /// The offsets of the parts to which indices point by coordinates along their last axis.
  func starts(of indices: Tensor, batchDims: Int = 0) throws(Diagnostic) -> [Int] {
    let coordinates = indices.ints
    let count = indices.shape.last!
    let points = indices.shape.elementCount(of: 0..<indices.shape.rank - 1)
    let batches = elementCount(of: 0..<batchDims)
    let strides = strides
    let batchStride = elementCount(of: batchDims..<rank)
    var result: [Int] = []
    for point in 0..<points {
      var start = point / (points / batches) * batchStride
      for index in 0..<count {
        let axis = batchDims + index
        start += try position(coordinates[point * count + index], along: axis) * strides[axis]
      }
      result.append(start)
    }
    return result
  }
}

/// What becomes of an element to which an update is scattered.
public enum ScatterReduction: String, CaseIterable, Codable, Sendable {
  /// The update replaces it; the last one where there are several.
  case none
  /// The sum, product, maximum or minimum of the element and its updates.
  case add, mul, max, min

  /// Throws unless it is defined for elements.
  func check(_ element: ElementType) throws(Diagnostic) {
    try require(
      self == .none || ElementClass.numbers.contains(element),
      "reduction \(rawValue) is not defined for elements of type \(element)")
  }

  /// Returns `data` with `updates` at `places`. Floats are rounded once, after all updates.
  func scatter(_ updates: Tensor, to places: [Int], of data: Tensor) -> Tensor {
    if self == .none {
      var sources: [Int?] = (0..<data.type.elementCount).map { $0 }
      for (update, place) in places.enumerated() { sources[place] = data.type.elementCount + update }
      return Tensor.joined([data, updates]).gathering(sources, shape: data.shape)
    }
    if data.element.isFloat {
      var reals = data.reals
      for (place, update) in zip(places, updates.reals) { reals[place] = real(reals[place], update) }
      return Tensor(data.type, reals: reals)
    }
    var integers = data.integers
    for (place, update) in zip(places, updates.integers) { integers[place] = integer(integers[place], update) }
    return Tensor(data.type, integers: integers)
  }

  private func real(_ a: Double, _ b: Double) -> Double {
    switch self {
    case .none: b
    case .add: a + b
    case .mul: a * b
    case .max: a.isNaN || a > b ? a : b
    case .min: a.isNaN || a < b ? a : b
    }
  }

  private func integer(_ a: Int128, _ b: Int128) -> Int128 {
    switch self {
    case .none: b
    case .add: a &+ b
    case .mul: a &* b
    case .max: Swift.max(a, b)
    case .min: Swift.min(a, b)
    }
  }
}
