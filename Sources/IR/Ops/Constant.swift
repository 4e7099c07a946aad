/// A tensor that is known when the model is compiled.
public struct Constant: Operation {
  public static let name = "Constant"
  public static let operands: Signature = []

  /// The tensor.
  public var value = Tensor(scalar: Float(0))

  public init() {}

  /// Creates a constant.
  public init(_ value: Tensor) { self.value = value }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] { [value.type] }
  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] { [value] }
}
