/// Attention of heads that were computed before: query [batch, steps, size], key and value the same with other steps,
/// or with an axis of heads already. The results are the output [batch, steps, size] and the keys and values with those
/// of the past.
public struct MultiHeadAttention: CompositeOperation {
  public static let name = "com.microsoft.MultiHeadAttention"
  public static let operands: Signature = [
    "query", "key?", "value?", "bias?", "key_padding_mask?", "attention_bias?", "past_key?", "past_value?",
  ]
  /// What is added to the products of keys that take no part.
  public var maskFilterValue: Float = -10000
  /// The number of heads. There is no default.
  public var numHeads: Int?
  /// The factor of the products; one over the root of the size of a head if it is not given, or 0.
  public var scale: Float?
  /// Whether a key takes part only if its step is not greater than that of the query.
  public var unidirectional = false
  public init() {}

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    guard let numHeads else { throw Diagnostic("attribute 'num_heads' is missing") }
    guard let key = operands[1], let value = operands[2] else {
      throw Diagnostic("key and value are needed; a query that holds them too is not supported")
    }
    let given = [operands.first, key, value]
    try require(
      body.shape(given[0]).rank == 3,
      "query has shape [\(body.shape(given[0]))], but should be [batch, steps, size]; "
        + "one that is packed is not supported"
    )
    var start = 0
    var heads: [Value] = []
    for (part, name) in zip(given, ["query", "key", "value"]) {
      var part = part
      let shape = body.shape(part)
      if let bias = operands[3], shape.rank == 3 {
        part = try body.sum(part, body.slice(bias, axis: 0, from: start, to: start + shape[2]))
        start += shape[2]
      }
      heads.append(try body.heads(part, numHeads, name, "num_heads"))
    }
    if let bias = operands[3] {
      try require(
        body.shape(bias) == [start], "bias has shape [\(body.shape(bias))], but should have the \(start) sums")
    }
    let core = FusedAttention(filter: maskFilterValue, scale: scale, isCausal: unidirectional)
    return try core.add(
      heads, mask: operands[4], bias: operands[5], past: (operands[6], operands[7]), in: &body)
  }
}

/// Attention of the products of an input [batch, steps, size] with weights [size, sizes of queries, keys and values].
///
/// The results are the output [batch, steps, size] and the keys and values with those of the past, [2, batch, heads,
/// steps, size].
public struct ContribAttention: CompositeOperation {
  public static let name = "com.microsoft.Attention"
  public static let operands: Signature = ["input", "weights", "bias?", "mask_index?", "past?", "attention_bias?"]
  /// Whether heads are rotated by their position; must be false.
  public var doRotary = false
  /// What is added to the products of keys that take no part.
  public var maskFilterValue: Float = -10000
  /// The number of heads. There is no default.
  public var numHeads: Int?
  /// Whether the past and the present lie in one array; must be false.
  public var pastPresentShareBuffer = false
  /// The sizes of queries, keys and values; a third of the weights each where empty.
  public var qkvHiddenSizes: [Int] = []
  /// How many elements of each head are rotated, without effect.
  public var rotaryEmbeddingDim = 0
  /// The factor of the products; one over the root of the size of a head if it is not given, or 0.
  public var scale: Float?
  /// Whether a key takes part only if its step is not greater than that of the query.
  public var unidirectional = false
  public init() {}

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    guard let numHeads else { throw Diagnostic("attribute 'num_heads' is missing") }
    try require(!doRotary && !pastPresentShareBuffer, "do_rotary and past_present_share_buffer are not supported")
    let (input, weights) = (body.shape(operands.first), body.shape(operands.required(1)))
    try require(
      input.rank == 3 && weights.rank == 2 && weights[0] == input[2],
      "input [\(input)] and weights [\(weights)] should be [batch, steps, size] and [size, sizes of heads]")
    let sizes = qkvHiddenSizes.isEmpty ? [Int](repeating: weights[1] / 3, count: 3) : qkvHiddenSizes
    try require(
      sizes.count == 3 && sizes.allSatisfy { (0...weights[1]).contains($0) } && sizes.reduce(0, +) == weights[1],
      "the sizes \(sizes) of queries, keys and values should make the \(weights[1]) columns of weights")
    let products = try body.sum(body.add(MatMul(), operands.first, operands[1]), operands[2])
    var start = 0
    let heads = try sizes.map { size in
      defer { start += size }
      let part = try body.slice(products, axis: 2, from: start, to: start + size)
      return try body.heads(part, numHeads, "input", "num_heads")
    }
    let past = try operands[4].map { past in
      try require(body.shape(past).first == 2, "past has shape [\(body.shape(past))], but should be keys and values")
      return try (0...1).map { try body.add(Gather(), past, body.constant(Tensor(scalar: Int64($0)))) }
    }
    let core = FusedAttention(filter: maskFilterValue, scale: scale, isCausal: unidirectional)
    let results = try core.add(
      heads, mask: operands[3], bias: operands[5], past: (past?[0], past?[1]), in: &body)
    guard body.shape(results[1]) == body.shape(results[2]) else { return [results[0]] }
    let parts = try results[1...].map { try body.reshape($0, [1] + body.shape($0).extents) }
    return [results[0], try body.add(Concat(axis: 0), parts[0], parts[1])]
  }
}

