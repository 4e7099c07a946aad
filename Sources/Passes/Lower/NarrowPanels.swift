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
    Rule(on: Dense.self) { try $2.narrowed($0, $1) },
    Rule(on: Conv2D.self) { try $2.narrowed($0, $1) },
  ])

extension Rewriter {
  /// The layer with panels of one channel; nil where it has them, or kernels take weights in another order only.
  fileprivate mutating func narrowed(_ layer: some PanelledLayer, _ node: Node) throws -> Value? {
    let isFloat = node.inputs.count < 4 || node.inputs[3] == nil
    guard layer.panel > 1, isFloat, let packed = constant(node.inputs[1]) else { return nil }
    let (narrow, weights) = layer.repacked(packed, panel: 1, graph.type(of: node.inputs[0]!).shape)
    var inputs = node.inputs
    inputs[1] = try add(constant: weights, like: node, name: graph.name(of: node.inputs[1]!))
    return try add(narrow, inputs, like: node)
  }
}
