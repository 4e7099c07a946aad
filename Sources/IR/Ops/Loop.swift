/// What a graph makes of its state when it is run again and again: the last state, and what each run put out beside it,
/// as lists.
///
/// It is run `M` times, or as long as `cond` and the first output of the body are true, whichever ends first.
public struct Loop: ControlFlowOperation {
  public static let name = "Loop"
  public static let operands: Signature = ["M?", "cond?", "v_initial_and_captured...?"]

  /// What is run. Its inputs are the number of the run, the condition, the state and the captured operands; its outputs
  /// are the condition, the next state, and what is collected.
  public var body = Graph(name: "body")
  /// How many of the operands, the last ones, are captured: the same in each run. nnc's own attribute.
  public var captured = 0

  public init() {}

  /// Creates a loop.
  public init(body: Graph, captured: Int) {
    self.body = body
    self.captured = captured
  }

  public var bodies: [Graph] {
    get { [body] }
    set { body = newValue[0] }
  }

  /// How many tensors are the state, where there are so many operands.
  public func stateCount(operandCount: Int) -> Int { max(0, operandCount - 2 - captured) }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try operands.requireScalar(0, .i64, "M")
    try operands.requireScalar(1, .bool, "cond")
    try require(operands[0] != nil || operands[1] != nil, "the loop has neither a number of runs nor a condition")
    let others = operands.dropFirst(2).map { $0!.type }
    try require(
      (0...others.count).contains(captured), "captured is \(captured), but there are \(others.count) operands")
    try body.requireInputs([TensorType(.i64, []), TensorType(.bool, [])] + others, "body")
    let (types, state) = (body.outputTypes, Array(others.dropLast(captured)))
    try require(
      types.count > state.count, "body has \(types.count) outputs, but should have at least \(state.count + 1)")
    try require(
      types[0].element == .bool && types[0].elementCount == 1, "body returns \(types[0]) as condition, not one bool")
    for (index, type) in state.enumerated() {
      try require(
        types[index + 1] == type && body.type(of: body.inputs[index + 2].value) == type,
        "the state must keep its type: '\(body.inputs[index + 2].name)' is \(type) first and then \(types[index + 1])")
    }
    let collected = types.dropFirst(state.count + 1)
    guard !collected.isEmpty else { return state }
    guard let count = try knownRunCount(operands) else {
      throw Diagnostic(
        "how often the loop runs must be known when the model is compiled, because '\(body.outputs[state.count + 1].name)'"
          + " collects a value of each run")
    }
    return state + collected.map { TensorType($0.element, Shape([count] + $0.shape.extents)) }
  }

  /// How often the body is run, if that is the same in every run of the model.
  public func knownRunCount(_ operands: Operands<Operand>) throws -> Int? {
    guard let limit = try operands[0]?.known()?.ints[0] else { return nil }
    if let first = operands[1] {
      guard let known = try first.known() else { return nil }
      if known.ints[0] == 0 { return 0 }
    }
    let condition = body.outputs[0].value
    let staysTrue = try condition == body.inputs[1].value || body.knownTensor(condition)?.ints[0] == 1
    return staysTrue || limit <= 1 ? max(0, limit) : nil
  }

  /// More runs than this are taken to be without end.
  private static let maximumRunCount = 1 << 24

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    try run(operands, results, limit: Self.maximumRunCount)
  }

  public func knownResults(_ operands: Operands<Operand>, _ results: [TensorType]) throws -> [Tensor]? {
    guard let count = try knownRunCount(operands), count <= 1 << 12 else { return nil }
    let known = try operands.map { try $0?.known() }
    guard zip(operands, known).allSatisfy({ $0 == nil || $1 != nil }) else { return nil }
    return try run(Operands(known), results, limit: count)
  }

  private func run(_ operands: Operands<Tensor>, _ results: [TensorType], limit: Int) throws -> [Tensor] {
    let count = operands[0]?.ints[0] ?? Int.max
    let others = operands.dropFirst(2).map { $0! }
    let fixed = Array(others.suffix(captured))
    var state = Array(others.dropLast(captured))
    var condition = operands[1] ?? Tensor([true], shape: [])
    var collected = [[Tensor]](repeating: [], count: results.count - state.count)
    var number = 0
    while number < count, condition.ints[0] != 0 {
      try require(number < limit, "the loop does not end within \(limit) runs")
      let outputs = try body.call([Tensor(scalar: Int64(number)), condition] + state + fixed)
      condition = outputs[0]
      state = Array(outputs[1...state.count])
      for (index, output) in outputs[(state.count + 1)...].enumerated() { collected[index].append(output) }
      number += 1
    }
    return state + zip(collected, results.suffix(collected.count)).map { Tensor(stacking: $0, as: $1) }
  }
}

extension Tensor {
  /// The tensors one after the other along a new first axis.
  fileprivate init(stacking tensors: [Tensor], as type: TensorType) {
    self.init(type) { bytes in
      var offset = 0
      for tensor in tensors {
        tensor.withUnsafeBytes { source in
          bytes[offset..<offset + source.count].copyBytes(from: source)
          offset += source.count
        }
      }
    }
  }
}
