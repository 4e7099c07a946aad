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
    var (pair, values) = (ModelPair(model), SampleValues(model, context))
    let lastUses = model.lastUses
    for (index, isLive) in model.liveNodes.enumerated() where isLive {
      try pair.addCopy(of: model.nodes[index], at: index)
      var candidate = pair.graph
      var results = try rewriter.add(index, to: &candidate, pair.changes)
      let fitted = try fitted(index, rewriter, pair, (candidate, results[0]), &values)
      if !fitted.isEmpty {
        candidate = pair.graph
        results = try rewriter.add(index, to: &candidate, pair.changes, fitted)
      }
      pair.graph = candidate
      pair.replace(index, by: results)
      for value in model.nodes[index].operands where lastUses[value] == index {
        for old in [pair.copies[value]!, pair.changes[value]!] { values.forget(old) }
      }
    }
    return try pair.changedModel()
  }

  /// The operands of a node that are fitted, if it is a layer that meets other data than in the model.
  private func fitted(
    _ index: Int, _ rewriter: ChannelRewriter, _ pair: ModelPair, _ candidate: (graph: Graph, value: Value),
    _ values: inout SampleValues
  ) throws -> [ConstantUse: Tensor] {
    guard let layer = ReconstructedLayer(index, rewriter, pair, candidate) else { return [:] }
    context.progress("\(pruneChannels.name): \(model.nodes[index].layerName)")
    let uses = try layer.fitted(pair, &values).map { (ConstantUse(node: index, operand: $0.key), $0.value) }
    return Dictionary(uniqueKeysWithValues: uses)
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

extension Graph {
  /// For each value, the last node that uses it.
  fileprivate var lastUses: [Value: Int] {
    var uses: [Value: Int] = [:]
    for (index, isLive) in liveNodes.enumerated() where isLive {
      for value in nodes[index].operands { uses[value] = index }
    }
    return uses
  }
}
