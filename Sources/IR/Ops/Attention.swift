/// Values V weighted by the softmax of the scaled products of queries Q and keys K, for several heads.
///
/// Q, K and V are [batch, heads, steps, size], or [batch, steps, heads * size] with the numbers of heads as attributes;
/// fewer heads of keys each serve several heads of queries. Keys and values of the past come before K and V. The mask
/// is added to the products, or of type bool is true where a key takes part; it is broadcast, and where its last axis
/// is shorter, further keys take no part. `nonpad_kv_seqlen` says how many keys of each sample take part.
///
/// Halves are computed in single precision, and rounded at the end.
public struct Attention: CompositeOperation {
  public static let name = "Attention"
  public static let operands: Signature = [
    "Q", "K", "V", "attn_mask?", "past_key?", "past_value?", "nonpad_kv_seqlen?",
  ]

  /// Whether a key takes part only if its step is not greater than that of the query.
  public var isCausal = false
  /// The number of heads of K and V, needed where they have no axis for it.
  public var kvNumHeads: Int?
  /// The number of heads of Q, needed where it has no axis for it.
  public var qNumHeads: Int?
  /// What the fourth result is: 0 the scaled products, 1 these after `softcap`, 2 after the mask, 3 after the softmax.
  public var qkMatmulOutputMode = 0
  /// The factor of the products; one over the root of the size of a head if it is not given.
  public var scale: Float?
  /// The bound within which `tanh` holds products; 0 for none.
  public var softcap: Float = 0
  /// The precision of the softmax, which is computed in that of the products where it is more.
  public var softmaxPrecision: ElementType?

  public init() {}

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    try checkAttributes()
    let types = (0..<3).map { body.type(operands.required($0)) }
    for (type, name) in zip(types, ["Q", "K", "V"]) {
      try require(type.element.isFloat, "\(name) is \(type), but should have floats")
      try require(type.shape.rank == types[0].shape.rank, "Q is \(types[0]), but \(name) is \(type)")
    }
    try require(types[0].element == types[1].element, "Q is \(types[0]), but K is \(types[1]), of another type")
    let element = types[0].element
    let wide = types[2].element == .f64 ? .f64 : element.computing
    let query = try body.heads(operands.first, qNumHeads, "Q", "q_num_heads")
    let key = try withPast(body.heads(operands.required(1), kvNumHeads, "K", "kv_num_heads"), 4, operands, &body)
    let value = try withPast(body.heads(operands.required(2), kvNumHeads, "V", "kv_num_heads"), 5, operands, &body)
    try body.requireHeads(query, key, value)

    let factor = attentionScale(scale, size: body.shape(query)[3])
    let products = try body.attentionScores(
      body.cast(query, to: wide), body.cast(key, to: wide), times: factor)
    let capped = try softcap == 0 ? products : body.softcap(products, at: Double(softcap))
    let masked = try masked(capped, operands, &body)
    let weights = try body.attentionWeights(masked, softmaxPrecision)
    let heads = try body.cast(body.attend(weights, body.cast(value, to: wide)), to: element)
    let result = try types[0].shape.rank == 4 ? heads : body.joinHeads(heads)
    let products4 = [products, capped, masked, weights][qkMatmulOutputMode]
    return [result, key, value, try body.cast(products4, to: element)]
  }

  private func checkAttributes() throws {
    try require(
      (0...3).contains(qkMatmulOutputMode),
      "qk_matmul_output_mode is \(qkMatmulOutputMode), but should be 0, 1, 2 or 3")
    try require(softcap >= 0 && softcap.isFinite, "softcap is \(softcap), but should be positive, or 0 for none")
    try requireFloat(precision: softmaxPrecision)
  }

  /// The steps of the past, the operand at `index`, and then those of `value`.
  private func withPast(
    _ value: Value, _ index: Int, _ operands: Operands<Value>, _ body: inout Expansion
  ) throws -> Value {
    try require(
      (operands[4] == nil) == (operands[5] == nil), "past_key and past_value belong together, but one is left out")
    guard let past = operands[index] else { return value }
    try require(
      operands[6] == nil,
      "nonpad_kv_seqlen is for caches outside of the operator, but there is \(Self.operands.name(at: index))")
    return try body.add(Concat(axis: 2), past, value)
  }

  /// The scores with -infinity for all keys that take no part, and with what the mask adds.
  private func masked(_ scores: Value, _ operands: Operands<Value>, _ body: inout Expansion) throws -> Value {
    var scores = scores
    let total = body.shape(scores)[3]
    if let mask = operands[3] { scores = try body.add(mask: mask, to: scores) }
    if isCausal {
      let past = operands[4].map { body.shape($0)[2] } ?? 0
      // A mask that lets everything through is none, as for the only step of a decoder.
      if total - 1 > past { scores = try body.add(CausalMask(past: past), scores) }
    }
    if let lengths = operands[6] {
      let type = body.type(lengths)
      let batch = body.shape(scores)[0]
      try require(
        type == TensorType(.i64, [batch]), "nonpad_kv_seqlen is \(type), but should be \(TensorType(.i64, [batch]))")
      let steps = try body.constant(Array(0..<total))
      scores = try body.mask(scores, body.add(Less(), steps, body.reshape(lengths, [batch, 1, 1, 1])))
    }
    return scores
  }
}

extension Expansion {
  /// `scores` held between -bound and bound by `tanh`.
  mutating func softcap(_ scores: Value, at bound: Double) throws -> Value {
    try scale(add(Tanh(), scale(scores, by: 1 / bound)), by: bound)
  }

  /// `scores` with a mask, which may be shorter along the last axis.
  fileprivate mutating func add(mask: Value, to scores: Value) throws -> Value {
    let type = type(mask)
    let (shape, element) = (shape(scores), self.type(scores).element)
    try require(type.element == .bool || type.element.isFloat, "attn_mask is \(type), but should have bools or floats")
    var mask = type.element == .bool ? mask : try cast(mask, to: element)
    if let last = type.shape.last, last < shape[3] {
      let pads = [Int](repeating: 0, count: 2 * type.shape.rank - 1) + [shape[3] - last]
      let filling = try constant(type.element == .bool ? 0 : -.infinity, self.type(mask).element)
      mask = try add(Pad(), mask, constant(pads), filling)
    }
    try require(
      (try? Shape.broadcast([shape, self.shape(mask)])) == shape,
      "attn_mask [\(type.shape)] cannot be broadcast to the products [\(shape)] of queries and keys")
    return type.element == .bool ? try self.mask(scores, mask) : try add(Add(), scores, mask)
  }
}
