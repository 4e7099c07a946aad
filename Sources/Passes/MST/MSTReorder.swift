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
///
/// With the option `flip` the pass is approximate: it inverts weights in which a channel differs from the one that it is computed
/// from, those first which move the sum least on calibration data, fits thresholds anew, and measures what it has done. The
/// option is the share of the results of a channel, of those that are set or those that are clear, whichever are fewer, that
/// may change.
let mstReorder = Pass(
  "mst-reorder", "Computes channels of binary layers one from another, where that takes fewer instructions.",
  preserves: .exactly, options: MSTOptions()
) { graph, options, context, notes in
  var graph = graph
  if let flip = options.flip {
    var flipped = try FlippedModel(graph, options, flip: flip, context)
    graph = try flipped.run(notes: &notes)
  }
  let rule = Rule(on: BinaryConv2D.self) { op, node, rewriter in
    guard let layer = try TreeLayer(op, node, in: rewriter.graph, on: context.target) else { return nil }
    let choice = try layer.choice(for: layer.rows, options, on: context.target)
    for line in choice.notes { rewriter.note(line, for: node) }
    return try choice.tree.map { try rewriter.onPlanes(op, node, lanes: context.target.laneBits, tree: $0) }
  }
  return try graph.rewritten(by: [rule], notes: &notes)
}

/// The options of the pass mst-reorder.
struct MSTOptions: PassOptions {
  /// How much more memory the weights of a layer may take; what the target allows where there is no number.
  var growth: Double?
  /// Whether rows between channels are added.
  var steiner = true
  /// The share of the results of a channel that may change so that it is nearer to others.
  var flip: Double?

  static let summaries = [
    "growth": "how much larger the weights of a layer may become: 0.2 is a fifth; by default as the target has room",
    "steiner": "whether rows between channels are added, where they make the tree shorter",
    "flip":
      "the share of the results of a channel, 0 to 0.5, that may change on calibration data by inverting weights, so that "
      + "trees are shorter; weights stay as they are by default",
  ]

  var isApproximate: Bool { flip != nil }

  func validate() throws {
    if let growth { try require(growth >= 0, "growth is \(growth), but should be 0 or more") }
    if let flip { try require((0...0.5).contains(flip), "flip is \(flip), but should be 0 to 0.5") }
  }
}
