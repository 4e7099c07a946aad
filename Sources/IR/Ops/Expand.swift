/// The operand broadcast together with a given shape.
public struct Expand: ViewOperation {
  public static let name = "Expand"
  public static let operands: Signature = ["input", "shape"]
  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let wanted = Shape(try operands.knownIntegers(1, "shape")!)
    if let extent = wanted.first(where: { $0 < 0 }) {
      throw Diagnostic("extent \(extent) in shape [\(wanted)] is negative")
    }
    return [TensorType(operands.first.element, try Shape.broadcast([operands.first.shape, wanted]))]
  }

  public func views(_ operands: Operands<Operand>) throws -> [StridedView] {
    let shape = try resultTypes(operands)[0].shape
    return [StridedView(shape, strides: operands.first.shape.broadcastStrides(to: shape))]
  }
}

/// The operand repeated along each axis as often as an operand says.
public struct Tile: ViewOperation {
  public static let name = "Tile"
  public static let operands: Signature = ["input", "repeats"]
  public init() {}

  private func repeats(_ operands: Operands<Operand>) throws -> [Int] {
    let repeats = try operands.knownIntegers(1, "repeats")!
    let rank = operands.first.shape.rank
    try require(repeats.count == rank, "operand 'repeats' has \(repeats.count) elements, but 'input' has \(rank) axes")
    if let count = repeats.first(where: { $0 < 0 }) { throw Diagnostic("\(count) in 'repeats' \(repeats) is negative") }
    return repeats
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    var type = operands.first.type
    for (axis, count) in try repeats(operands).enumerated() {
      type.shape[axis] = try checkedProduct(type.shape[axis], count, of: "axis \(axis)")
    }
    return [type]
  }

  public func views(_ operands: Operands<Operand>) throws -> [StridedView] {
    let shape = operands.first.shape
    let axes = zip(try repeats(operands), zip(shape, shape.strides))
    return [
      StridedView(
        Shape(axes.flatMap { count, axis in [count, axis.0] }), strides: axes.flatMap { _, axis in [0, axis.1] })
    ]
  }
}
