/// (X - input_mean) / sqrt(input_var + epsilon) * scale + B, for each channel of X [N, C, …].
///
/// The mean and the variance are those of earlier training. In training mode they are computed from X, and two further
/// results are the given ones, moved towards these.
public struct BatchNormalization: CompositeOperation {
  public static let name = "BatchNormalization"
  public static let operands: Signature = ["X", "scale", "B", "input_mean", "input_var"]

  /// What is added to the variance.
  public var epsilon: Float = 1e-5
  /// In training mode, how much the given statistics count in the results.
  public var momentum: Float = 0.9
  /// Whether mean and variance are computed from X.
  public var trainingMode = false

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    if trainingMode { return try expandedTypes(operands) }
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
    if trainingMode { return try evaluateExpanded(operands) }
    let x = operands.first
    let numbers = operands.all.dropFirst().map(\.reals)
    let factors = zip(numbers[0], numbers[3]).map { scale, variance in scale / (variance + Double(epsilon)).squareRoot()
    }
    let offsets = factors.indices.map { numbers[1][$0] - numbers[2][$0] * factors[$0] }
    let inner = x.shape.rank <= 2 ? 1 : x.shape.elementCount(of: 2..<x.shape.rank)
    return [Tensor(results[0], reals: x.reals.scaled(factors, offsets, inner: inner))]
  }

  public var isComposite: Bool { trainingMode }

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    let x = operands.first
    let type = body.type(x)
    try require(type.element.isFloat, "X has elements of type \(type.element), but should have floats")
    var inference = self
    inference.trainingMode = false
    let axes = try body.constant(type.shape.indices.filter { $0 != 1 })
    let wide = try body.cast(x, to: type.element.computing)
    let mean = try body.add(ReduceMean(), wide, axes)
    let centered = try body.add(Sub(), wide, mean)
    let variance = try body.add(ReduceMean(), body.add(Mul(), centered, centered), axes)
    let channels = type.shape.rank > 1 ? type.shape[1] : 1
    let statistics = try zip([mean, variance], 3...4).map { value, index in
      let given = operands.required(index)
      try require(
        body.shape(given) == [channels],
        "\(Self.operands.name(at: index)) has shape [\(body.shape(given))], but X has \(channels) channels")
      let list = try body.reshape(value, [channels])
      return (given: given, new: try body.cast(list, to: body.type(given).element))
    }
    let result = try body.add(inference, x, operands[1], operands[2], statistics[0].new, statistics[1].new)
    return [result]
      + (try statistics.map { given, new in
        try body.add(
          Add(), body.scale(given, by: Double(momentum)), body.scale(new, by: 1 - Double(momentum)))
      })
  }
}
