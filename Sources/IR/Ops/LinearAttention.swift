import Glibc

/// Attention without softmax, by a state for each head that every step changes and then reads.
///
/// Query, key and value are [batch, steps, heads * size]; the state is [batch, heads of keys, size of keys, size of
/// values], 0 where it is not given. A step multiplies the state by `exp(decay)`, adds the product of its key and its
/// value, of which first the value that the state gives for the key is subtracted and which is then multiplied by
/// `beta`, and reads the product of its query and the state. Which of these it does is the rule.
public struct LinearAttention: Operation {
  public static let name = "LinearAttention"
  public static let operands: Signature = ["query", "key", "value", "past_state?", "decay?", "beta?"]

  /// How a step changes the state.
  public enum Rule: String, CaseIterable, Codable, Sendable {
    /// It adds the product.
    case linear
    /// It lets the state decay first.
    case gated
    /// It adds the product of the key and what the value differs from that of the state.
    case delta
    /// Both.
    case gatedDelta = "gated_delta"

    var hasDecay: Bool { self == .gated || self == .gatedDelta }
    var hasBeta: Bool { self == .delta || self == .gatedDelta }
  }

  /// How many steps ONNX suggests to compute together, without effect.
  public var chunkSize = 64
  /// The number of heads of keys and values. There is no default.
  public var kvNumHeads: Int?
  /// The number of heads of queries, a multiple of that of keys. There is no default.
  public var qNumHeads: Int?
  /// The factor of what is read; one over the root of the size of a key where 0.
  public var scale: Float = 0
  /// How a step changes the state.
  public var updateRule = Rule.gatedDelta

  public init() {}

  /// The sizes of everything.
  public struct Geometry {
    /// How many samples, steps, heads of queries for each head of keys, and heads of keys there are.
    public let batch: Int, steps: Int, group: Int, heads: Int
    /// How many elements a key and a value have.
    public let keySize: Int, valueSize: Int
    /// How many numbers of decay there are for each head and of beta for each step.
    public let decays: Int, betas: Int
    /// The factor of what is read.
    public let scale: Double

    /// The shapes of the output and the state.
    var output: Shape { [batch, steps, group * heads * valueSize] }
    var state: Shape { [batch, heads, keySize, valueSize] }
  }

  /// The sizes of everything.
  ///
  /// - Throws: A diagnostic if operands do not fit each other.
  public func geometry<Item>(_ operands: Operands<Item>, _ shape: (Item) -> Shape) throws -> Geometry {
    guard let heads = kvNumHeads, let queries = qNumHeads else {
      throw Diagnostic("attributes 'q_num_heads' and 'kv_num_heads' are needed, but missing")
    }
    try require(
      heads >= 1 && queries >= 1 && queries % heads == 0,
      "there are \(queries) heads of queries, but that should be a multiple of the \(heads) heads of keys")
    let (q, k, v) = (shape(operands.first), shape(operands.required(1)), shape(operands.required(2)))
    try require(
      [q, k, v].allSatisfy { $0.rank == 3 && $0.extents.prefix(2) == q.extents.prefix(2) },
      "query [\(q)], key [\(k)] and value [\(v)] should be [batch, steps, heads * size], with the same batch and steps")
    try require(
      q[2] % queries == 0 && k[2] % heads == 0 && v[2] % heads == 0 && q[2] / queries == k[2] / heads && k[2] > 0,
      "query [\(q)], key [\(k)] and value [\(v)] should have heads of the same size for queries and keys, of which "
        + "there are \(queries) and \(heads)")
    let size = k[2] / heads
    for (index, name, isUsed) in [(4, "decay", updateRule.hasDecay), (5, "beta", updateRule.hasBeta)] {
      try require(
        (operands[index] != nil) == isUsed,
        "update_rule is \(updateRule.rawValue), which \(isUsed ? "needs" : "has no") operand '\(name)'")
    }
    return Geometry(
      batch: q[0], steps: q[1], group: queries / heads, heads: heads, keySize: size, valueSize: v[2] / heads,
      decays: try gates(operands[4].map(shape), "decay", q, [heads, heads * size]) / heads,
      betas: try gates(operands[5].map(shape), "beta", q, [heads, 1]),
      scale: scale == 0 ? 1 / Double(size).squareRoot() : Double(scale))
  }

