/// The extents of the operand, or of some neighbouring axes. They are known from its type alone.
public struct ShapeOf: KnownOperation {
  public static let name = "Shape"
  public static let operands: Signature = ["data"]
  /// The first axis; it counts from the end where it is negative, and is held within the axes.
  public var start = 0
  /// The axis before which to end, likewise; the last axis is included where it is not given.
  public var end: Int?
  public init() {}

  private func extents(of shape: Shape) -> [Int] {
    func held(_ axis: Int) -> Int { min(max(axis < 0 ? axis + shape.rank : axis, 0), shape.rank) }
    let (first, last) = (held(start), end.map(held) ?? shape.rank)
    return first < last ? Array(shape[first..<last]) : []
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    [TensorType(.i64, [extents(of: operands.first.shape).count])]
  }
  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    [Tensor(extents(of: operands.first.shape).map { Int64($0) })]
  }
  public func knownResults(_ operands: Operands<Operand>, _ results: [TensorType]) throws -> [Tensor]? {
    [Tensor(extents(of: operands.first.shape).map { Int64($0) })]
  }
}

/// How many elements the operand has. It is known from its type alone.
public struct Size: KnownOperation {
  public static let name = "Size"
  public static let operands: Signature = ["data"]
  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] { [TensorType(.i64, [])] }
  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    [Tensor(scalar: Int64(operands.first.type.elementCount))]
  }
  public func knownResults(_ operands: Operands<Operand>, _ results: [TensorType]) throws -> [Tensor]? {
    [Tensor(scalar: Int64(operands.first.type.elementCount))]
  }
}
