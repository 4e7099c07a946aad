/// Values V weighted by the softmax of the scaled products of queries Q and keys K, all [batch, heads, steps, size], where
/// graphs may change the products and the weights.
///
/// Fewer heads of keys each serve several heads of queries.
public struct FlexAttention: CompositeOperation, ControlFlowOperation {
  public static let name = "ai.onnx.preview.FlexAttention"
  public static let operands: Signature = ["Q", "K", "V", "captured...?"]

  /// What becomes of the weights. Its inputs are these and the captured operands.
  public var probMod: Graph?
  /// The factor of the products; one over the root of the size of a head if it is not given.
  public var scale: Float?
  /// What becomes of the products. Its inputs are these and the captured operands.
  public var scoreMod: Graph?
  /// The type in which products are changed and weights are computed; f64 for that, and f32 for others, if not given.
  public var softmaxPrecision: ElementType?

  public init() {}

  public var bodies: [Graph] {
    get { [probMod, scoreMod].compactMap { $0 } }
    set {
      if probMod != nil { probMod = newValue.first }
      if scoreMod != nil { scoreMod = newValue.last }
    }
  }

  /// The type of the products, and of the weights, of queries and keys.
  ///
  /// - Throws: A diagnostic if there is none for these types.
  public func scoreType(_ query: TensorType, _ key: TensorType) throws -> TensorType {
    try requireFloat(precision: softmaxPrecision)
    for (type, name) in [(query, "Q"), (key, "K")] {
      try require(
        type.element == query.element && type.element.isFloat && type.shape.rank == 4,
        "\(name) is \(type), but should have 4 axes, and floats of one type for Q and K")
    }
    let (q, k) = (query.shape, key.shape)
    return TensorType(softmaxPrecision ?? query.element.computing, [q[0], q[1], q[2], k[2]])
  }

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    let (q, k, v) = (operands.first, operands.required(1), operands.required(2))
    let element = body.type(q).element
    let type = try scoreType(body.type(q), body.type(k))
    try require(
      body.type(v).element == element && body.shape(v).rank == 4,
      "V is \(body.type(v)), but should have 4 axes and elements of type \(element) as Q and K")
    try body.requireHeads(q, k, v)

    let wide = element.computing
    let captured = operands.dropFirst(3).map { $0! }
    var scores = try body.attentionScores(
      body.cast(q, to: wide), body.cast(k, to: wide), times: attentionScale(scale, size: body.shape(q)[3]))
    scores = try body.cast(scores, to: type.element)
    if let scoreMod { scores = try body.apply(scoreMod, "score_mod", to: scores, captured) }
    var weights = try body.attentionWeights(scores, nil)
    if let probMod { weights = try body.apply(probMod, "prob_mod", to: weights, captured) }
    let sums = try body.attend(body.cast(weights, to: wide), body.cast(v, to: wide))
    return [try body.cast(sums, to: element)]
  }
}

extension Expansion {
  /// The only output of a graph that keeps the type of its first input.
  fileprivate mutating func apply(_ mod: Graph, _ name: String, to value: Value, _ captured: [Value]) throws -> Value {
    let type = type(value)
    try mod.requireInputs([type] + captured.map(self.type), name)
    try require(
      mod.outputTypes == [type],
      "\(name) has outputs \(mod.outputTypes.map(\.description).joined(separator: ", ")), but should have one, \(type)")
    return try inline(mod, [value] + captured)[0]
  }
}