  /// How many numbers of gates there are for each step: one of `possible`.
  private func gates(_ shape: Shape?, _ name: String, _ query: Shape, _ possible: [Int]) throws -> Int {
    guard let shape else { return 0 }
    try require(
      shape.rank == 3 && shape.extents.prefix(2) == query.extents.prefix(2) && possible.contains(shape[2]),
      "\(name) is [\(shape)], but should be [\(query[0])x\(query[1])x\(possible[0])] or with \(possible[1]) at the end")
    return shape[2]
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    for (index, operand) in operands.enumerated() {
      guard let operand else { continue }
      try require(
        operand.element.isFloat && (index == 3 || operand.element == operands.first.element),
        "\(Self.operands.name(at: index)) is \(operand.type), but should have floats of one type")
    }
    let geometry = try geometry(operands, \.shape)
    try operands.requireShape(3, "past_state", is: geometry.state, because: "of the shapes of query, key and value")
    let element = operands.first.element
    return [TensorType(element, geometry.output), TensorType(operands[3]?.element ?? element, geometry.state)]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let size = try geometry(operands, \.shape)
    let numbers = operands.map { $0?.reals ?? [] } + [[], [], []]
    var state = operands[3]?.reals ?? [Double](repeating: 0, count: results[1].elementCount)
    var output = [Double](repeating: 0, count: results[0].elementCount)
    for sample in 0..<size.batch {
      for head in 0..<size.heads {
        for step in 0..<size.steps {
          let place = sample * size.steps + step
          advance(&state, numbers, size, place, head, (sample * size.heads + head) * size.keySize * size.valueSize)
          read(state, numbers[0], into: &output, size, place, head)
        }
      }
    }
    return [Tensor(results[0], reals: output), Tensor(results[1], reals: state)]
  }

  /// Changes the state of a head, which begins at `start`, as the step at `place` says.
  private func advance(
    _ state: inout [Double], _ numbers: [[Double]], _ size: Geometry, _ place: Int, _ head: Int, _ start: Int
  ) {
    let key = (0..<size.keySize).map { numbers[1][(place * size.heads + head) * size.keySize + $0] }
    for row in 0..<(updateRule.hasDecay ? size.keySize : 0) {
      let decay = numbers[4][(place * size.heads + head) * size.decays + (size.decays == 1 ? 0 : row)]
      for column in 0..<size.valueSize { state[start + row * size.valueSize + column] *= exp(decay) }
    }
    for column in 0..<size.valueSize {
      var value = numbers[2][(place * size.heads + head) * size.valueSize + column]
      if updateRule.hasBeta {
        for row in 0..<size.keySize { value -= state[start + row * size.valueSize + column] * key[row] }
        value *= numbers[5][place * size.betas + (size.betas == 1 ? 0 : head)]
      }
      for row in 0..<size.keySize { state[start + row * size.valueSize + column] += key[row] * value }
    }
  }

  /// Adds to `output` what the queries of a step read from the state of a head.
  private func read(
    _ state: [Double], _ query: [Double], into output: inout [Double], _ size: Geometry, _ place: Int, _ head: Int
  ) {
    let start = (place / size.steps * size.heads + head) * size.keySize * size.valueSize
    for index in 0..<size.group {
      let from = (place * size.heads + head) * size.group + index
      for column in 0..<size.valueSize {
        let sum = (0..<size.keySize).reduce(0.0) { sum, row in
          sum + query[from * size.keySize + row] * state[start + row * size.valueSize + column]
        }
        output[from * size.valueSize + column] = size.scale * sum
      }
    }
  }
}
