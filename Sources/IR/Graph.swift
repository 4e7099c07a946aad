/// A handle to one result of a node of a graph.
public struct Value: Hashable, Sendable {
  /// The index of the node in the graph.
  public let node: Int
  /// The index of the result among the results of the node.
  public let result: Int

  /// Creates the handle to a result of the node at an index.
  public init(node: Int, result: Int = 0) {
    self.node = node
    self.result = result
  }
}

/// One computation of a graph.
public struct Node: Sendable {
  /// What is computed.
  public var op: any Operation
  /// The operands; nil where an optional one is left out.
  public var inputs: [Value?]
  /// The types of the results.
  public var types: [TensorType]
  /// The names of the results, as far as they have one. They are hints: two values may have the same.
  public var names: [String?]
  /// Where the node comes from.
  public var location: Location?

  /// Creates a node, of which no graph is a part yet.
  public init(
    op: any Operation, inputs: [Value?], types: [TensorType], names: [String?], location: Location? = nil
  ) {
    self.op = op
    self.inputs = inputs
    self.types = types
    self.names = names
    self.location = location
  }

  /// The operands that are present.
  public var operands: some Sequence<Value> { inputs.lazy.compactMap { $0 } }
}

/// A pure dataflow graph in which every node comes after the nodes that it uses.
///
/// Nodes are only ever appended, and adding a node that is equal to an existing one returns the existing one. So the
/// order of `nodes` is a valid order of execution, a graph has no cycle and no common subexpression, and a pass is a
/// function from one graph to the next.
public struct Graph: Sendable {
  /// The name of the model.
  public var name: String
  /// The nodes, each after those that it uses.
  public private(set) var nodes: [Node] = []
  /// The results of the model.
  public var outputs: [(name: String, value: Value)] = []
  private var known: [Key: Int] = [:]
  /// How many bytes all constants have.
  private var constantByteCount = 0

  private struct Key: Hashable {
    var op: any Operation
    var inputs: [Value?]

    static func == (a: Key, b: Key) -> Bool { a.inputs == b.inputs && a.op.isEqual(to: b.op) }
    func hash(into hasher: inout Hasher) {
      op.hash(into: &hasher)
      hasher.combine(inputs)
    }
  }

  /// Creates an empty graph.
  public init(name: String) { self.name = name }

  /// The node that computes `value`.
  public subscript(value: Value) -> Node { nodes[value.node] }

  /// The type of `value`.
  public func type(of value: Value) -> TensorType { nodes[value.node].types[value.result] }

  /// The name of `value`, if it has one.
  public func name(of value: Value) -> String? { nodes[value.node].names[value.result] }

  /// Gives `value` a name, unless it has one.
  public mutating func suggestName(_ name: String?, for value: Value) {
    if nodes[value.node].names[value.result] == nil { nodes[value.node].names[value.result] = name }
  }

  /// The inputs of the model, in order.
  public var inputs: [(name: String, value: Value)] {
    nodes.indices.compactMap { index in
      (nodes[index].op as? Input).map { ($0.name, Value(node: index)) }
    }
  }

  /// Returns the results of `op`, which are those of a new node if no equal node exists.
  ///
  /// - Throws: A diagnostic that names the operation and its operands, with their types and origins.
  public mutating func add(
    _ op: some Operation, _ inputs: [Value?] = [], names: [String?] = [], at location: Location? = nil
  ) throws -> [Value] {
    let inputs = Array(inputs[..<((inputs.lastIndex { $0 != nil } ?? -1) + 1)])
    let key = Key(op: op, inputs: inputs)
    if let index = known[key] {
      let values = nodes[index].types.indices.map { Value(node: index, result: $0) }
      for (value, name) in zip(values, names) { suggestName(name, for: value) }
      return values
    }
    let types = try inferredTypes(of: op, inputs, at: location)
    let index = nodes.count
    let padded = types.indices.map { $0 < names.count ? names[$0] : nil }
    nodes.append(Node(op: op, inputs: inputs, types: types, names: padded, location: location))
    known[key] = index
    // Each is at most 2^40 bytes; what is more than all memory may as well be counted as that.
    if op is Constant { constantByteCount = min(constantByteCount + types[0].byteCount, Int.max / 2) }
    return types.indices.map { Value(node: index, result: $0) }
  }

