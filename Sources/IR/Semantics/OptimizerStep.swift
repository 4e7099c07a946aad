/// What an optimizer knows of one of its tensors, as values of a definition.
struct OptimizerStep {
  /// The tensor.
  let x: Value
  /// What is kept of it between steps.
  let states: [Value]
  /// The learning rate, a scalar of the tensor's type.
  let rate: Value
  /// How many steps were made, a scalar of the tensor's type.
  let count: Value
  /// The gradient, with that of the norm of the tensor.
  let gradient: Value

  /// The tensors of an optimizer whose operands are a learning rate R, a count T, and a list of tensors, of their
  /// gradients, and of each of `states` states.
  static func all(
    _ operands: Operands<Value>, states: Int, normCoefficient: Float, in body: inout Expansion
  ) throws -> [OptimizerStep] {
    let lists = 2 + states
    let count = (operands.count - 2) / lists
    try require(
      operands.count == 2 + lists * count && count > 0,
      "takes a rate, a count and \(lists) operands for each tensor, but has \(operands.count) operands")
    return try (0..<count).map { index in
      let parts = (0..<lists).map { operands.required(2 + index + $0 * count) }
      let type = body.type(parts[0])
      for part in parts {
        try require(
          type.element.isFloat && body.type(part) == type,
          "a tensor is \(type) and what belongs to it \(body.type(part)), but they should be floats of one type")
      }
      let weighted = try body.scale(parts[0], by: Double(normCoefficient))
      return OptimizerStep(
        x: parts[0], states: Array(parts[2...]), rate: try scalar(operands.first, "R", type.element, &body),
        count: try scalar(operands.required(1), "T", type.element, &body),
        gradient: normCoefficient == 0 ? parts[1] : try body.add(Add(), weighted, parts[1]))
    }
  }

  private static func scalar(
    _ value: Value, _ name: String, _ element: ElementType, _ body: inout Expansion
  ) throws -> Value {
    let type = body.type(value)
    try require(type.elementCount == 1, "\(name) is \(type), but should be a scalar")
    return try body.cast(body.reshape(value, []), to: element)
  }

  /// `first` before the first step, and `later` after it.
  func select(_ first: Value, _ later: Value, in body: inout Expansion) throws -> Value {
    let zero = try body.constant(0, body.type(count).element)
    return try body.add(Where(), body.add(Greater(), count, zero), later, first)
  }

  /// Where `state` is between `a` (weight `part`) and `b` (the rest of the weight).
  static func blend(_ a: Value, _ b: Value, _ part: Float, in body: inout Expansion) throws -> Value {
    try body.add(Add(), body.scale(a, by: Double(part)), body.scale(b, by: 1 - Double(part)))
  }
}
