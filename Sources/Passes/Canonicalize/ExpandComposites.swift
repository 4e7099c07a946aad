import IR

/// Puts their definition in the place of operations that others define.
///
///     %y = MeanVarianceNormalization(%x) {axes: [1]}
///   →
///     %m = ReduceMean(%x, [1])
///     %d = Sub(%x, %m)
///     %s = ReduceMean(Mul(%d, %d), [1])
///     %y = Div(%d, Add(Sqrt(%s), 1e-9))
let expandComposites = Pass(
  "expand-composites", "Puts their definition in the place of operations that others define.",
  preserves: .upToRounding,
  rules: [
    Rule(onAny: { node, rewriter in
      guard let op = node.op as? any CompositeOperation, op.isComposite else { return nil }
      return try rewriter.inline(Expansion(of: op, rewriter.graph.operands(of: node)), in: node)
    })
  ])

extension Rewriter {
  /// Adds the operations of an expansion in the place of a node.
  fileprivate mutating func inline(_ expansion: Expansion, in node: Node) throws -> [Value] {
    var values: [Value: Value] = [:]
    for (parameter, operand) in zip(expansion.parameters, node.inputs) {
      if let parameter, let operand { values[parameter] = operand }
    }
    for (index, inner) in expansion.graph.nodes.enumerated() where values[Value(node: index)] == nil {
      let place = Node(
        op: inner.op, inputs: [], types: inner.types, names: inner.types.map { _ in node.names[0] },
        location: node.location)
      let results =
        inner.op is Constant
        ? [try add(constant: (inner.op as! Constant).value, like: node)]
        : try addAll(inner.op, inner.inputs.map { $0.map { values[$0]! } }, like: place)
      for (result, value) in results.enumerated() { values[Value(node: index, result: result)] = value }
    }
    return expansion.results.map { values[$0]! }
  }
}
