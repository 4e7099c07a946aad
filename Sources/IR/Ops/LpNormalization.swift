/// The operand divided by its 1-norm or 2-norm along an axis; 0 where the norm is 0.
public struct LpNormalization: Operation {
  public static let name = "LpNormalization"
  public static let operands: Signature = ["input"]

  /// The axis.
  public var axis = -1
  /// Which norm: 1 or 2.
  public var p = 2

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    _ = try operands.commonElement()
    _ = try operands.first.shape.axis(axis)
    try require(p == 1 || p == 2, "p is \(p), but should be 1 or 2")
    return [operands.first.type]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first
    let y = x.reals.mapLines(x.shape, axis: try x.shape.axis(axis)) { line in
      let norm = norm(line, p)
      return line.map { norm == 0 ? 0 : $0 / norm }
    }
    return [Tensor(results[0], reals: y)]
  }
}

/// The operand with the mean over `axes` removed, divided by the standard deviation over them.
public struct MeanVarianceNormalization: Operation {
  public static let name = "MeanVarianceNormalization"
  public static let operands: Signature = ["X"]

  /// The axes that are normalized together.
  public var axes = [0, 2, 3]

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    _ = try operands.commonElement()
    for axis in axes { _ = try operands.first.shape.axis(axis) }
    return [operands.first.type]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, shape) = (operands.first.reals, operands.first.shape)
    guard !x.isEmpty else { return [operands.first] }
    var kept = shape
    for axis in axes where shape.rank > 0 { kept[try shape.axis(axis)] = 1 }
    let groups = shape.offsets(strides: kept.broadcastStrides(to: shape))
    let size = Double(x.count / max(kept.elementCount, 1))
    var (means, variances) = (
      [Double](repeating: 0, count: kept.elementCount), [Double](repeating: 0, count: kept.elementCount)
    )
    for (value, group) in zip(x, groups) { means[group] += value / size }
    for (value, group) in zip(x, groups) { variances[group] += (value - means[group]) * (value - means[group]) / size }
    // ONNX adds this to the standard deviation, not to the variance.
    let y = zip(x, groups).map { ($0 - means[$1]) / (variances[$1].squareRoot() + 1e-9) }
    return [Tensor(results[0], reals: y)]
  }
}