  /// Returns the only result of `op`, or its first.
  public mutating func add(
    _ op: some Operation, _ inputs: [Value?] = [], name: String?, at location: Location? = nil
  ) throws -> Value {
    try add(op, inputs, names: [name], at: location)[0]
  }

  /// Returns the types of the results that `op` would have.
  ///
  /// - Throws: As `add` does.
  public func inferredTypes(
    of op: some Operation, _ inputs: [Value?], at location: Location? = nil
  ) throws -> [TensorType] {
    do {
      try op.signature.check(present: inputs.map { $0 != nil })
      let types = try op.resultTypes(Operands(inputs.map { $0.map(operand) }))
      for type in types { try type.validate() }
      return types
    } catch let error as Diagnostic {
      throw Diagnostic(
        "\(op.opName): \(error.message)" + origins(of: inputs, op.signature), at: error.location ?? location)
    }
  }

  /// A line for each operand: its name, its type, and what computes it.
  private func origins(of inputs: [Value?], _ signature: Signature) -> String {
    inputs.enumerated().compactMap { index, value in
      guard let value, !signature.names.isEmpty else { return nil }
      let producer = self[value]
      let name = self.name(of: value).map { "'\($0)' " } ?? ""
      let place = producer.location.map { " (\($0))" } ?? ""
      return
        "\n  operand \(signature.name(at: index)) is \(name)of type \(self.type(of: value)), from \(producer.op.opName)\(place)"
    }.joined()
  }
}

extension Graph {
  /// All nodes on which the outputs depend, and all inputs, as a table by index of node.
  public var liveNodes: [Bool] {
    var live = nodes.map { $0.op is Input }
    for output in outputs { live[output.value.node] = true }
    for index in nodes.indices.reversed() where live[index] {
      for operand in nodes[index].operands { live[operand.node] = true }
    }
    return live
  }

  /// How often each value is used by live nodes, counting an output as a use.
  public var useCounts: [Value: Int] {
    let live = liveNodes
    var counts: [Value: Int] = [:]
    for index in nodes.indices where live[index] {
      for operand in nodes[index].operands { counts[operand, default: 0] += 1 }
    }
    for output in outputs { counts[output.value, default: 0] += 1 }
    return counts
  }

  /// The largest tensor that is computed when the model is compiled: a few bytes can ask for one of any size.
  var maximumKnownByteCount: Int { max(1 << 23, constantByteCount) }

  /// What type inference may know of the operands of a node.
  public func operands(of node: Node) -> Operands<Operand> { Operands(node.inputs.map { $0.map(operand) }) }

  /// What type inference may know of `value`.
  func operand(_ value: Value) -> Operand { Operand(type(of: value)) { try knownTensor(value) } }

  /// The elements of `value` if they are the same in every run, computed where that is needed, else nil.
  ///
  /// So shapes that are computed from shapes are known wherever a type depends on them.
  public func knownTensor(_ value: Value) throws -> Tensor? {
    try knownResults(of: self[value])?[value.result]
  }

  /// The results of a node whose operands are values of this graph if they are the same in every run, else nil.
  public func knownResults(of node: Node) throws -> [Tensor]? {
    var memo: [Int: [Tensor]?] = [:]
    var depth = 0
    func results(of node: Node) throws -> [Tensor]? {
      guard node.types.allSatisfy({ $0.byteCount <= maximumKnownByteCount }) else { return nil }
      depth += 1
      defer { depth -= 1 }
      // Each level takes stack, of which a hostile file could use up all.
      try require(depth <= 256, "a shape depends on a chain of more than 256 operations")
      let operands = node.inputs.map { input in
        input.map { input in
          Operand(type(of: input)) {
            if let known = memo[input.node] { return known?[input.result] }
            let known = try results(of: nodes[input.node])
            memo[input.node] = .some(known)
            return known?[input.result]
          }
        }
      }
      return try node.op.knownResults(Operands(operands), node.types)
    }
    return try results(of: node)
  }
}
