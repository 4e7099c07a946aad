import Glibc

/// A function that a recurrent operation applies to its gates or its state, with its parameters.
public struct GateFunction: Hashable, Sendable {
  /// The functions that ONNX names for recurrent operations.
  public enum Kind: String, CaseIterable, Sendable {
    /// `alpha * x + beta`.
    case affine = "Affine"
    /// `x`, or `alpha * (exp(x) - 1)` where x is negative.
    case elu = "Elu"
    /// `alpha * x + beta`, held between 0 and 1.
    case hardSigmoid = "HardSigmoid"
    /// `x`, or `alpha * x` where x is negative.
    case leakyRelu = "LeakyRelu"
    /// `max(0, x)`.
    case relu = "Relu"
    /// `alpha * tanh(beta * x)`.
    case scaledTanh = "ScaledTanh"
    /// `1 / (1 + exp(-x))`.
    case sigmoid = "Sigmoid"
    /// `log(1 + exp(x))`.
    case softplus = "Softplus"
    /// `x / (1 + |x|)`.
    case softsign = "Softsign"
    /// The hyperbolic tangent.
    case tanh = "Tanh"
    /// `x` where it is at least `alpha`, elsewhere 0.
    case thresholdedRelu = "ThresholdedRelu"

    /// The value of `alpha` where it is left out; nil if the function has no such parameter.
    public var defaultAlpha: Float? {
      switch self {
      case .affine, .elu, .scaledTanh, .thresholdedRelu: 1
      case .hardSigmoid: 0.2
      case .leakyRelu: 0.01
      case .relu, .sigmoid, .softplus, .softsign, .tanh: nil
      }
    }

    /// The value of `beta` where it is left out; nil if the function has no such parameter.
    public var defaultBeta: Float? {
      switch self {
      case .affine: 0
      case .hardSigmoid: 0.5
      case .scaledTanh: 1
      case .elu, .leakyRelu, .relu, .sigmoid, .softplus, .softsign, .tanh, .thresholdedRelu: nil
      }
    }
  }

  /// Which function it is.
  public let kind: Kind
  /// The first parameter, 0 if there is none.
  public let alpha: Float
  /// The second parameter, 0 if there is none.
  public let beta: Float

  /// Returns the function of `x`.
  public func callAsFunction(_ x: Double) -> Double {
    let (alpha, beta) = (Double(alpha), Double(beta))
    return switch kind {
    case .affine: alpha * x + beta
    case .elu: x < 0 ? alpha * expm1(x) : x
    case .hardSigmoid: unitClamped(alpha * x + beta)
    case .leakyRelu: x < 0 ? alpha * x : x
    case .relu: x < 0 ? 0 : x
    case .scaledTanh: alpha * Glibc.tanh(beta * x)
    case .sigmoid: logistic(x)
    case .softplus: IR.softplus(x)
    case .softsign: x.isInfinite ? (x < 0 ? -1 : 1) : x / (1 + abs(x))
    case .tanh: Glibc.tanh(x)
    case .thresholdedRelu: x >= alpha ? x : 0
    }
  }

  /// Returns the functions of the given names, whose parameters are consumed in order by those that have them.
  ///
  /// - Throws: A diagnostic if a name is unknown, or there are more parameters than the functions take.
  static func list(_ names: [String], alphas: [Float], betas: [Float]) throws(Diagnostic) -> [GateFunction] {
    var (restOfAlphas, restOfBetas) = (alphas[...], betas[...])
    var functions: [GateFunction] = []
    for name in names {
      guard let kind = Kind.allCases.first(where: { $0.rawValue.lowercased() == name.lowercased() }) else {
        let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
        throw Diagnostic("attribute 'activations' names \(name.quoted), but knows \(known)")
      }
      let alpha = kind.defaultAlpha.map { restOfAlphas.popFirst() ?? $0 }
      let beta = kind.defaultBeta.map { restOfBetas.popFirst() ?? $0 }
      functions.append(GateFunction(kind: kind, alpha: alpha ?? 0, beta: beta ?? 0))
    }
    for (name, values, rest) in [("alpha", alphas, restOfAlphas), ("beta", betas, restOfBetas)] where !rest.isEmpty {
      // Values for functions without parameters mean nothing, but among others it is not clear which are meant.
      try require(
        rest.count == values.count,
        "attribute 'activation_\(name)' has \(values.count) values, of which the activations take only "
          + "\(values.count - rest.count)")
    }
    return functions
  }
}
