/// Bits that tell which elements of X [..., C] are not less than the threshold of their channel; bits of channels whose flip
/// is set are changed then. nnc's own operation, to which `Sign` and the like are lowered.
///
/// Thresholds are 0 where they are left out. A NaN is less than anything.
public struct PackBits: Operation {
  public static let name = "PackBits"
  public static let operands: Signature = ["X", "threshold?", "flip?"]

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let x = operands.first
    try require(
      [.f32, .f64, .i8, .u8, .i16, .i32].contains(x.element), "is not defined for elements of type \(x.element)")
    try require(x.shape.rank >= 1, "X should have at least one axis, but is a scalar")
    if let threshold = operands[1] {
      try require(
        threshold.element == x.element,
        "thresholds have elements of type \(threshold.element), but should have \(x.element), as X has")
    }
    try operands.requireThresholds(1, 2, count: x.shape.last!)
    return [TensorType(.bit, x.shape)]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first
    let thresholds = operands[1]?.reals ?? [Double](repeating: 0, count: x.shape.last!)
    return [Tensor(results[0], comparing: x.reals, with: thresholds, flips: operands[2]?.codes)]
  }
}

/// Bits X as numbers f32, +1 and -1. nnc's own operation.
public struct UnpackBits: Operation {
  public static let name = "UnpackBits"
  public static let operands: Signature = ["X"]

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try operands.requireBits(0, "X")
    return [TensorType(.f32, operands.first.shape)]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    [Tensor(operands.first.signs.map { Float($0) }, shape: results[0].shape)]
  }
}
