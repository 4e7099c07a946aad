import IR

/// Rules of `push-transposes` for operations that take parts of a tensor, add to it or reduce it along axes of their own.
let transposedParts = [
  Rule(on: Pad.self) { pad, node, rewriter in
    guard let (input, perm) = try rewriter.transposed(node) else { return nil }
    let pads = try pad.pads(rewriter.graph.operands(of: node))
    let moved = perm.inverted.map { pads[$0] }
    let constant = try rewriter.integers(moved.map(\.before) + moved.map(\.after), "pads", like: node)
    let value = node.inputs.count > 2 ? node.inputs[2] : nil
    return try rewriter.add(Transpose(perm), [rewriter.add(pad, [input, constant, value], like: node)], like: node)
  },
  Rule(on: Slice.self) { slice, node, rewriter in
    guard let (input, perm) = try rewriter.transposed(node) else { return nil }
    let slices = try slice.slices(rewriter.graph.operands(of: node))
    guard slices.allSatisfy({ $0.step > 0 }) else { return nil }
    let moved = perm.inverted.map { slices[$0] }
    let lists = [
      ("starts", moved.map(\.start)), ("ends", moved.map { $0.start + $0.step * $0.count }),
      ("axes", Array(perm.indices)),
      ("steps", moved.map(\.step)),
    ]
    let constants = try lists.map { try rewriter.integers($0.1, $0.0, like: node) }
    return try rewriter.add(Transpose(perm), [rewriter.add(slice, [input] + constants, like: node)], like: node)
  },
  Rule(onAny: { node, rewriter in
    guard let op = node.op as? any Reduction, let (input, perm) = try rewriter.transposed(node) else { return nil }
    let axes = try op.reducedAxes(rewriter.graph.operands(of: node))
    // A sum has the same rounding only if its terms are in the same order.
    let reduced = axes.reduced.map { perm[$0] }
    guard !reduced.isEmpty, reduced == reduced.sorted() else { return nil }
    let moved = try rewriter.add(op, [input, try rewriter.integers(reduced, "axes", like: node)], like: node)
    if op.keepdims { return [try rewriter.add(Transpose(perm), [moved], like: node)] }
    let kept = axes.kept.map { perm[$0] }
    let rest = kept.map { axis in kept.filter { $0 < axis }.count }
    return [rest == rest.sorted() ? moved : try rewriter.add(Transpose(rest), [moved], like: node)]
  }),
]

extension Rewriter {
  /// What the first operand of a node is the transposition of, and by which permutation.
  fileprivate func transposed(_ node: Node) throws -> (Value, [Int])? {
    guard let (transpose, producer) = producer(of: node.inputs[0], as: Transpose.self), let input = producer.inputs[0]
    else {
      return nil
    }
    return (input, try transpose.permutation(of: graph.type(of: input).shape))
  }

  /// Adds a list of integers.
  fileprivate mutating func integers(_ list: [Int], _ name: String, like node: Node) throws -> Value {
    try add(constant: Tensor(list.map { Int64($0) }), like: node, name: name)
  }
}
