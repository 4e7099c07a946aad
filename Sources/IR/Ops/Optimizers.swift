/// One step of the optimizer Adagrad. `inputs` are all tensors, their gradients, and their sums of squared gradients;
/// the results are the new tensors and the new sums.
public struct Adagrad: CompositeOperation {
  public static let name = "ai.onnx.preview.training.Adagrad"
  public static let operands: Signature = ["R", "T", "inputs..."]

  /// How fast the learning rate R falls with the count T of steps.
  public var decayFactor: Float = 0
  /// What keeps divisors from 0.
  public var epsilon: Float = 1e-6
  /// The factor of the tensor that is added to its gradient.
  public var normCoefficient: Float = 0

  public init() {}

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    let steps = try OptimizerStep.all(operands, states: 1, normCoefficient: normCoefficient, in: &body)
    let results = try steps.map { step in
      let element = body.type(step.x).element
      let slowness = try body.add(Add(), body.scale(step.count, by: Double(decayFactor)), body.constant(1, element))
      let sum = try body.add(Add(), step.states[0], body.add(Mul(), step.gradient, step.gradient))
      let root = try body.add(Add(), body.add(Sqrt(), sum), body.constant(Double(epsilon), element))
      let change = try body.add(Mul(), body.add(Div(), step.rate, slowness), body.add(Div(), step.gradient, root))
      return [try body.add(Sub(), step.x, change), sum]
    }
    return (0..<2).flatMap { part in results.map { $0[part] } }
  }
}

/// One step of the optimizer Adam. `inputs` are all tensors, their gradients, and their averages of gradients and of
/// squared gradients; the results are the new tensors and the new averages.
public struct Adam: CompositeOperation {
  public static let name = "ai.onnx.preview.training.Adam"
  public static let operands: Signature = ["R", "T", "inputs..."]

  /// How much the old average counts in that of gradients.
  public var alpha: Float = 0.9
  /// How much the old average counts in that of squared gradients.
  public var beta: Float = 0.999
  /// What keeps divisors from 0.
  public var epsilon: Float = 1e-6
  /// The factor of the tensor that is added to its gradient.
  public var normCoefficient: Float = 0
  /// The part of the new tensor that is taken away at last.
  public var normCoefficientPost: Float = 0

  public init() {}

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    let steps = try OptimizerStep.all(operands, states: 2, normCoefficient: normCoefficient, in: &body)
    let results = try steps.map { step in
      let element = body.type(step.x).element
      let square = try body.add(Mul(), step.gradient, step.gradient)
      let mean = try OptimizerStep.blend(step.states[0], step.gradient, alpha, in: &body)
      let variance = try OptimizerStep.blend(step.states[1], square, beta, in: &body)
      let root = try body.add(Add(), body.add(Sqrt(), variance), body.constant(Double(epsilon), element))
      let change = try body.add(Mul(), rate(step, in: &body), body.add(Div(), mean, root))
      let new = try body.add(Sub(), step.x, change)
      return [try body.scale(new, by: 1 - Double(normCoefficientPost)), mean, variance]
    }
    return (0..<3).flatMap { part in results.map { $0[part] } }
  }

  /// The learning rate, without the bias of averages that began at 0.
  private func rate(_ step: OptimizerStep, in body: inout Expansion) throws -> Value {
    func rest(_ factor: Float) throws -> Value {
      let element = body.type(step.count).element
      let power = try body.add(Pow(), body.constant(Double(factor), element), step.count)
      return try body.add(Sub(), body.constant(1, element), power)
    }
    let adjusted = try body.add(Div(), body.add(Mul(), step.rate, body.add(Sqrt(), rest(beta))), rest(alpha))
    return try step.select(step.rate, adjusted, in: &body)
  }
}

/// One step of gradient descent with momentum. `inputs` are all tensors, their gradients, and their momenta; the
/// results are the new tensors and the new momenta.
public struct Momentum: CompositeOperation {
  public static let name = "ai.onnx.preview.training.Momentum"
  public static let operands: Signature = ["R", "T", "inputs..."]

  /// Ways to use the momentum.
  public enum Mode: String, CaseIterable, Codable, Sendable {
    /// The tensor moves by the new momentum.
    case standard
    /// It moves by the gradient and where the momentum leads next.
    case nesterov
  }

  /// How much of the old momentum remains. There is no default.
  public var alpha: Float?
  /// The factor of the gradient in the momentum, after the first step. There is no default.
  public var beta: Float?
  /// How the momentum is used. There is no default.
  public var mode: Mode?
  /// The factor of the tensor that is added to its gradient. There is no default.
  public var normCoefficient: Float?

  public init() {}

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    guard let alpha, let beta, let mode, let normCoefficient else {
      throw Diagnostic("attributes 'alpha', 'beta', 'mode' and 'norm_coefficient' are all needed, but one is missing")
    }
    let steps = try OptimizerStep.all(operands, states: 1, normCoefficient: normCoefficient, in: &body)
    let results = try steps.map { step in
      let element = body.type(step.x).element
      let factor = try step.select(body.constant(1, element), body.constant(Double(beta), element), in: &body)
      let kept = try body.scale(step.states[0], by: Double(alpha))
      let momentum = try body.add(Add(), kept, body.add(Mul(), factor, step.gradient))
      let direction =
        try mode == .standard
        ? momentum : body.add(Add(), step.gradient, body.scale(momentum, by: Double(alpha)))
      return [try body.add(Sub(), step.x, body.add(Mul(), step.rate, direction)), momentum]
    }
    return (0..<2).flatMap { part in results.map { $0[part] } }
  }
}
