extension Graph: Hashable {
  /// Whether the graphs have the same nodes, names of values apart, and the same outputs.
  public static func == (a: Graph, b: Graph) -> Bool {
    a.nodes.count == b.nodes.count && a.outputs.elementsEqual(b.outputs, by: ==)
      && zip(a.nodes, b.nodes).allSatisfy { $0.inputs == $1.inputs && $0.op.isEqual(to: $1.op) }
  }

  public func hash(into hasher: inout Hasher) {
    for node in nodes {
      node.op.hash(into: &hasher)
      hasher.combine(node.inputs)
    }
  }
}
