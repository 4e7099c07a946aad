/// X divided by the root of its mean square over the axes from `axis` on, times scale; and one over that root.
public struct SimplifiedLayerNormalization: CompositeOperation {
  public static let name = "SimplifiedLayerNormalization"
  public static let operands: Signature = ["X", "scale"]
  /// The first of the axes that are normalized together.
  public var axis = -1
  /// What is added to the mean square.
  public var epsilon: Float = 1e-5
  /// The type in which it is computed, by its number in ONNX; nnc computes in single precision or more.
  public var stashType = 1
  public init() {}

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    let x = operands.first
    var op = RMSNormalization()
    (op.axis, op.epsilon, op.stashType) = (axis, epsilon, stashType)
    let result = try body.add(op, x, operands[1])
    return [result, try body.inverseRoot(x, axis: axis, epsilon)]
  }
}

/// The normalization of `input + skip + bias` over the last axis, times gamma plus beta; its mean and one over its
/// deviation; and the sum itself.
public struct SkipLayerNormalization: CompositeOperation {
  public static let name = "com.microsoft.SkipLayerNormalization"
  public static let operands: Signature = ["input", "skip", "gamma", "beta?", "bias?"]
  /// What is added to the variance.
  public var epsilon: Float = 1e-12
  public init() {}

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    let sum = try body.skipSum(operands.first, operands.required(1), operands[4])
    var op = LayerNormalization()
    op.epsilon = epsilon
    return try body.addAll(op, [sum, operands[2], operands[3]]) + [sum]
  }
}

/// `input + skip + bias` divided by the root of its mean square over the last axis, times gamma; 0, as its mean is not
/// removed; one over that root; and the sum itself.
public struct SkipSimplifiedLayerNormalization: CompositeOperation {
  public static let name = "com.microsoft.SkipSimplifiedLayerNormalization"
  public static let operands: Signature = ["input", "skip", "gamma", "bias?"]
  /// What is added to the mean square.
  public var epsilon: Float = 1e-12
  public init() {}

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    let sum = try body.skipSum(operands.first, operands.required(1), operands[3])
    var op = RMSNormalization()
    op.epsilon = epsilon
    let inverse = try body.inverseRoot(sum, axis: -1, epsilon)
    let zero = try body.constant(0, body.type(inverse).element)
    let shape = try body.constant(body.shape(inverse).extents)
    return [try body.add(op, sum, operands[2]), try body.add(Expand(), zero, shape), inverse, sum]
  }
}

/// The normalized sum of the embeddings of words, positions and segments, times gamma plus beta; how many words the
/// mask lets through in each sample; and the sum itself.
///
/// The tables have a row for each word, position and segment.
public struct EmbedLayerNormalization: CompositeOperation {
  public static let name = "com.microsoft.EmbedLayerNormalization"
  public static let operands: Signature = [
    "input_ids", "segment_ids?", "word_embedding", "position_embedding", "segment_embedding?", "gamma", "beta", "mask?",
    "position_ids?",
  ]
  /// What is added to the variance.
  public var epsilon: Float = 1e-12
  /// What the second result counts, which it does without this as well.
  public var maskIndexType = 0
  public init() {}

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    let ids = body.shape(operands.first)
    try require(ids.rank == 2, "input_ids has shape [\(ids)], but should be [batch, words]")
    try require(
      (operands[1] == nil) == (operands[4] == nil),
      "segment_ids and segment_embedding belong together, but one is left out")
    var sum = try body.add(Gather(), operands[2], operands.first)
    if let positions = operands[8] {
      sum = try body.sum(sum, body.add(Gather(), operands[3], positions))
    } else {
      let table = body.shape(operands.required(3))
      try require(
        table.rank == 2 && table[0] >= ids[1],
        "position_embedding has shape [\(table)], but should have a row for each of \(ids[1]) positions")
      sum = try body.sum(sum, body.slice(operands.required(3), axis: 0, from: 0, to: ids[1]))
    }
    if let segments = operands[1] { sum = try body.sum(sum, body.add(Gather(), operands[4], segments)) }
    var op = LayerNormalization()
    op.epsilon = epsilon
    var count = ReduceSum()
    count.keepdims = false
    let mask = try operands[7].map { try body.add(count, $0, body.constant([1])) }
    let none = try mask ?? body.constant(Tensor([Int32](repeating: 0, count: ids[0])))
    return [try body.add(op, sum, operands[5], operands[6]), none, sum]
  }
}

extension Expansion {
  /// The sum that is normalized, of which `skip` may be the same for all samples.
  fileprivate mutating func skipSum(_ input: Value, _ skip: Value, _ bias: Value?) throws -> Value {
    let result = try sum(sum(input, skip), bias)
    try require(
      shape(result) == shape(input),
      "input has shape [\(shape(input))], which skip [\(shape(skip))] and bias should not extend")
    return result
  }

  /// One over the root of the mean square over the axes from `axis` on.
  fileprivate mutating func inverseRoot(_ value: Value, axis: Int, _ epsilon: Float) throws -> Value {
    let type = type(value)
    let wide = try cast(value, to: type.element.computing)
    let axes = try constant(Array(try type.shape.existingAxis(axis)..<type.shape.rank))
    let mean = try add(ReduceMean(), add(Mul(), wide, wide), axes)
    return try add(Reciprocal(), add(Sqrt(), add(Add(), mean, constant(Double(epsilon), self.type(wide).element))))
  }
}
