import Glibc

/// Local response normalization: X / (bias + alpha / size * S) ^ beta, where S is the sum of the squares of `size`
/// neighbouring channels of X [N, C, D1, …] around each element.
public struct LRN: Operation {
  public static let name = "LRN"
  public static let operands: Signature = ["X"]

  /// The factor of the sum.
  public var alpha: Float = 1e-4
  /// The exponent.
  public var beta: Float = 0.75
  /// What is added to the sum.
  public var bias: Float = 1
  /// How many channels are summed.
  public var size = 0

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    _ = try operands.commonElement()
    let x = operands.first.shape
    try require(x.rank >= 2, "X should have a batch axis and channels, but has shape [\(x)]")
    try require(size != 0, "attribute size is missing")
    try require(size > 0, "size is \(size), but should be at least 1")
    return [operands.first.type]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first
    let channels = x.shape[1]
    let (before, after) = (min((size - 1) / 2, channels), min(size / 2, channels))
    let y = x.reals.mapLines(x.shape, axis: 1) { line in
      line.indices.map { channel in
        let neighbours = line[max(0, channel - before)...min(channels - 1, channel + after)]
        let sum = neighbours.reduce(0) { $0 + $1 * $1 }
        return line[channel] / pow(Double(bias) + Double(alpha) / Double(size) * sum, Double(beta))
      }
    }
    return [Tensor(results[0], reals: y)]
  }
}
