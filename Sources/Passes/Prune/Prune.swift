import IR

/// Makes weights of layers zero that matter little, so that they take less flash and time.
///
///     %c = Conv(%x, %w, %b)
///   →
///     %c = Conv(%x, %w of which half are zero, %b)
///
/// The same for Gemm and MatMul with constant weights. The pass choose-sparse, which every build runs, then stores layers
/// without the zeros. With calibration data the weights that stay make up for those that go, each layer after those before
/// it have been changed. A layer stays as it is where a channel would have no weight left, where the pattern does not fit
/// it, and where it exceeds the budget. What the pass notes are errors that it measured, beside those of as many weights
/// taken out at random in the same way, and bytes with and without the zeros.
///
/// The methods are `magnitude`, `wanda` (magnitude times the norm of the data, Sun et al. 2024), `obs` (Optimal Brain
/// Surgeon: OBC, Frantar and Alistarh 2022; in large layers SparseGPT, 2023) and `random`, to compare with.
let prune = Pass(
  "prune", "Makes weights of layers zero that matter little.", preserves: .approximately, options: PruneOptions()
) { graph, options, context, notes in
  var pruning = try Pruning(graph, options, context)
  return try pruning.run(notes: &notes)
}

/// The pass at work.
struct Pruning: LayerwisePass {
  static let name = "prune"
  let options: PruneOptions
  let context: PassContext
  var pair: ModelPair
  /// How many weights of each layer are to become zero, by the place of its node.
  private var counts: [Int: Int] = [:]
  private var byteCounts = (before: 0, after: 0)
  private var zeroCounts = (zeros: 0, all: 0)

  init(_ model: Graph, _ options: PruneOptions, _ context: PassContext) throws {
    (self.options, self.context) = (options, context)
    pair = ModelPair(model)
    try checkLayerNames()
    guard context.calibration?.samples.isEmpty ?? true else { return }
    if options.method == .wanda || options.method == .obs {
      throw PassRefusal.needsCalibration("prune: the method \(options.method.rawValue)")
    }
    if options.allocation == .rateDistortion {
      throw PassRefusal.needsCalibration("prune: the allocation \(options.allocation.rawValue)")
    }
  }

  /// Returns the model with zeros among its weights.
  mutating func run(notes: inout PassNotes) throws -> Graph {
    let meter = try context.calibration.map { try OutputMeter(pair.model, $0, context) }
    counts = try AllocatedCounts(pair.model, options, context, meter).byNode
    let result = try changedModel(notes: &notes)
    guard zeroCounts.all > 0 else { return result }
    let share = 100 * Double(zeroCounts.zeros) / Double(zeroCounts.all)
    notes.add(
      "weights of layers: \(share.inThreeDigits) % zero, \(byteCounts.before) -> \(byteCounts.after) bytes", for: nil)
    if let meter { notes.add(try meter.measure(result).description, for: nil) }
    return result
  }

  /// Adds the layer with as many zeros as it is to have, or as the budget allows; nil where it stays as it is.
  mutating func choose(
    _ layer: ConstantLayer, _ node: Node, at index: Int, notes: inout PassNotes
  ) throws -> Value? {
    let name = node.layerName
    let size = layer.allWeights.count
    byteCounts.before += layer.byteCount
    zeroCounts.all += size
    let statistics = try pair.statistics(of: layer, node, context)
    let found: PrunedLayer
    switch best(layer, statistics, counts[index].map { [$0] } ?? Self.shares.map { Int(($0 * Double(size)).rounded()) })
    {
    case .failure(let stays):
      notes.add("left as it is: \(stays.reason)", for: name)
      byteCounts.after += layer.byteCount
      zeroCounts.zeros += layer.allWeights.count { $0 == 0 }
      return nil
    case .success(let layer): found = layer
    }
    let stored = layer.byteCount - 4 * size + min(4 * size, found.weights(of: layer).byteCount)
    byteCounts.after += stored
    zeroCounts.zeros += found.mask.zeroCount
    notes.add(
      "\(found.words(isOfWeights: statistics == nil)), at random \(found.control.inThreeDigits), "
        + "\(layer.byteCount) -> \(stored) bytes", for: name)
    return try layer.add(
      found.vectors, to: pair.changes[node.inputs[0]!]!, in: &pair.graph, like: node, pair.model)
  }

  /// The layer with the first of some numbers of zeros that can be, or why there is none.
  private func best(
    _ layer: ConstantLayer, _ statistics: GramStatistics?, _ counts: [Int]
  ) -> Result<PrunedLayer, ConstantLayer.Unsuitable> {
    if options.pattern == .twoOfFour, layer.shape[0] % 4 != 0 {
      return .failure(.init("its data have \(layer.shape[0]) channels, which are no groups of four"))
    }
    let pruner = LayerPruner(layer, options, statistics)
    var reason = "none of its weights is to be zero"
    for count in counts where count > 0 {
      let found = pruner.pruned(count: count)
      if let channel = found.mask.emptyChannel(of: layer) {
        reason = "channel \(channel) would have no weights with \(found.mask.share) % zero"
      } else if found.error.own > options.errorBudget {
        reason = "\(found.words(isOfWeights: statistics == nil)), where \(options.errorBudget) is allowed"
      } else {
        return .success(pruner.withControl(found, count: count))
      }
    }
    return .failure(.init(reason))
  }

  /// The shares of zeros that are tried where a budget decides.
  static let shares = [0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2]
}
