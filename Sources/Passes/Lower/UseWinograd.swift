import IR
import Targets

/// Computes convolutions with windows of 3x3 by fewer products, of transformed tiles, where that is faster.
///
///     %y = Conv2D(%x, packed %w, %b, _, %z) {kernel_shape: [3, 3], activation: relu}
///   →
///     %y = WinogradConv2D(%x, transformed %w, %b, %z) {activation: relu}
///
/// Weights take four times as much memory, for which the target, or the option `growth`, must have room. What both ways cost is
/// noted: a product of the channels of a panel counts as one, and transformations as what they took where they were measured.
/// Errors of rounding are up to ten times as large as otherwise.
let useWinograd = Pass(
  "use-winograd", "Computes convolutions with windows of 3x3 by fewer products, of transformed tiles.",
  preserves: .upToRounding, options: WinogradOptions()
) { graph, options, context, notes in
  let rule = Rule(on: Conv2D.self) { conv, node, rewriter in
    let x = rewriter.graph.type(of: node.inputs[0]!)
    guard x.element == .f32, node.inputs.count < 4 || node.inputs[3] == nil, let op = WinogradConv2D(conv, x.shape),
      let costs = try WinogradCosts(of: conv, x.shape, on: context.target, growth: options.growth),
      let packed = rewriter.constant(node.inputs[1])
    else { return nil }
    rewriter.note(
      "windows would take \(costs.windows.thousands) products of vectors, tiles \(costs.tiles.thousands); "
        + (costs.tiles < costs.windows ? "tiles" : "windows"), for: node)
    guard costs.tiles < costs.windows else { return nil }
    let weights = try rewriter.add(
      constant: op.transform(packed, of: conv, x.shape), like: node,
      name: rewriter.graph.name(of: node.inputs[1]!))
    let others = [node.inputs.count > 2 ? node.inputs[2] : nil, node.inputs.count > 4 ? node.inputs[4] : nil]
    return try rewriter.add(op, [node.inputs[0], weights] + others, like: node)
  }
  return try graph.rewritten(by: [rule], notes: &notes)
}

/// The options of the pass use-winograd.
struct WinogradOptions: PassOptions {
  /// How much more memory the weights of a layer may take; what the target allows where there is no number.
  var growth: Double?

  static let summaries = [
    "growth":
      "how much larger the weights of a layer may become: they become 3 times larger; by default as the target has room"
  ]

  func validate() throws {
    if let growth { try require(growth >= 0, "growth is \(growth), but should be 0 or more") }
  }
}

/// What a convolution with windows of 3x3 costs in both forms, as a number of products of vectors of channels.
struct WinogradCosts {
  /// By windows, and by tiles.
  let windows, tiles: Double

  /// Estimates what a convolution of X of the given shape costs; nil where tiles cannot compute it, or their weights have no room.
  init?(of conv: Conv2D, _ x: Shape, on target: Target, growth: Double? = nil) throws {
    guard target.floats == .inHardware, Self.growth <= growth ?? target.constantGrowth,
      let op = WinogradConv2D(conv, x)
    else { return nil }
    let (window, (rows, columns)) = (try op.window(x), try op.tiles(x))
    let panels = Double(op.outputChannels / op.panel)
    let perImage = rows * columns
    let blocks = (perImage + WinogradConv2D.tilesAtOnce - 1) / WinogradConv2D.tilesAtOnce
    // A block of few tiles waits for its weights.
    let products = Double(max(perImage, blocks * Self.leastTiles) * WinogradTransform.places * x[3]) * panels
    let transform = conv.panel > WinogradConv2D.leastPanel ? Self.wideTransform : Self.transform
    let transforms = Double(perImage) * transform * (Double(x[3] / op.panel) + panels)
    windows = Double(x[0] * window.outputCount * 9 * x[3] * ((op.outputChannels + conv.panel - 1) / conv.panel))
    tiles = Double(x[0]) * (products + transforms)
  }

  /// How much more memory weights take.
  private static let growth = Double(WinogradTransform.places) / 9 - 1
  /// For how many tiles reading weights takes no time of its own.
  private static let leastTiles = 4
  /// What it costs to transform a panel of a tile of the data, or of the sums: measured on x86-64 with AVX2 and with AVX-512.
  private static let (transform, wideTransform) = (210.0, 400.0)
}
