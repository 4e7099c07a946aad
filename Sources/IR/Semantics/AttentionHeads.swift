/// What all kinds of attention compute, on tensors [batch, heads, steps, size].
///
/// Each head of keys and values may serve several neighbouring heads of queries. These are then one head with as many
/// times the steps, so that no key and no value is ever repeated in memory.
extension Expansion {
  /// The heads of a tensor [batch, steps, heads * size], as [batch, heads, steps, size].
  ///
  /// A tensor with four axes has them already.
  mutating func heads(_ value: Value, _ count: Int?, _ name: String, _ attribute: String) throws -> Value {
    let shape = shape(value)
    if shape.rank == 4 {
      try require(
        count == nil || count == shape[1], "\(attribute) is \(count ?? 0), but \(name) [\(shape)] has \(shape[1]) heads"
      )
      return value
    }
    try require(shape.rank == 3, "\(name) has shape [\(shape)], but should have 3 or 4 axes")
    guard let count else { throw Diagnostic("\(name) [\(shape)] has no axis of heads, so \(attribute) is needed") }
    try require(
      count >= 1 && shape[2] % count == 0,
      "\(attribute) is \(count), but should divide the \(shape[2]) elements of the last axis of \(name) [\(shape)]")
    return try transpose(reshape(value, [shape[0], shape[1], count, shape[2] / count]), [0, 2, 1, 3])
  }

  /// The tensor [batch, steps, heads * size] of heads [batch, heads, steps, size].
  mutating func joinHeads(_ value: Value) throws -> Value {
    let shape = shape(value)
    let size = try checkedProduct(shape[1], shape[3], of: "the size of all heads")
    return try reshape(transpose(value, [0, 2, 1, 3]), [shape[0], shape[2], size])
  }

  /// Throws unless heads of queries, keys and values fit each other.
  func requireHeads(_ query: Value, _ key: Value, _ value: Value) throws {
    let (q, k, v) = (shape(query), shape(key), shape(value))
    try require(
      q[0] == k[0] && k[0] == v[0] && k[1] == v[1] && k[2] == v[2] && q[3] == k[3],
      "the heads of queries [\(q)], keys [\(k)] and values [\(v)] do not fit each other: they should be "
        + "[batch, heads, steps, size], with as many heads and steps of keys as of values, and keys as large as queries"
    )
    try require(
      k[1] >= 1 && q[1] % k[1] == 0, "the \(k[1]) heads of keys should divide the \(q[1]) heads of queries")
    try require(q[3] >= 1, "heads should have at least one element, but queries are [\(q)]")
  }

  /// The products of all queries and keys, times `factor`: [batch, heads of queries, steps, steps of keys].
  mutating func attentionScores(_ query: Value, _ key: Value, times factor: Double) throws -> Value {
    let (q, k) = (shape(query), shape(key))
    let rows = try reshape(scale(query, by: factor), [k[0], k[1], q[1] / k[1] * q[2], q[3]])
    return try reshape(add(MatMul(), rows, transpose(key, [0, 1, 3, 2])), [q[0], q[1], q[2], k[2]])
  }

  /// The sums of values, weighted by `weights` [batch, heads of queries, steps, steps of values].
  mutating func attend(_ weights: Value, _ value: Value) throws -> Value {
    let (w, v) = (shape(weights), shape(value))
    let rows = try reshape(weights, [v[0], v[1], w[1] / v[1] * w[2], w[3]])
    return try reshape(add(MatMul(), rows, value), [w[0], w[1], w[2], v[3]])
  }

  /// `scores`, and where `allowed`, which is broadcast, is false, -infinity.
  mutating func mask(_ scores: Value, _ allowed: Value) throws -> Value {
    try add(Where(), allowed, scores, constant(-.infinity, type(scores).element))
  }

  /// `weights` of a softmax over the last axis of `scores`, computed in `precision` where that is more.
  mutating func attentionWeights(_ scores: Value, _ precision: ElementType?) throws -> Value {
    let element = type(scores).element
    let wide = precision == .f64 ? .f64 : element
    var softmax = Softmax()
    softmax.axis = -1
    return try cast(add(softmax, cast(scores, to: wide)), to: element)
  }
}

/// The factor by which products of queries and keys of `size` elements are multiplied, if it is not given.
func attentionScale(_ given: Float?, size: Int) -> Double { given.map(Double.init) ?? 1 / Double(size).squareRoot() }

/// Throws unless `precision`, if it is given, is a type of floats.
func requireFloat(precision: ElementType?) throws(Diagnostic) {
  try require(
    precision?.isFloat ?? true, "softmax_precision is \(precision?.rawValue ?? ""), but should be a type of floats")
}
