/// The first operand with updates: each at its own place except along an axis, where its index tells the place.
///
/// Negative indices count from the end. An index out of range is an error.
public struct ScatterElements: Operation {
  public static let name = "ScatterElements"
  public static let operands: Signature = ["data", "indices", "updates"]
  /// The axis; it counts from the end where it is negative.
  public var axis = 0
  /// How an update is combined with the element at its place.
  public var reduction = ScatterReduction.none
  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try operands.requireIndices(1, "indices")
    try operands.requireSameElement(0, 2, Self.operands)
    let (data, indices, updates) = (operands.first, operands.required(1), operands.required(2))
    try reduction.check(data.element)
    try data.shape.requireContains(indices.shape, exceptAlong: try data.shape.existingAxis(axis))
    try require(
      updates.shape == indices.shape, "operand 'updates' is \(updates.type), but 'indices' has shape [\(indices.shape)]"
    )
    return [data.type]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let data = operands.first
    let places = try data.shape.offsets(of: operands.required(1), along: try data.shape.existingAxis(axis))
    return [reduction.scatter(operands.required(2), to: places, of: data)]
  }
}

/// The first operand with updates: parts at places that the last axis of the indices gives by coordinates.
///
/// Negative coordinates count from the end. A coordinate out of range is an error.
public struct ScatterND: Operation {
  public static let name = "ScatterND"
  public static let operands: Signature = ["data", "indices", "updates"]
  /// How an update is combined with the element at its place.
  public var reduction = ScatterReduction.none
  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try operands.requireIndices(1, "indices")
    try operands.requireSameElement(0, 2, Self.operands)
    let (data, indices, updates) = (operands.first, operands.required(1).shape, operands.required(2))
    try reduction.check(data.element)
    let expected = Shape(indices.dropLast() + (try data.shape.rest(after: indices, from: 0)))
    try require(updates.shape == expected, "operand 'updates' is \(updates.type), but should have shape [\(expected)]")
    return [data.type]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (data, indices) = (operands.first, operands.required(1))
    let inner = Shape(try data.shape.rest(after: indices.shape, from: 0)).elementCount
    let places = try data.shape.starts(of: indices).flatMap { start in (0..<inner).map { start + $0 } }
    return [reduction.scatter(operands.required(2), to: places, of: data)]
  }
}
