import IR

/// A layer of which some weights have become zero, and how well it serves.
struct PrunedLayer {
  /// For each channel, its weights and its bias, or 0.
  let vectors: [[Double]]
  /// Which weights stay.
  let mask: WeightMask
  /// How far its results are from those of the model.
  let error: LayerError
  /// The error with as many weights taken out at random in the same way; 0 where that was not measured.
  var control = 0.0

  /// How many zeros there are and what they do, in words.
  ///
  /// - Parameter isOfWeights: Whether there were no data.
  func words(isOfWeights: Bool) -> String { "\(mask.share) % zero, \(error.inWords(isOfWeights: isOfWeights))" }
}

/// Takes weights out of one layer, with the data that it meets.
struct LayerPruner {
  let layer: ConstantLayer
  let method: PruneOptions.Method
  let pattern: PruneOptions.Pattern
  private let statistics: GramStatistics?
  private let surgeon: OptimalBrainSurgeon?
  /// How little is lost with each weight; without end for the last one of a channel.
  let scores: [Double]

  /// Finds the scores of all weights.
  init(_ layer: ConstantLayer, _ options: PruneOptions, _ statistics: GramStatistics?) {
    (self.layer, self.statistics, pattern) = (layer, statistics, options.pattern)
    var method = options.method
    if method == .auto { method = statistics == nil ? .magnitude : .obs }
    surgeon = method == .obs ? statistics.flatMap { OptimalBrainSurgeon(layer, $0) } : nil
    self.method = method
    let scores =
      surgeon?.scores(groups: options.pattern == .twoOfFour ? layer.groupsOfFour : nil)
      ?? layer.scores(method, statistics, seed: 1)
    self.scores = layer.protectingLastWeights(scores)
  }

  /// The layer without `count` of its weights, or as many as the pattern says.
  func pruned(count: Int) -> PrunedLayer { result(WeightMask(scores, layer, count: count, pattern)) }

  /// The layer beside one without as many weights that were taken out at random.
  func withControl(_ pruned: PrunedLayer, count: Int) -> PrunedLayer {
    let random = layer.protectingLastWeights(layer.scores(.random, nil, seed: 2))
    var pruned = pruned
    pruned.control = result(WeightMask(random, layer, count: count, pattern)).error.all
    return pruned
  }

  private func result(_ mask: WeightMask) -> PrunedLayer {
    let vectors = (0..<layer.channelCount).map { channel -> [Double] in
      if let surgeon { return surgeon.fitted(mask, channel: channel) }
      return layer.vector(of: channel).enumerated().map { index, number in
        index < layer.length && !mask.stays[channel * layer.length + index] ? 0 : number
      }
    }
    return PrunedLayer(
      vectors: vectors, mask: mask, error: LayerError(of: layer, with: vectors, statistics))
  }
}

extension PrunedLayer {
  /// The weights, a row for each channel, as they are stored.
  func weights(of layer: ConstantLayer) -> SparseMatrix {
    SparseMatrix(
      vectors.flatMap { $0.dropLast().map { Float($0) } }, rows: layer.channelCount, columns: layer.length)
  }
}
