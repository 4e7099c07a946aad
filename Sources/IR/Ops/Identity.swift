/// The operand itself.
public struct Identity: ReshapingOperation {
  public static let name = "Identity"
  public static let operands: Signature = ["input"]
  public init() {}
  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] { [operands.first.type] }
}

/// The operand itself, and a mask that is true everywhere: nothing is dropped at inference, nor at a ratio of 0.
public struct Dropout: Operation {
  public static let name = "Dropout"
  public static let operands: Signature = ["data", "ratio?", "training_mode?"]
  /// The seed of the random numbers of training, without effect.
  public var seed: Int?
  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    if let training = operands[2] {
      try require(
        training.type.elementCount == 1 && training.element == .bool,
        "operand 'training_mode' is \(training.type), but should be one bool")
      if try training.requireKnown("training_mode").integers != [0] { try requireNoDrop(operands[1]) }
    }
    let type = operands.first.type
    return [type, TensorType(.bool, type.shape)]
  }

  /// Throws unless training with a ratio drops nothing: what it drops is random.
  private func requireNoDrop(_ ratio: Operand?) throws {
    if let ratio, !ratio.element.isFloat {
      throw Diagnostic("operand 'ratio' is \(ratio.type), but should be one float")
    }
    let known = try ratio?.requireKnown("ratio").reals ?? [0.5]
    try require(
      known == [0],
      "operand 'training_mode' is true, but what is dropped in training is random, and only inference is possible; "
        + "export the model in evaluation mode")
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    [operands.first, Tensor([Bool](repeating: true, count: results[1].elementCount), shape: results[1].shape)]
  }
}
