import IR

/// Makes models of which some channels are gone.
struct ChannelReconstruction {
  let flow: ChannelFlow
  let context: PassContext
  private var model: Graph { flow.graph }

  /// The model without channels; layers that take fewer are fitted to what they meet in the model.
  ///
  /// - Parameter statistics: Sums over the data of these layers; nothing is fitted where there are none.
  func shortcut(_ removed: [Int], _ statistics: LayerStatistics?) throws -> Graph {
    let rewriter = rewriter(removed)
    var constants: [ConstantUse: Tensor] = [:]
    for layer in flow.layers {
      guard let entry = statistics?.byNode[layer.node], rewriter.selection.positions(layer.inputs) != nil else {
        continue
      }
      for (use, tensor) in fitted(entry.layer, layer, entry.statistics, rewriter) { constants[use] = tensor }
    }
    return try rewriter.graph(constants)
  }

  /// The model without channels, in which each layer behind them is fitted, in the order of the model, to what the model
  /// computes there, given the data that it gets after those before it have changed.
  func graph(_ removed: [Int]) throws -> Graph {
    let rewriter = rewriter(removed)
    var pair = ModelPair(model)
    for (index, isLive) in model.liveNodes.enumerated() where isLive {
      try pair.addCopy(of: model.nodes[index], at: index)
      var candidate = pair.graph
      var values = try rewriter.add(index, to: &candidate, pair.changes)
      if let layer = ReconstructedLayer(index, rewriter, pair, (candidate, values[0])) {
        context.progress("\(pruneChannels.name): \(model.nodes[index].layerName)")
        var constants: [ConstantUse: Tensor] = [:]
        for (operand, tensor) in try layer.fitted(pair, context) {
          constants[ConstantUse(node: index, operand: operand)] = tensor
        }
        candidate = pair.graph
        values = try rewriter.add(index, to: &candidate, pair.changes, constants)
      }
      pair.graph = candidate
      pair.replace(index, by: values)
    }
    return try pair.changedModel()
  }

  private func rewriter(_ removed: [Int]) -> ChannelRewriter {
    var selection = ChannelSelection(flow)
    selection.remove(removed)
    return ChannelRewriter(flow: flow, selection: selection)
  }

  private func fitted(
    _ layer: ConstantLayer, _ channels: ChannelLayer, _ statistics: GramStatistics, _ rewriter: ChannelRewriter
  ) -> [ConstantUse: Tensor] {
    let inputs = rewriter.selection.positions(channels.inputs) ?? Array(channels.inputs.indices)
    let taps = layer.length / layer.shape[0]
    let fit = ConsumerFit(
      layer, statistics, rows: rewriter.selection.positions(channels.outputs) ?? Array(channels.outputs.indices),
      columns: inputs.flatMap { $0 * taps..<($0 + 1) * taps })
    let shape = [inputs.count] + layer.shape.dropFirst()
    let operands = fit.map { [$0].operands(of: model.nodes[channels.node], columnShape: shape) } ?? [:]
    var constants: [ConstantUse: Tensor] = [:]
    for operand in 1...2 { constants[ConstantUse(node: channels.node, operand: operand)] = operands[operand] }
    return constants
  }
}
