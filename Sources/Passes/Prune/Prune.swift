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
struct Pruning {
  let model: Graph
  let options: PruneOptions
  let context: PassContext
  private var pair: ModelPair
  private var byteCounts = (before: 0, after: 0)
  private var zeroCounts = (zeros: 0, all: 0)

  init(_ model: Graph, _ options: PruneOptions, _ context: PassContext) throws {
    (self.model, self.options, self.context) = (model, options, context)
    pair = ModelPair(model)
    try model.checkLayerNames(options.layers + options.skip, of: "prune")
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
    let meter = try context.calibration.map { try OutputMeter(model, $0, context) }
    let counts = try AllocatedCounts(model, options, context, meter)
    let live = model.liveNodes
    for (index, node) in model.nodes.enumerated() where live[index] {
      try pair.addCopy(of: node, at: index)
      let name = node.names[0] ?? node.op.opName
      do {
        if let layer = try options.layer(node, in: model) {
          context.progress("prune: \(name)")
          if let value = try choose(layer, node, name, counts.byNode[index], notes: &notes) {
            pair.replace(index, by: value)
            continue
          }
        }
      } catch let unsuitable as ConstantLayer.Unsuitable {
        notes.add("left as it is: \(unsuitable.reason)", for: name)
      }
      try pair.addUnchanged(node, at: index)
    }
    let result = try pair.changedModel()
    guard zeroCounts.all > 0 else { return result }
    let share = 100 * Double(zeroCounts.zeros) / Double(zeroCounts.all)
    notes.add(
      "weights of layers: \(share.inThreeDigits) % zero, \(byteCounts.before) -> \(byteCounts.after) bytes", for: nil)
    if let meter { notes.add(try meter.measure(result).description, for: nil) }
    return result
  }

  /// Adds the layer with as many zeros as it is to have, or as the budget allows; nil where it stays as it is.
  private mutating func choose(
    _ layer: ConstantLayer, _ node: Node, _ name: String, _ count: Int?, notes: inout PassNotes
  ) throws -> Value? {
    let size = layer.allWeights.count
    byteCounts.before += layer.byteCount
    zeroCounts.all += size
    let statistics = try pair.statistics(of: layer, node, context)
    let found: PrunedLayer
    switch best(layer, statistics, count.map { [$0] } ?? Self.shares.map { Int(($0 * Double(size)).rounded()) }) {
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
    return try found.add(pair.changes[node.inputs[0]!]!, in: &pair.graph, like: node, of: layer, model)
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

extension PruneOptions {
  /// The layer that a node is, if the options let it change.
  func layer(_ node: Node, in model: Graph) throws -> ConstantLayer? {
    let name = node.names[0] ?? node.op.opName
    guard !skip.contains(name), layers.isEmpty || layers.contains(name) else { return nil }
    return try ConstantLayer(node, in: model)
  }
}
