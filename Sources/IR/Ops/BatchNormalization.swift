/// (X - input_mean) / sqrt(input_var + epsilon) * scale + B, for each channel of X [N, C, …].
///
/// The statistics are those of training; to compute them from X, as training does, is refused.
public struct BatchNormalization: Operation {
  public static let name = "BatchNormalization"
  public static let operands: Signature = ["X", "scale", "B", "input_mean", "input_var"]

  /// What is added to the variance.
  public var epsilon: Float = 1e-5
  /// Has no meaning outside training.
  public var momentum: Float = 0.9
  /// Must be false.
  public var trainingMode = false

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try require(!trainingMode, "has training_mode: 1, which would change statistics; export the model for inference")
    for (operand, name) in zip(operands.all, Self.operands.names) {
      try require(operand.element.isFloat, "\(name) has elements of type \(operand.element), but should have floats")
    }
    let x = operands.first.shape
    try require(x.rank >= 1, "X should have a batch axis and channels, but is a scalar")
    let channels = x.rank == 1 ? 1 : x[1]
    for index in 1..<5 {
      try operands.requireShape(
        index, Self.operands.names[index], is: [channels], because: "X has \(channels) channels")
    }
    return [operands.first.type]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first
    let numbers = operands.all.dropFirst().map(\.reals)
    let factors = zip(numbers[0], numbers[3]).map { scale, variance in scale / (variance + Double(epsilon)).squareRoot()
    }
    let offsets = factors.indices.map { numbers[1][$0] - numbers[2][$0] * factors[$0] }
    let inner = x.shape.rank <= 2 ? 1 : x.shape.elementCount(of: 2..<x.shape.rank)
    return [Tensor(results[0], reals: x.reals.scaled(factors, offsets, inner: inner))]
  }
}
