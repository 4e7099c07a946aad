import IR
import Targets

/// Computes the channels of convolutions of bits one from another, by the weights in which they differ, where that takes fewer
/// instructions.
///
///     %y = BinaryConv2D(%x, packed %w, %threshold)
///   →
///     %p = TransposeBits(%x)
///     %c = PlaneConv2D(%p, %w, %threshold, tree)
///     %y = TransposeBits(%c)
///
/// The tree is a minimum spanning tree of the rows of weights and one row of -1, at which counters begin; rows may be inverted, and
/// rows between channels are added where they make it shorter. After MST-compression (Vo et al., ICCV 2023), whose accounting,
/// n + Σ d of N * n, is noted beside that of the tree. Results come out in the order that they had: on planes another order of
/// channels saves nothing. A tree refers to rows of the weights, or carries what changes from step to step, which is faster, and
/// larger where channels differ in more than an eighth of their weights; `growth` limits by how much.
let mstReorder = Pass(
  "mst-reorder", "Computes channels of binary layers one from another, where that takes fewer instructions.",
  preserves: .exactly, options: MSTOptions()
) { graph, options, context, notes in
  let rule = Rule(on: BinaryConv2D.self) { layer, node, rewriter in
    guard let costs = try BitLayerCosts(of: layer, node, in: rewriter, on: context.target),
      2...mostChannels ~= layer.outputChannels
    else { return nil }
    let panels = layer.panels(rewriter.graph.type(of: node.inputs[0]!).shape)
    let weights = panels.repacked(rewriter.constant(node.inputs[1])!, width: PlaneConv2D.panel)
    let rows = ChannelGraph(
      weights, BitPanels(outputs: panels.outputs, inputs: panels.inputs, width: PlaneConv2D.panel))
    let choice = try TreeChoice(rows, costs, options, growth: options.growth ?? context.target.constantGrowth)
    for line in choice.notes { rewriter.note(line, for: node) }
    return try choice.tree.map { try rewriter.onPlanes(layer, node, lanes: context.target.laneBits, tree: $0) }
  }
  return try graph.rewritten(by: [rule], notes: &notes)
}

/// The most channels of a layer for which a tree is sought: time and memory grow with their square.
private let mostChannels = 4096

/// The options of the pass mst-reorder.
struct MSTOptions: PassOptions {
  /// How much more memory the weights of a layer may take; what the target allows where there is no number.
  var growth: Double?
  /// Whether rows between channels are added.
  var steiner = true

  static let summaries = [
    "growth": "how much larger the weights of a layer may become: 0.2 is a fifth; by default as the target has room",
    "steiner": "whether rows between channels are added, where they make the tree shorter",
  ]

  func validate() throws {
    if let growth { try require(growth >= 0, "growth is \(growth), but should be 0 or more") }
  }
}
