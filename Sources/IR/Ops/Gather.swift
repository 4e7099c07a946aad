/// Parts of the first operand along an axis: for each index, the part at that place.
///
/// Negative indices count from the end. An index out of range is an error.
public struct Gather: Operation {
  public static let name = "Gather"
  public static let operands: Signature = ["data", "indices"]
  /// The axis; it counts from the end where it is negative.
  public var axis = 0
  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try operands.requireIndices(1, "indices")
    let (data, indices) = (operands.first.type, operands.required(1).shape)
    let axis = try data.shape.existingAxis(axis)
    return [TensorType(data.element, Shape(data.shape.prefix(axis) + indices.extents + data.shape.dropFirst(axis + 1)))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (data, shape) = (operands.first, operands.first.shape)
    let axis = try shape.existingAxis(axis)
    let places = try operands.required(1).ints.map { try shape.position($0, along: axis) }
    let sources = shape.offsets(ofParts: places, along: axis) as [Int?]
    return [data.gathering(sources, shape: results[0].shape)]
  }
}

/// For each index, the element at the same place of the first operand except along an axis, where the index tells it.
///
/// Negative indices count from the end. An index out of range is an error.
public struct GatherElements: Operation {
  public static let name = "GatherElements"
  public static let operands: Signature = ["data", "indices"]
  /// The axis; it counts from the end where it is negative.
  public var axis = 0
  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try operands.requireIndices(1, "indices")
    let (data, indices) = (operands.first.type, operands.required(1).shape)
    try data.shape.requireContains(indices, exceptAlong: try data.shape.existingAxis(axis))
    return [TensorType(data.element, indices)]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (data, indices) = (operands.first, operands.required(1))
    let places = try data.shape.offsets(of: indices, along: try data.shape.existingAxis(axis))
    return [data.gathering(places, shape: indices.shape)]
  }
}

/// Parts of the first operand at places that the last axis of the indices gives by one coordinate for each leading axis.
///
/// Negative coordinates count from the end. A coordinate out of range is an error.
public struct GatherND: Operation {
  public static let name = "GatherND"
  public static let operands: Signature = ["data", "indices"]
  /// How many leading axes the operands have in common.
  public var batchDims = 0
  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try operands.requireIndices(1, "indices")
    let (data, indices) = (operands.first.type, operands.required(1).shape)
    try require(
      batchDims >= 0 && batchDims < min(data.shape.rank, indices.rank),
      "attribute 'batch_dims' is \(batchDims), but the operands have \(data.shape.rank) and \(indices.rank) axes")
    try require(
      data.shape.prefix(batchDims).elementsEqual(indices.prefix(batchDims)),
      "the leading \(batchDims) axes of 'data' \(data) and 'indices' [\(indices)] differ")
    let rest = try data.shape.rest(after: indices, from: batchDims)
    return [TensorType(data.element, Shape(indices.dropLast() + rest))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let starts = try operands.first.shape.starts(of: operands.required(1), batchDims: batchDims)
    let inner = Shape(try operands.first.shape.rest(after: operands.required(1).shape, from: batchDims)).elementCount
    let sources: [Int?] = starts.flatMap { start in (0..<inner).map { start + $0 } }
    return [operands.first.gathering(sources, shape: results[0].shape)]
  }
}
