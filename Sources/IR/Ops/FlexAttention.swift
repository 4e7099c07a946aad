/// Values V weighted by the softmax of the scaled products of queries Q and keys K, all [batch, heads, steps, size].
///
/// Fewer heads of keys each serve several heads of queries. Halves are computed in single precision, and rounded at the
/// end.
public struct FlexAttention: CompositeOperation {
  public static let name = "ai.onnx.preview.FlexAttention"
  public static let operands: Signature = ["Q", "K", "V"]

  /// The factor of the products; one over the root of the size of a head if it is not given.
  public var scale: Float?
  /// The precision of the softmax, which is computed in that of the products where it is more.
  public var softmaxPrecision: ElementType?

  public init() {}

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    let types = operands.all.map(body.type)
    try requireFloat(precision: softmaxPrecision)
    for (type, name) in zip(types, ["Q", "K", "V"]) {
      try require(
        type.element == types[0].element && type.element.isFloat && type.shape.rank == 4,
        "\(name) is \(type), but should have 4 axes and floats of the same type as Q, which is \(types[0])")
    }
    let wide = types[0].element.computing
    let (q, k, v) = (operands.first, operands.required(1), operands.required(2))
    try body.requireHeads(q, k, v)
    let scores = try body.attentionScores(
      body.cast(q, to: wide), body.cast(k, to: wide), times: attentionScale(scale, size: types[0].shape[3]))
    let weights = try body.attentionWeights(scores, softmaxPrecision)
    return [try body.cast(body.attend(weights, body.cast(v, to: wide)), to: types[2].element)]
  }
}
