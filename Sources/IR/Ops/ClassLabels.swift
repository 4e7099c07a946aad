/// The operand itself: indices of classes that have names. nnc's own; the header of the C has the names.
public struct ClassLabels: ReshapingOperation {
  public static let name = "ClassLabels"
  public static let operands: Signature = ["index"]
  /// The names of the classes.
  public var names: [String] = []
  public init() {}

  /// Creates an operation for classes with the given names.
  public init(names: [String]) { self.names = names }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try operands.requireIndices(0, "index")
    return [operands.first.type]
  }
}
