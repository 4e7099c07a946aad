import IR
import Targets

/// A binary layer whose channels may be computed one from another.
struct TreeLayer {
  /// Its rows of weights.
  let rows: ChannelGraph
  private let costs: BitLayerCosts

  /// Finds out whether a layer is one; nil if not.
  init?(_ op: BinaryConv2D, _ node: Node, in graph: Graph, on target: Target) throws {
    guard let costs = try BitLayerCosts(of: op, node, in: graph, on: target),
      2...Self.mostChannels ~= op.outputChannels
    else { return nil }
    let panels = op.panels(graph.type(of: node.inputs[0]!).shape)
    let weights = panels.repacked(graph.constant(node.inputs[1])!, width: PlaneConv2D.panel)
    rows = ChannelGraph(
      weights, BitPanels(outputs: panels.outputs, inputs: panels.inputs, width: PlaneConv2D.panel))
    self.costs = costs
  }

  /// The best order of the channels with the given rows of weights.
  func choice(for rows: ChannelGraph, _ options: MSTOptions, on target: Target) throws -> TreeChoice {
    try TreeChoice(rows, costs, options, growth: options.growth ?? target.constantGrowth)
  }

  /// The most channels of a layer for which a tree is sought: time and memory grow with their square.
  private static let mostChannels = 4096
}
