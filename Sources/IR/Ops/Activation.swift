import Glibc

/// The larger of the operand and zero.
public struct Relu: ElementwiseOperation {
  public static let name = "Relu"
  public static let operands: Signature = ["X"]
  public init() {}
  public func real(_ x: [Double]) -> Double { x[0] < 0 ? 0 : x[0] }
  public func integer(_ x: [Int128]) -> Int128 { max(x[0], 0) }
}

/// The operand, multiplied by `alpha` where it is negative.
public struct LeakyRelu: RealFunction {
  public static let name = "LeakyRelu"
  /// The slope for negative operands.
  public var alpha: Float = 0.01
  public init() {}
  public func real(_ x: [Double]) -> Double { x[0] < 0 ? Double(alpha) * x[0] : x[0] }
  public var scalars: [Double] { [Double(alpha)] }
}

/// The operand, multiplied by `slope` where it is negative. `slope` is broadcast to the shape of `X`.
public struct PRelu: ElementwiseOperation {
  public static let name = "PRelu"
  public static let operands: Signature = ["X", "slope"]
  public init() {}
  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let (x, slope) = (operands.first, operands.required(1))
    try Self.requireSame([x.element, slope.element])
    try require(
      try Shape.broadcast([x.shape, slope.shape]) == x.shape,
      "operand 'slope' of shape [\(slope.shape)] cannot be broadcast to shape [\(x.shape)] of 'X'")
    return [x.type]
  }
  public func real(_ x: [Double]) -> Double { x[0] < 0 ? x[1] * x[0] : x[0] }
  public func integer(_ x: [Int128]) -> Int128 { x[0] < 0 ? x[1] &* x[0] : x[0] }
}

/// The operand where it is greater than `alpha`, elsewhere 0.
public struct ThresholdedRelu: RealFunction {
  public static let name = "ThresholdedRelu"
  /// The threshold.
  public var alpha: Float = 1
  public init() {}
  public func real(_ x: [Double]) -> Double { x[0] > Double(alpha) ? x[0] : 0 }
  public var scalars: [Double] { [Double(alpha)] }
}

/// `x` where it is not negative, elsewhere `alpha * (exp(x) - 1)`.
public struct Elu: RealFunction {
  public static let name = "Elu"
  /// The negated limit for negative operands.
  public var alpha: Float = 1
  public init() {}
  public func real(_ x: [Double]) -> Double { x[0] < 0 ? Double(alpha) * expm1(x[0]) : x[0] }
  public var scalars: [Double] { [Double(alpha)] }
}

/// `gamma * x` where x is positive, elsewhere `gamma * alpha * (exp(x) - 1)`.
public struct Selu: RealFunction {
  public static let name = "Selu"
  /// The factor of the exponential.
  public var alpha: Float = 1.67326319217681884765625
  /// The factor of the result.
  public var gamma: Float = 1.05070102214813232421875
  public init() {}
  public func real(_ x: [Double]) -> Double { Double(gamma) * (x[0] > 0 ? x[0] : Double(alpha) * expm1(x[0])) }
  public var scalars: [Double] { [Double(alpha), Double(gamma)] }
}

/// `max(0, x) + min(0, alpha * (exp(x / alpha) - 1))`.
public struct Celu: RealFunction {
  public static let name = "Celu"
  /// The scale of the exponential, not 0.
  public var alpha: Float = 1
  public init() {}
  public func resultElement(_ operands: [ElementType]) throws -> ElementType {
    try Self.requireSame(operands)
    try require(alpha != 0, "attribute 'alpha' divides, so it cannot be 0")
    return operands[0]
  }
  public func real(_ x: [Double]) -> Double {
    if x[0].isNaN { return x[0] }
    return max(0, x[0]) + min(0, Double(alpha) * expm1(x[0] / Double(alpha)))
  }
  public var scalars: [Double] { [Double(alpha)] }
}

/// The operand moved towards zero by `bias` where it is farther from zero than `lambd`, elsewhere 0.
///
/// Integers are computed as real numbers, cut towards zero and held within the range of their type.
public struct Shrink: ElementwiseOperation {
  public static let name = "Shrink"
  public static let operands: Signature = ["input"]
  /// How far elements are moved.
  public var bias: Float = 0
  /// The distance from zero up to which elements become 0.
  public var lambd: Float = 0.5
  public init() {}
  public func real(_ x: [Double]) -> Double {
    x[0] < -Double(lambd) ? x[0] + Double(bias) : x[0] > Double(lambd) ? x[0] - Double(bias) : 0
  }
  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    [Tensor(results[0], reals: operands.first.reals.map { real([$0]) })]
  }
}
