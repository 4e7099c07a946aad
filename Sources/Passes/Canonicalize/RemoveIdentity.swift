import IR

/// Removes what changes nothing, and writes all changes of shape as one Reshape.
///
///     %i = Identity(%x)
///     %t = Transpose(%i) {perm: [0, 2, 3, 1]} : f32[1x8x8x1]
///     %f = Flatten(%t) : f32[1x64]
///   →
///     %f = Reshape(%x, [1, 64]) : f32[1x64]
let removeIdentity = Pass(
  "remove-identity", "Removes what changes nothing, and writes all changes of shape as one Reshape.",
  preserves: .exactly,
  rules: [
    Rule(onAny: { node, rewriter in
      guard let input = node.inputs.first ?? nil, rewriter.graph.type(of: input) == node.types[0] else { return nil }
      guard try node.keepsElementsInOrder(rewriter.graph) else { return nil }
      guard !rewriter.usesFurtherResults else { return nil }  // such as the mask of Dropout
      return node.types.map { _ in input }
    }),
    Rule(onAny: { node, rewriter in
      guard node.types.count == 1, let input = node.inputs.first ?? nil else { return nil }
      guard try node.keepsElementsInOrder(rewriter.graph) else { return nil }
      let inner = rewriter.producer(of: input, as: Reshape.self)?.node.inputs[0]
      if node.op is Reshape, inner == nil, rewriter.isCanonicalShape(node) { return nil }
      return [try rewriter.reshape(inner ?? input, to: node.types[0].shape, like: node)]
    }),
  ])

extension Node {
  /// Whether the first result has the elements of the first operand, all and in the same order.
  fileprivate func keepsElementsInOrder(_ graph: Graph) throws -> Bool {
    switch op {
    case is ClassLabels: return false  // the header would lack the names
    case is any ReshapingOperation, is Dropout: return true
    case let cast as Cast: return graph.type(of: inputs[0]!).element == cast.to
    case is Concat: return inputs.count == 1
    case let op as any ViewOperation:
      let input = inputs[0]!
      guard types[0].elementCount == graph.type(of: input).elementCount else { return false }
      guard let view = try op.views(graph.operands(of: self)).first else { return false }
      return view.isContiguous && view.start == 0
    case let pad as Pad:
      return try pad.pads(graph.operands(of: self)).allSatisfy { $0.before == 0 && $0.after == 0 }
    default: return false
    }
  }
}

extension Rewriter {
  /// Whether the shape of a Reshape is written as a constant with all extents.
  fileprivate func isCanonicalShape(_ node: Node) -> Bool {
    let shape = node.types[0].shape
    return constant(node.inputs[1])?.ints == shape.extents && (node.op as? Reshape)?.allowzero == shape.contains(0)
  }

  /// Adds a Reshape to a known shape.
  mutating func reshape(_ value: Value, to shape: Shape, like node: Node) throws -> Value {
    if graph.type(of: value).shape == shape { return value }
    var op = Reshape()
    op.allowzero = shape.contains(0)
    let extents = try add(constant: Tensor(shape.map { Int64($0) }), like: node, name: "shape")
    return try add(op, [value, extents], like: node)
  }
}
