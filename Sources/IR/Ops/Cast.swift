/// The operand as elements of another type.
///
/// Floats become the nearest float, even of two, and are cut towards zero and held within the range of integers, where
/// NaN becomes 0; ONNX leaves what lies outside the range undefined. Integers wrap. What is not zero becomes true.
public struct Cast: ElementwiseOperation {
  public static let name = "Cast"
  public static let operands: Signature = ["input"]
  public static let accepts = ElementClass.any

  /// Ways to round to the 8-bit exponent type, which nnc does not have.
  public enum RoundMode: String, CaseIterable, Codable, Sendable { case up, down, nearest }

  /// The type of the result's elements. There is no default.
  public var to: ElementType?
  /// Whether 8-bit floats saturate, which nnc does not have.
  public var saturate = true
  /// How 8-bit exponents are rounded, which nnc does not have.
  public var roundMode = RoundMode.up

  public init() {}

  /// Creates a cast.
  public init(to: ElementType) { self.to = to }

  public func resultElement(_ operands: [ElementType]) throws -> ElementType {
    try Self.requireSame(operands)
    guard let to else { throw Diagnostic("attribute 'to' is missing; it should be the type to cast to") }
    try require(!to.isPacked, "cannot cast to elements of type \(to)")
    return to
  }
  public func real(_ x: [Double]) -> Double { x[0] }
  public func integer(_ x: [Int128]) -> Int128 { x[0] }
}

/// The first operand as elements of the type of the second, as `Cast` makes them.
public struct CastLike: Operation {
  public static let name = "CastLike"
  public static let operands: Signature = ["input", "target_type"]
  /// As of `Cast`.
  public var saturate = true
  /// As of `Cast`.
  public var roundMode = Cast.RoundMode.up
  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try Cast(to: operands.required(1).element).resultTypes(Operands([operands.first]))
  }
  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    try Cast(to: results[0].element).evaluate(Operands([operands.first]), results)
  }
  public func knownResults(_ operands: Operands<Operand>, _ results: [TensorType]) throws -> [Tensor]? {
    // The elements of the second operand do not matter.
    try operands.first.known().map { try evaluate(Operands([$0]), results) }
  }
}
