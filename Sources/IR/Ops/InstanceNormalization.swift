/// Each channel of each sample of input [N, C, D1, …] with its own mean and variance removed, times scale plus B, both
/// [C].
public struct InstanceNormalization: Operation {
  public static let name = "InstanceNormalization"
  public static let operands: Signature = ["input", "scale", "B"]

  /// What is added to the variance.
  public var epsilon: Float = 1e-5

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    _ = try operands.commonElement()
    let x = operands.first.shape
    try require(x.rank >= 3, "input should have a batch axis, channels and spatial axes, but has shape [\(x)]")
    for (index, name) in [(1, "scale"), (2, "B")] {
      try operands.requireShape(index, name, is: [x[1]], because: "input has \(x[1]) channels")
    }
    return [operands.first.type]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first
    let standard = Standardization(x.reals, rows: x.shape[0] * x.shape[1], epsilon: epsilon)
    let inner = x.shape.elementCount(of: 2..<x.shape.rank)
    let (scale, bias) = (operands.required(1).reals, operands.required(2).reals)
    return [Tensor(results[0], reals: standard.values.scaled(scale, bias, inner: inner))]
  }
}

/// Groups of channels of each sample of X [N, C, D1, …] with their mean and variance removed, times scale plus bias,
/// both [C].
public struct GroupNormalization: Operation {
  public static let name = "GroupNormalization"
  public static let operands: Signature = ["X", "scale", "bias"]

  /// What is added to the variance.
  public var epsilon: Float = 1e-5
  /// Into how many groups the channels are divided.
  public var numGroups = 0
  /// The type in which ONNX computes, by its number; nnc computes in double precision.
  public var stashType = 1

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    _ = try operands.commonElement()
    _ = try IR.stashType(stashType)
    let x = operands.first.shape
    try require(x.rank >= 2, "X should have a batch axis and channels, but has shape [\(x)]")
    try require(numGroups != 0, "attribute num_groups is missing")
    try require(
      numGroups > 0 && numGroups <= max(x[1], 1) && x[1] % numGroups == 0,
      "\(x[1]) channels cannot be divided into \(numGroups) groups")
    for (index, name) in [(1, "scale"), (2, "bias")] {
      try operands.requireShape(index, name, is: [x[1]], because: "X has \(x[1]) channels")
    }
    return [operands.first.type]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first
    let standard = Standardization(x.reals, rows: x.shape[0] * numGroups, epsilon: epsilon)
    let inner = x.shape.elementCount(of: 2..<x.shape.rank)
    let (scale, bias) = (operands.required(1).reals, operands.required(2).reals)
    return [Tensor(results[0], reals: standard.values.scaled(scale, bias, inner: inner))]
  }
}
