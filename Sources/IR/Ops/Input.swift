/// A tensor that the caller provides. nnc's own operation.
public struct Input: Operation {
  public static let name = "Input"
  public static let operands: Signature = []

  /// The name by which the caller knows it.
  public var name = ""
  /// The type of its elements.
  public var element = ElementType.f32
  /// Its extents.
  public var shape: [Int] = []

  public init() {}

  /// Creates an input.
  public init(_ name: String, _ type: TensorType) {
    self.name = name
    element = type.element
    shape = type.shape.extents
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try require(element != .bit, "input '\(name)' is of type \(element), which inputs cannot have")
    return [TensorType(element, Shape(shape))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    fatalError("internal error: input '\(name)' has no value of its own")
  }

  public func knownResults(_ operands: Operands<Operand>, _ results: [TensorType]) throws -> [Tensor]? { nil }
}
