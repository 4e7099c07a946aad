/// The operand with other extents, which an operand gives.
///
/// An extent of 0 is that of the operand at the same axis, unless `allowzero`; one extent may be -1 and is computed.
public struct Reshape: ReshapingOperation {
  public static let name = "Reshape"
  public static let operands: Signature = ["data", "shape"]
  /// Whether an extent of 0 means 0.
  public var allowzero = false
  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let data = operands.first.type
    let wanted = try operands.knownIntegers(1, "shape")!
    if let extent = wanted.first(where: { $0 < -1 }) {
      throw Diagnostic("extent \(extent) in shape \(wanted) is negative")
    }
    try require(
      wanted.count { $0 == -1 } <= 1, "shape \(wanted) has -1 more than once, but only one extent can be computed")
    try require(
      !allowzero || !(wanted.contains(0) && wanted.contains(-1)),
      "shape \(wanted) has both 0 and -1, so with allowzero the extent cannot be computed")
    var shape = Shape(wanted)
    if !allowzero {
      for axis in wanted.indices where wanted[axis] == 0 {
        try require(
          axis < data.shape.rank,
          "extent 0 at axis \(axis) of shape \(wanted) copies an axis that \(data) does not have")
        shape[axis] = data.shape[axis]
      }
    }
    if let axis = wanted.firstIndex(of: -1) {
      shape[axis] = 1
      let others = shape.elementCount
      let divides = others == 0 ? data.elementCount == 0 : data.elementCount % others == 0
      try require(divides, "the \(data.elementCount) elements of \(data) cannot be arranged in shape \(wanted)")
      shape[axis] = others == 0 ? 0 : data.elementCount / others
    }
    try require(
      shape.elementCount == data.elementCount,
      "the \(data.elementCount) elements of \(data) cannot be arranged in shape \(wanted), which has \(shape.elementCount)"
    )
    return [TensorType(data.element, shape)]
  }
}

/// The operand as a matrix: the axes before `axis` become rows, the others columns.
public struct Flatten: ReshapingOperation {
  public static let name = "Flatten"
  public static let operands: Signature = ["input"]
  /// The first axis of the columns; it counts from the end where it is negative.
  public var axis = 1
  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let shape = operands.first.shape
    try require(
      (-shape.rank...shape.rank).contains(axis),
      "axis \(axis) does not exist in shape [\(shape)]; it should be in \(-shape.rank)...\(shape.rank)")
    let split = axis < 0 ? axis + shape.rank : axis
    let matrix = Shape([shape.elementCount(of: 0..<split), shape.elementCount(of: split..<shape.rank)])
    return [TensorType(operands.first.element, matrix)]
  }
}

/// The operand without the given axes, which have extent 1, or without all such axes.
public struct Squeeze: ReshapingOperation {
  public static let name = "Squeeze"
  public static let operands: Signature = ["data", "axes?"]
  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let type = operands.first.type
    let axes = try operands.knownIntegers(1, "axes").map { try type.shape.existingAxes($0) }
    let removed = axes ?? type.shape.indices.filter { type.shape[$0] == 1 }
    if let axis = removed.first(where: { type.shape[$0] != 1 }) {
      throw Diagnostic(
        "axis \(axis) of \(type) has extent \(type.shape[axis]), and only axes of extent 1 can be removed")
    }
    return [TensorType(type.element, type.shape.selecting(type.shape.indices.filter { !removed.contains($0) }))]
  }
}

/// The operand with additional axes of extent 1 at the given places of the result.
public struct Unsqueeze: ReshapingOperation {
  public static let name = "Unsqueeze"
  public static let operands: Signature = ["data", "axes"]
  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let type = operands.first.type
    let axes = try operands.knownIntegers(1, "axes")!
    var shape = Shape(repeatElement(1, count: type.shape.rank + axes.count))
    let added = try shape.existingAxes(axes)
    for (axis, extent) in zip(shape.indices.filter { !added.contains($0) }, type.shape) { shape[axis] = extent }
    return [TensorType(type.element, shape)]
  }
}
