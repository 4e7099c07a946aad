import Glibc

/// The function that a fused operation applies to each element of its result.
///
/// `alpha` and `beta` are the parameters of those that have any.
public enum Activation: String, CaseIterable, Codable, Hashable, Sendable {
  /// The element itself.
  case none
  /// max(x, 0).
  case relu
  /// x, or alpha times x where x is negative.
  case leakyRelu = "leaky_relu"
  /// x held between alpha and beta.
  case clip
  /// 1 / (1 + exp(-x)).
  case sigmoid
  /// The hyperbolic tangent.
  case tanh
  /// alpha times x plus beta, held between 0 and 1.
  case hardSigmoid = "hard_sigmoid"
  /// x times (x / 6 + 1 / 2 held between 0 and 1).
  case hardSwish = "hard_swish"
  /// x times the distribution function of the normal distribution, by the error function.
  case gelu
  /// x / (1 + exp(-x)).
  case silu

  /// Returns the function of `x`.
  public func callAsFunction(_ x: Double, alpha: Double, beta: Double) -> Double {
    switch self {
    case .none: x
    case .relu: x < 0 ? 0 : x
    case .leakyRelu: x < 0 ? alpha * x : x
    case .clip: x < alpha ? alpha : x > beta ? beta : x
    case .sigmoid: 1 / (1 + exp(-x))
    case .tanh: Glibc.tanh(x)
    case .hardSigmoid: Self.unit(alpha * x + beta)
    case .hardSwish: x * Self.unit(x / 6 + 0.5)
    case .gelu: 0.5 * x * (1 + erf(x * 0.5.squareRoot()))
    case .silu: x / (1 + exp(-x))
    }
  }

  /// Throws if the parameters are not possible.
  public func check(alpha: Float, beta: Float) throws(Diagnostic) {
    try require(
      self != .clip || alpha <= beta,
      "activation clip has the minimum alpha: \(alpha), which is not at most beta: \(beta)")
  }

  private static func unit(_ x: Double) -> Double { x < 0 ? 0 : x > 1 ? 1 : x }
}

/// An operation that applies an activation to each element of its result before it stores it.
public protocol ActivatingOperation: Operation {
  /// What is applied.
  var activation: Activation { get set }
  /// The first parameter of the activation.
  var alpha: Float { get set }
  /// The second parameter of the activation.
  var beta: Float { get set }
}