/// What the attentions of the contributed operators have in common.
private struct FusedAttention {
  let filter: Float
  let scale: Float?
  let isCausal: Bool

  /// Adds the attention of heads [batch, heads, steps, size] of queries, keys and values.
  ///
  /// The mask tells by numbers that are not 0 which keys take part, [batch, steps of keys] or [batch, steps, steps of
  /// keys]; or how many do, [batch]. The results are the output, the keys and the values, with those of the past.
  func add(
    _ heads: [Value], mask: Value?, bias: Value?, past: (key: Value?, value: Value?), in body: inout Expansion
  ) throws -> [Value] {
    try require((past.key == nil) == (past.value == nil), "keys and values of the past belong together")
    let key = try past.key.map { try body.add(Concat(axis: 2), $0, heads[1]) } ?? heads[1]
    let value = try past.value.map { try body.add(Concat(axis: 2), $0, heads[2]) } ?? heads[2]
    try body.requireHeads(heads[0], key, value)
    let factor = attentionScale(scale == 0 ? nil : scale, size: body.shape(heads[0])[3])
    var scores = try body.attentionScores(heads[0], key, times: factor)
    let shape = body.shape(scores)
    if let mask { scores = try body.sum(scores, additive(mask, shape, body.type(scores).element, &body)) }
    scores = try body.sum(scores, bias)
    try require(body.shape(scores) == shape, "attention_bias cannot be broadcast to the products [\(shape)]")
    let pastSteps = past.key.map { body.shape($0)[2] } ?? 0
    if isCausal, shape[3] - 1 > pastSteps { scores = try body.add(CausalMask(past: pastSteps), scores) }
    let output = try body.attend(body.attentionWeights(scores, nil), value)
    return [try body.joinHeads(output), key, value]
  }

  /// What the mask adds to products of the given shape.
  private func additive(
    _ mask: Value, _ shape: Shape, _ element: ElementType, _ body: inout Expansion
  ) throws -> Value {
    let found = body.type(mask)
    try require(found.element == .i32 || found.element == .i64, "the mask is \(found), but should have integers")
    let (batch, steps, total) = (shape[0], shape[2], shape[3])
    let zero = try body.constant(0, found.element)
    let allowed: Value
    switch found.shape {
    case [batch]:
      let places = try body.cast(body.constant(Array(0..<total)), to: found.element)
      allowed = try body.add(Less(), places, body.reshape(mask, [batch, 1, 1, 1]))
    case [batch, total]: allowed = try body.add(Greater(), body.reshape(mask, [batch, 1, 1, total]), zero)
    case [batch, steps, total]: allowed = try body.add(Greater(), body.reshape(mask, [batch, 1, steps, total]), zero)
    default:
      throw Diagnostic(
        "the mask has shape [\(found.shape)], but should be [\(batch)], [\(batch)x\(total)] "
          + "or [\(batch)x\(steps)x\(total)]"
      )
    }
    let numbers = try [0, Double(filter)].map { try body.constant($0, element) }
    return try body.add(Where(), allowed, numbers[0], numbers[1])
  }
}

/// As `RotaryEmbedding`, with operands in another order. One position for all samples is that of the first step.
public struct ContribRotaryEmbedding: CompositeOperation {
  public static let name = "com.microsoft.RotaryEmbedding"
  public static let operands: Signature = ["input", "position_ids", "cos_cache", "sin_cache"]
  /// Whether neighbours are a pair; otherwise an element of the first half and one of the second.
  public var interleaved = false
  /// Whether samples of different lengths are packed; must be false.
  public var isPackedBatching = false
  /// The number of heads; where 0, as many as have pairs for all angles.
  public var numHeads = 0
  /// How many elements of each head are rotated; all where 0.
  public var rotaryEmbeddingDim = 0
  /// The factor of angles, without effect.
  public var scale: Float = 1
  public init() {}

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    try require(!isPackedBatching && scale == 1, "is_packed_batching and scale are not supported")
    let (x, cache) = (body.shape(operands.first), body.shape(operands.required(2)))
    try require((3...4).contains(x.rank) && cache.rank == 2, "input [\(x)] or cos_cache [\(cache)] has a wrong shape")
    var positions = operands.required(1)
    if body.shape(positions) == [1] {
      let steps = try body.constant(Array(0..<x[x.rank == 4 ? 2 : 1]))
      let sum = try body.add(Add(), positions, body.cast(steps, to: body.type(positions).element))
      positions = try body.reshape(sum, [1, body.shape(sum)[0]])
    }
    let rotation = Rotation(
      isInterleaved: interleaved, size: rotaryEmbeddingDim,
      heads: numHeads != 0 ? numHeads : x.rank == 3 ? x[2] / max(1, 2 * cache[1]) : nil)
    return [
      try body.rotate(
        operands.first, cos: operands.required(2), sin: operands.required(3), positions: positions, rotation)
    ]
  }
}
