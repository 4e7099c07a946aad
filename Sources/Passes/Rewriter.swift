import IR

/// Builds a new graph out of an old one, node by node, and lets rules replace nodes on the way.
public struct Rewriter {
  /// The new graph, as far as it is built.
  public private(set) var graph: Graph
  private let rules: [Rule]
  private var uses: [Value: Int] = [:]
  private var depth = 0
  /// Whether another than the first result of the node that is being replaced is used.
  public private(set) var usesFurtherResults = false
  fileprivate var notes: PassNotes

  /// The node that computes `value`, if its operation is `Op`.
  public func producer<Op: Operation>(of value: Value?, as _: Op.Type) -> (op: Op, node: Node)? {
    guard let value, let op = graph[value].op as? Op else { return nil }
    return (op, graph[value])
  }

  /// The node that computes `value`, if its operation is `Op` and nothing else uses it.
  public func onlyUse<Op: Operation>(of value: Value?, as type: Op.Type) -> (op: Op, node: Node)? {
    guard let value, uses[value] == 1 else { return nil }
    return producer(of: value, as: type)
  }

  /// Whether `value` is used once.
  public func isUsedOnce(_ value: Value) -> Bool { uses[value] == 1 }

  /// Notes something about a node.
  public mutating func note(_ line: String, for node: Node) { notes.add(line, for: node.names[0]) }

  /// The tensor that `value` is known to be.
  public func constant(_ value: Value?) -> Tensor? { graph.constant(value) }

  /// Returns the first result of `op`, after the rules have been applied to it as well.
  ///
  /// The node gets the name and location of `node`, in whose place it stands; so do the others that a rule adds, of which
  /// some may vanish again.
  public mutating func add(_ op: some Operation, _ inputs: [Value?], like node: Node) throws -> Value {
    try addAll(op, inputs, like: node)[0]
  }

  /// Adds a constant.
  public mutating func add(constant: Tensor, like node: Node, name: String? = nil) throws -> Value {
    try graph.add(Constant(constant), [], name: name, at: node.location)
  }

  /// Returns all results of `op`, after the rules have been applied to it as well.
  public mutating func addAll(_ op: some Operation, _ inputs: [Value?], like node: Node) throws -> [Value] {
    let types = try graph.inferredTypes(of: op, inputs, at: node.location)
    let candidate = Node(op: op, inputs: inputs, types: types, names: node.names, location: node.location)
    depth += 1
    defer { depth -= 1 }
    // A rule whose result it applies to again would never end.
    precondition(depth < 200, "internal error: rules for \(op.opName) replace each other for ever")
    for rule in rules {
      if let values = try rule.apply(to: candidate, &self) {
        for (value, name) in zip(values, node.names) where graph[value].op is Input == false {
          graph.suggestName(name, for: value)
        }
        return values
      }
    }
    return try graph.add(op, inputs, names: node.names, at: node.location)
  }

  fileprivate init(rewriting old: Graph, by rules: [Rule], notes: PassNotes = PassNotes()) throws {
    graph = Graph(name: old.name)
    self.rules = rules
    self.notes = notes
    let (live, useCounts) = (old.liveNodes, old.useCounts)
    var new: [Value: Value] = [:]
    for (index, node) in old.nodes.enumerated() where live[index] {
      usesFurtherResults = node.types.indices.dropFirst().contains { useCounts[Value(node: index, result: $0)] != nil }
      let results = try addAll(node.op, node.inputs.map { $0.map { new[$0]! } }, like: node)
      for (result, value) in results.enumerated() {
        let oldValue = Value(node: index, result: result)
        new[oldValue] = value
        uses[value, default: 0] += useCounts[oldValue] ?? 0
      }
    }
    graph.outputs = old.outputs.map { ($0.name, new[$0.value]!) }
  }
}

extension Graph {
  /// The tensor that `value` is, if it is a constant.
  func constant(_ value: Value?) -> Tensor? { value.flatMap { (self[$0].op as? Constant)?.value } }

  /// Returns the graph in which each node that a rule applies to is replaced, until no rule applies, without the nodes
  /// that nothing uses.
  public func rewritten(by rules: [Rule]) throws -> Graph {
    var notes = PassNotes()
    return try rewritten(by: rules, notes: &notes)
  }

  /// The same, with what rules note of their work.
  public func rewritten(by rules: [Rule], notes: inout PassNotes) throws -> Graph {
    var graph = self
    // What a rule adds is counted as used only in the next round, so rules may see more then.
    for _ in 0..<64 {
      let rewriter = try Rewriter(rewriting: graph, by: rules, notes: notes)
      notes = rewriter.notes
      let next = try rewriter.graph.withoutDeadNodes()
      if next == graph { return next }
      graph = next
    }
    return graph
  }

  /// Returns the graph without the nodes that nothing uses, except inputs.
  public func withoutDeadNodes() throws -> Graph {
    var graph = self
    while graph.liveNodes.contains(false) { graph = try Rewriter(rewriting: graph, by: []).graph }
    return graph
  }
}
