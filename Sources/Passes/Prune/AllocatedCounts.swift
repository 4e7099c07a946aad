import IR

/// How many weights of each layer of a model are to become zero.
struct AllocatedCounts {
  /// The numbers, by the place of the layer's node; none where a budget decides.
  let byNode: [Int: Int]

  /// Divides the share of zeros that the options ask for.
  init(_ model: Graph, _ options: PruneOptions, _ context: PassContext, _ meter: OutputMeter?) throws {
    guard options.sparsity != nil || options.pattern == .twoOfFour else {
      byNode = [:]
      return
    }
    let share = options.sparsity ?? 0.5
    var found: [(node: Int, layer: ConstantLayer)] = []
    for (index, (node, isLive)) in zip(model.nodes, model.liveNodes).enumerated() where isLive {
      if let layer = try? options.layer(node, in: model) { found.append((index, layer)) }
    }
    let layers = found.map(\.layer)
    let counts: [Int]
    switch options.allocation {
    case .uniform: counts = SparsityAllocation.uniform(layers.map(\.allWeights.count), share: share)
    case .erk: counts = SparsityAllocation.erk(layers, share: share)
    case .global:
      let untouched = try UntouchedLayers(model, found, options, context)
      counts = SparsityAllocation.global(untouched.comparableScores, share: share)
    case .rateDistortion:
      let untouched = try UntouchedLayers(model, found, options, context)
      counts = SparsityAllocation.leastDistortion(
        try untouched.distortions(meter!), share: share, total: layers.reduce(0) { $0 + $1.allWeights.count })
    }
    byNode = Dictionary(uniqueKeysWithValues: zip(found.map(\.node), counts))
  }
}

/// The layers of a model with the data that they meet while no other layer has changed.
private struct UntouchedLayers {
  private let found: [(node: Int, layer: ConstantLayer)]
  private let pair: ModelPair
  private let context: PassContext
  private let pruners: [LayerPruner]
  private let squares: [Double]

  init(
    _ model: Graph, _ found: [(node: Int, layer: ConstantLayer)], _ options: PruneOptions, _ context: PassContext
  ) throws {
    (self.found, self.context) = (found, context)
    var pair = ModelPair(model)
    let live = model.liveNodes
    for (index, node) in model.nodes.enumerated() where live[index] {
      try pair.addCopy(of: node, at: index)
      try pair.addUnchanged(node, at: index)
    }
    self.pair = pair
    var (pruners, squares) = ([LayerPruner](), [Double]())
    for (index, layer) in found {
      context.progress("prune: scores of \(model.nodes[index].layerName)")
      let statistics = try pair.statistics(of: layer, model.nodes[index], context)
      pruners.append(LayerPruner(layer, options, statistics))
      squares.append(
        statistics.map { statistics in
          (0..<layer.channelCount).reduce(0) { $0 + ChannelObjective(layer.vector(of: $1), statistics).square }
        } ?? 1)
    }
    (self.pruners, self.squares) = (pruners, squares)
  }

  /// Scores that can be compared among layers: of losses of results, the share that they are of these.
  var comparableScores: [[Double]] {
    zip(pruners, squares).map { pruner, square in
      pruner.method == .obs && square > 0 ? pruner.scores.map { $0 / square } : pruner.scores
    }
  }

  /// For each layer, what the zeros of it alone do to the output: for several numbers of zeros, the squared error.
  func distortions(_ meter: OutputMeter) throws -> [[(count: Int, distortion: Double)]] {
    try zip(found, pruners).map { entry, pruner in
      let node = pair.model.nodes[entry.node]
      context.progress("prune: distortion by \(node.layerName)")
      var curve = [(count: 0, distortion: 0.0)]
      for share in Pruning.shares.reversed() {
        let pruned = pruner.pruned(count: Int((share * Double(entry.layer.allWeights.count)).rounded()))
        // Beyond this, the layer would stay as it is.
        if pruned.mask.emptyChannel(of: entry.layer) != nil { break }
        var model = pair
        let x = pair.changes[node.inputs[0]!]!
        let value = try entry.layer.add(pruned.vectors, to: x, in: &model.graph, like: node, pair.model)
        let measured = try meter.measure(pair.completed(model.graph, with: value, at: entry.node))
        let distortion = measured.errors.reduce(0) { $0 + $1.error * $1.error }
        // More zeros do no less: what was measured of samples may say so by chance.
        curve.append((pruned.mask.zeroCount, max(distortion, curve.last!.distortion)))
      }
      return curve
    }
  }
}
