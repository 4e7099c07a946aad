import IR

/// Computes what does not depend on an input, shapes included.
///
///     %s = Shape(%x) : i64[4]
///     %n = Gather(%s, %zero) : i64[1]
///     %c = Concat(%n, %minusOne) {axis: 0} : i64[2]
///   →
///     %c = Constant [1, -1] : i64[2]
///
/// What quantized constants stand for is left to fold-dequantization.
let foldConstants = Pass(
  "fold-constants", "Computes what does not depend on an input, shapes included.", preserves: .exactly,
  rules: [
    Rule(onAny: { node, rewriter in node.op is DequantizeLinear ? nil : try rewriter.folded(node) })
  ])

extension Rewriter {
  /// Adds the results of a node as constants, if they are known and not too large.
  mutating func folded(_ node: Node) throws -> [Value]? {
    if node.op is Constant || node.op is Input { return nil }
    // Bits that stand for weights take a thirty-second of their memory; layers look for them behind a transposition.
    if node.operands.contains(where: { graph[$0].op is ScaledBits }) { return nil }
    // A constant much larger than what it is made of would cost more flash than the time is worth, except where the C
    // would be a table as large; what has one element everywhere is a loop.
    let isTable = node.op is any KnownOperation && !(node.op is ConstantOfShape)
    let size = node.types.reduce(0) { $0 + $1.byteCount }
    let types = node.operands.map { graph.type(of: $0) }
    let operandSize = types.reduce(0) { $0 + $1.byteCount }
    // Elements that share bytes are meant to stay so.
    let isPacked = types.contains { $0.element.isPacked && $0.elementCount > 1 }
    guard isTable || size <= (isPacked ? operandSize : max(4 * operandSize, 4096)) else { return nil }
    guard let tensors = try graph.knownResults(of: node) else { return nil }
    return try zip(tensors, node.names).map { try add(constant: $0, like: node, name: $1) }
  }
}
