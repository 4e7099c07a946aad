/// X with mean and variance over the axes from `axis` on removed, times Scale plus B, which are broadcast to X.
///
/// `Mean` and `InvStdDev` are the mean and one over the square root of the variance plus epsilon.
public struct LayerNormalization: Operation {
  public static let name = "LayerNormalization"
  public static let operands: Signature = ["X", "Scale", "B?"]

  /// The first of the axes that are normalized together.
  public var axis = -1
  /// What is added to the variance.
  public var epsilon: Float = 1e-5
  /// The type of `Mean` and `InvStdDev`, by its number in ONNX.
  public var stashType = 1

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let element = try operands.commonElement()
    let x = operands.first.shape
    let axis = try normalizedAxis(axis, x)
    for (index, name) in [(1, "Scale"), (2, "B")] {
      if let shape = operands[index]?.shape { try requireBroadcast(of: name, shape, to: x) }
    }
    let reduced = Shape(x[..<axis] + x[axis...].map { _ in 1 })
    let stash = TensorType(try IR.stashType(stashType), reduced)
    return [TensorType(element, x), stash, stash]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first
    let standard = Standardization(x.reals, rows: results[1].elementCount, epsilon: epsilon)
    var y = standard.values
    let scale = broadcastReals(operands.required(1), to: x.shape)
    for index in y.indices { y[index] *= scale[index] }
    if let bias = operands[2].map({ broadcastReals($0, to: x.shape) }) {
      for index in y.indices { y[index] += bias[index] }
    }
    return [
      Tensor(results[0], reals: y), Tensor(results[1], reals: standard.means),
      Tensor(results[2], reals: standard.inverseDeviations),
    ]
  }
}

/// X divided by the root of its mean square over the axes from `axis` on, times scale, which is broadcast to X.
public struct RMSNormalization: Operation {
  public static let name = "RMSNormalization"
  public static let operands: Signature = ["X", "scale"]

  /// The first of the axes that are normalized together.
  public var axis = -1
  /// What is added to the mean square.
  public var epsilon: Float = 1e-5
  /// The type in which ONNX computes, by its number; nnc computes in double precision.
  public var stashType = 1

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let (x, scale) = (operands.first, operands.required(1))
    for (operand, name) in [(x, "X"), (scale, "scale")] {
      try require(operand.element.isFloat, "\(name) has elements of type \(operand.element), but should have floats")
    }
    _ = try IR.stashType(stashType)
    _ = try normalizedAxis(axis, x.shape)
    try requireBroadcast(of: "scale", scale.shape, to: x.shape)
    return [TensorType(scale.element, x.shape)]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first
    var y = x.reals
    let scale = broadcastReals(operands.required(1), to: x.shape)
    let length = x.shape.elementCount(of: try x.shape.axis(axis)..<x.shape.rank)
    for first in stride(from: 0, to: y.count, by: max(length, 1)) {
      let row = first..<first + length
      let root = (y[row].reduce(0) { $0 + $1 * $1 } / Double(length) + Double(epsilon)).squareRoot()
      for index in row { y[index] = y[index] / root * scale[index] }
    }
    return [Tensor(results[0], reals: y)]
  }
}

private func normalizedAxis(_ axis: Int, _ x: Shape) throws(Diagnostic) -> Int {
  try require(x.rank >= 1, "X should have at least one axis, but is a scalar")
  return try x.axis(axis)
}

private func requireBroadcast(of name: String, _ shape: Shape, to x: Shape) throws(Diagnostic) {
  let fits = shape.rank <= x.rank && zip(shape.padded(toRank: x.rank), x).allSatisfy { $0 == $1 || $0 == 1 }
  try require(fits, "\(name) of shape [\(shape)] cannot be broadcast to X of shape [\(x)]")
}

/// The elements of `tensor` as often as a broadcast to `shape` repeats them.
func broadcastReals(_ tensor: Tensor, to shape: Shape) -> [Double] {
  let reals = tensor.reals
  return shape.offsets(strides: tensor.shape.broadcastStrides(to: shape)).map { reals[$0] }
}
