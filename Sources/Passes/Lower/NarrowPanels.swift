import IR

/// Lets layers compute one channel after the other, which takes less code than many side by side, and less stack.
///
///     %y = Dense(%x, packed %w) {output_features: 10, panel: 8}
///   →
///     %y = Dense(%x, packed %w) {output_features: 10, panel: 1}
///
/// Builds with `--optimize size` end with it.
let narrowPanels = Pass(
  "narrow-panels", "Lets layers compute one channel after the other, which takes less code.", preserves: .exactly,
  rules: [
    Rule(on: Dense.self) { dense, node, rewriter in
      let depth = rewriter.graph.type(of: node.inputs[0]!).shape.last!
      let orders = [dense.panel, 1].map { Panels.order(rows: depth, columns: dense.outputFeatures, width: $0) }
      var narrow = dense
      narrow.panel = 1
      return try rewriter.repack(node, from: orders[0], to: orders[1]).map { try rewriter.add(narrow, $0, like: node) }
    },
    Rule(on: Conv2D.self) { conv, node, rewriter in
      let channels = rewriter.graph.type(of: node.inputs[0]!).shape[3] / conv.group
      let orders = [conv.panel, 1].map { width in
        Panels.order(
          count: conv.group, rows: conv.kernelShape.reduce(channels, *), columns: conv.outputChannels / conv.group,
          width: width)
      }
      var narrow = conv
      narrow.panel = 1
      return try rewriter.repack(node, from: orders[0], to: orders[1]).map { try rewriter.add(narrow, $0, like: node) }
    },
  ])

extension Rewriter {
  /// The operands of a layer with its weights in another order; nil where they are not known or have that order already.
  fileprivate mutating func repack(_ node: Node, from old: [Int], to new: [Int]) throws -> [Value?]? {
    guard old != new, let packed = constant(node.inputs[1]) else { return nil }
    var position = [Int](repeating: 0, count: old.count)
    for (place, index) in old.enumerated() { position[index] = place }
    var inputs = node.inputs
    inputs[1] = try add(
      constant: packed.gathering(new.map { position[$0] }, shape: packed.shape), like: node,
      name: graph.name(of: node.inputs[1]!))
    return inputs
  }
}
