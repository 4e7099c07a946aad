/// An operation that runs graphs of its own: branches, or the body of a loop.
///
/// A body is a function of its inputs and sees nothing else: what it uses of the graph around it is captured by further
/// operands, to which its last inputs correspond. Passes transform bodies as they do other graphs.
public protocol ControlFlowOperation: Operation {
  /// The graphs, in the order of the attributes.
  var bodies: [Graph] { get set }
}

extension Graph {
  /// The graph, and all branches and bodies of loops in it.
  public var withBodies: [Graph] {
    [self]
      + zip(nodes, liveNodes).flatMap { node, isLive in
        isLive ? (node.op as? any ControlFlowOperation)?.bodies.flatMap(\.withBodies) ?? [] : []
      }
  }

  /// Throws unless the inputs of this body take values of the given types, in order.
  func requireInputs(_ types: [TensorType], _ body: String) throws(Diagnostic) {
    let inputs = self.inputs
    try require(
      inputs.count == types.count,
      "\(body) has \(inputs.count) inputs, but should have \(types.count), one for each value that it is given")
    try require(Set(inputs.map(\.name)).count == inputs.count, "\(body) has several inputs of one name")
    for (input, type) in zip(inputs, types) {
      let found = self.type(of: input.value)
      // A number may be passed on as a list of one.
      let fits = found == type || (found.element == type.element && found.elementCount == 1 && type.elementCount == 1)
      try require(fits, "input '\(input.name)' of \(body) is \(found), but is given \(type)")
    }
  }

  /// The types of the outputs.
  public var outputTypes: [TensorType] { outputs.map { type(of: $0.value) } }

  /// The outputs of this body for the given values of its inputs.
  func call(_ arguments: [Tensor]) throws -> [Tensor] {
    var values: [String: Tensor] = [:]
    for (input, argument) in zip(inputs, arguments) {
      values[input.name] = argument.reshaped(to: type(of: input.value).shape)
    }
    return try evaluate(values)
  }

  /// Adds the nodes of `body` with the given values in the place of its inputs, and returns those of its outputs.
  public mutating func inline(_ body: Graph, _ arguments: [Value]) throws -> [Value] {
    var values: [Value: Value] = [:]
    for (input, argument) in zip(body.inputs, arguments) { values[input.value] = argument }
    try append(body, &values) { $0 }
    return body.outputs.map { values[$0.value]! }
  }

  /// Adds the nodes of another graph, except those for which `values` already has a value here, with what `transform`
  /// makes of their operations.
  private mutating func append(
    _ other: Graph, _ values: inout [Value: Value], _ transform: (any Operation) throws -> any Operation
  ) throws {
    for (index, node) in other.nodes.enumerated() where values[Value(node: index)] == nil {
      let inputs = node.inputs.map { $0.map { values[$0]! } }
      let results = try add(transform(node.op), inputs, names: node.names, at: node.location)
      for (result, value) in results.enumerated() { values[Value(node: index, result: result)] = value }
    }
  }

  /// The graph whose bodies, those inside them included, are what `transform` makes of them.
  public func mappingBodies(_ transform: (Graph) throws -> Graph) throws -> Graph {
    guard nodes.contains(where: { $0.op is any ControlFlowOperation }) else { return self }
    var graph = Graph(name: name)
    var values: [Value: Value] = [:]
    try graph.append(self, &values) { op in
      guard var control = op as? any ControlFlowOperation else { return op }
      control.bodies = try control.bodies.map(transform)
      return control
    }
    graph.outputs = outputs.map { ($0.name, values[$0.value]!) }
    return graph
  }
}

extension Operands where Item == Operand {
  /// Throws unless the operand at `index`, if present, is one number or bool of the given type.
  func requireScalar(_ index: Int, _ element: ElementType, _ name: String) throws(Diagnostic) {
    guard let type = self[index]?.type else { return }
    try require(
      type.element == element && type.elementCount == 1, "operand '\(name)' is \(type), but should be one \(element)")
  }
}
