/// The operand as elements of another type.
///
/// Floats become the nearest float, even of two, and are cut towards zero and held within the range of integers, where
/// NaN becomes 0; ONNX leaves what lies outside the range undefined. Integers wrap. What is not zero becomes true. Floats
/// that become integers of less than 8 bits are held within 32 bits, of which the lowest remain.
public struct Cast: ElementwiseOperation {
  public static let name = "Cast"
  public static let operands: Signature = ["input"]
  public static let accepts = ElementClass.everything

  /// The type of the result's elements. There is no default.
  public var to: ElementType?
  /// Whether numbers that are too large for a float of 8 bits become its greatest one instead of infinite or NaN.
  public var saturate = true
  /// How numbers are rounded to powers of two, elements of type f8e8m0.
  public var roundMode = Float8E8M0.RoundMode.up

  public init() {}

  /// Creates a cast.
  public init(to: ElementType) { self.to = to }

  public func resultElement(_ operands: [ElementType]) throws -> ElementType {
    try Self.requireSame(operands)
    guard let to else { throw Diagnostic("attribute 'to' is missing; it should be the type to cast to") }
    try require(to != .bit, "cannot cast to elements of type \(to)")
    return to
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first
    let isReal = x.element.isFloat
    func cast<T: Element>(_: T.Type) -> Tensor {
      isReal
        ? Tensor(x.reals.map { T(rounding: $0) }, shape: x.shape)
        : Tensor(x.integers.map { T(wrapping: $0) }, shape: x.shape)
    }
    func castToFloat<T: NarrowFloat>(_: T.Type) -> Tensor {
      let reals = isReal ? x.reals : x.integers.map { Double(roundingToOdd: $0) }
      return Tensor(reals.map { T(rounding: $0, saturating: saturate) }, shape: x.shape)
    }
    switch results[0].element.swiftType {
    case let type as any NarrowFloat.Type: return [castToFloat(type)]
    case is Float8E8M0.Type:
      let reals = isReal ? x.reals : x.integers.map { Double(roundingToOdd: $0) }
      return [Tensor(reals.map { Float8E8M0(rounding: $0, roundMode, saturating: saturate) }, shape: x.shape)]
    case let type: return [cast(type)]
    }
  }
}

/// The first operand as elements of the type of the second, as `Cast` makes them.
public struct CastLike: Operation {
  public static let name = "CastLike"
  public static let operands: Signature = ["input", "target_type"]
  /// As of `Cast`.
  public var saturate = true
  /// As of `Cast`.
  public var roundMode = Float8E8M0.RoundMode.up
  public init() {}

  /// The cast to a type.
  public func cast(to element: ElementType) -> Cast {
    var cast = Cast(to: element)
    (cast.saturate, cast.roundMode) = (saturate, roundMode)
    return cast
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try cast(to: operands.required(1).element).resultTypes(Operands([operands.first]))
  }
  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    try cast(to: results[0].element).evaluate(Operands([operands.first]), results)
  }
  public func knownResults(_ operands: Operands<Operand>, _ results: [TensorType]) throws -> [Tensor]? {
    // The elements of the second operand do not matter.
    try operands.first.known().map { try evaluate(Operands([$0]), results) }
  }
}

/// The bits of the operand as elements of another type, which has as many. What is not zero becomes true.
public struct BitCast: ElementwiseOperation {
  public static let name = "BitCast"
  public static let operands: Signature = ["input"]
  public static let accepts = ElementClass.everything
  /// The type of the result's elements. There is no default.
  public var to: ElementType?

  public init() {}

  public func resultElement(_ operands: [ElementType]) throws -> ElementType {
    let element = operands[0]
    try Self.requireSame(operands)
    guard let to else { throw Diagnostic("attribute 'to' is missing; it should be the type of the result") }
    try require(
      to.bitWidth == element.bitWidth,
      "elements of type \(element) have \(element.bitWidth) bits, and so cannot become elements of type \(to), which has "
        + "\(to.bitWidth)")
    return to
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let bits = operands.first.reinterpreted(as: results[0])
    guard results[0].element == .bool else { return [bits] }
    let bytes = operands.first.reinterpreted(as: TensorType(.u8, results[0].shape)).elements(as: UInt8.self)
    return [Tensor(bytes.map { $0 != 0 }, shape: results[0].shape)]
  }
}
