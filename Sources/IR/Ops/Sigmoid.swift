import Glibc

/// `1 / (1 + exp(-x))`.
public struct Sigmoid: RealFunction {
  public static let name = "Sigmoid"
  public init() {}
  public func real(_ x: [Double]) -> Double { logistic(x[0]) }
}

/// `alpha * x + beta`, held between 0 and 1.
public struct HardSigmoid: RealFunction {
  public static let name = "HardSigmoid"
  /// The slope.
  public var alpha: Float = 0.2
  /// The result at 0.
  public var beta: Float = 0.5
  public init() {}
  public func real(_ x: [Double]) -> Double { unitClamped(Double(alpha) * x[0] + Double(beta)) }
  public var scalars: [Double] { [Double(alpha), Double(beta)] }
}

/// `x` times `x / 6 + 1 / 2` held between 0 and 1.
public struct HardSwish: RealFunction {
  public static let name = "HardSwish"
  public init() {}
  public func real(_ x: [Double]) -> Double { x[0] * unitClamped(x[0] / 6 + 0.5) }
}

/// `x * sigmoid(alpha * x)`.
public struct Swish: RealFunction {
  public static let name = "Swish"
  /// The factor within the sigmoid.
  public var alpha: Float = 1
  public init() {}
  public func real(_ x: [Double]) -> Double { x[0] * logistic(Double(alpha) * x[0]) }
  public var scalars: [Double] { [Double(alpha)] }
}

/// The hyperbolic tangent.
public struct Tanh: RealFunction {
  public static let name = "Tanh"
  public init() {}
  public func real(_ x: [Double]) -> Double { tanh(x[0]) }
}

/// `x` times the probability that a normal variable is less than `x`, exactly or by the approximation with `tanh`.
public struct Gelu: RealFunction {
  public static let name = "Gelu"
  /// Ways to compute the probability.
  public enum Approximation: String, CaseIterable, Codable, Sendable {
    /// By the error function.
    case none
    /// `(1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2`.
    case tanh
  }
  /// How the probability is computed.
  public var approximate = Approximation.none
  public init() {}
  public func real(_ x: [Double]) -> Double {
    let x = x[0]
    switch approximate {
    case .none: return 0.5 * x * erfc(-x * 0.5.squareRoot())
    case .tanh: return 0.5 * x * (1 + Glibc.tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    }
  }
  public var scalars: [Double] { [approximate == .tanh ? 1 : 0] }
}

/// `log(1 + exp(x))`.
public struct Softplus: RealFunction {
  public static let name = "Softplus"
  public init() {}
  public func real(_ x: [Double]) -> Double { softplus(x[0]) }
}

/// `x / (1 + |x|)`.
public struct Softsign: RealFunction {
  public static let name = "Softsign"
  public init() {}
  public func real(_ x: [Double]) -> Double { x[0] / (1 + x[0].magnitude) }
}

/// `x * tanh(softplus(x))`.
public struct Mish: RealFunction {
  public static let name = "Mish"
  public init() {}
  public func real(_ x: [Double]) -> Double { x[0] * tanh(softplus(x[0])) }
}
