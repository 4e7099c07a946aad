/// The pairs of elements of each head of X, rotated by angles whose cosines and sines are given for each step.
///
/// X is [batch, heads, steps, size] or [batch, steps, heads * size]. The angles are [batch, steps, pairs], or with
/// `position_ids` [batch, steps] tables [positions, pairs].
public struct RotaryEmbedding: CompositeOperation {
  public static let name = "RotaryEmbedding"
  public static let operands: Signature = ["X", "cos_cache", "sin_cache", "position_ids?"]

  /// Whether neighbours are a pair; otherwise an element of the first half and one of the second.
  public var interleaved = false
  /// The number of heads, needed where X has no axis for it.
  public var numHeads: Int?
  /// How many elements of each head are rotated; all where 0.
  public var rotaryEmbeddingDim = 0

  public init() {}

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    let rotation = Rotation(isInterleaved: interleaved, size: rotaryEmbeddingDim, heads: numHeads)
    return [
      try body.rotate(
        operands.first, cos: operands.required(1), sin: operands.required(2), positions: operands[3], rotation)
    ]
  }
}
