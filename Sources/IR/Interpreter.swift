extension Graph {
  /// Returns all results of all nodes for the given inputs, by the definitions of the operations.
  ///
  /// Results of nodes on which no output depends are empty.
  ///
  /// - Throws: A diagnostic if an input is missing, unknown or of another type.
  public func evaluateAll(_ inputs: [String: Tensor]) throws -> [[Tensor]] {
    try check(inputs)
    let live = liveNodes
    var results: [[Tensor]] = []
    for (index, node) in nodes.enumerated() {
      if let input = node.op as? Input {
        results.append([inputs[input.name]!])
      } else if live[index] {
        let operands = Operands(node.inputs.map { input in input.map { results[$0.node][$0.result] } })
        results.append(try evaluate(node, operands))
      } else {
        results.append([])
      }
    }
    return results
  }

  /// Returns the results of one node for the given operands, by the definition of its operation.
  public func evaluate(_ node: Node, _ operands: Operands<Tensor>) throws -> [Tensor] {
    do {
      if let type = node.types.first(where: { $0.byteCount > Self.maximumEvaluatedByteCount }) {
        throw Diagnostic("\(type) is too large for the interpreter")
      }
      return try node.op.evaluate(operands, node.types)
    } catch let error as Diagnostic {
      throw Diagnostic("\(node.op.opName): \(error.message)", at: error.location ?? node.location)
    }
  }

  /// The largest tensor that the interpreter computes.
  private static let maximumEvaluatedByteCount = 1 << 34

  /// Returns the outputs for the given inputs, by the definitions of the operations.
  public func evaluate(_ inputs: [String: Tensor]) throws -> [Tensor] {
    let results = try evaluateAll(inputs)
    return outputs.map { results[$0.value.node][$0.value.result] }
  }

  /// Throws unless there is a tensor of the right type for each input, and no other.
  public func check(_ tensors: [String: Tensor]) throws(Diagnostic) {
    for (name, value) in inputs {
      guard let tensor = tensors[name] else {
        throw Diagnostic("no data for input '\(name)', which is \(type(of: value))")
      }
      try require(
        tensor.type == type(of: value), "input '\(name)' is \(type(of: value)), but the data are \(tensor.type)")
    }
    let known = inputs.map(\.name)
    if let name = tensors.keys.sorted().first(where: { !known.contains($0) }) {
      throw Diagnostic("there is no input '\(name)'; the inputs are \(known.joined(separator: ", "))")
    }
  }
}
