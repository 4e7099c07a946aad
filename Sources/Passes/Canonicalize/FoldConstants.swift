import IR

/// Computes what does not depend on an input, shapes included.
///
///     %s = Shape(%x) : i64[4]
///     %n = Gather(%s, %zero) : i64[1]
///     %c = Concat(%n, %minusOne) {axis: 0} : i64[2]
///   →
///     %c = Constant [1, -1] : i64[2]
let foldConstants = Pass(
  "fold-constants", "Computes what does not depend on an input, shapes included.", preserves: .exactly
) { graph in
  let rule = Rule(onAny: { node, rewriter in
    if node.op is Constant || node.op is Input { return nil }
    // A constant much larger than what it is made of would cost more flash than the time is worth, except where the C
    // would be a table as large; what has one element everywhere is a loop.
    let isTable = node.op is any KnownOperation && !(node.op is ConstantOfShape)
    let size = node.types.reduce(0) { $0 + $1.byteCount }
    let types = node.operands.map { rewriter.graph.type(of: $0) }
    let operandSize = types.reduce(0) { $0 + $1.byteCount }
    // Elements that share bytes are meant to stay so.
    let isPacked = types.contains { $0.element.isPacked && $0.elementCount > 1 }
    guard isTable || size <= (isPacked ? operandSize : max(4 * operandSize, 4096)) else { return nil }
    guard let tensors = try rewriter.graph.knownResults(of: node) else { return nil }
    return try zip(tensors, node.names).map { try rewriter.add(constant: $0, like: node, name: $1) }
  })
  return try graph.rewritten(by: [rule])
}
