import IR
import Targets

/// Leaves out the neurons of feed-forward blocks that a row of data leaves silent.
///
///     %h = Relu(%a)
///     %y = MatMul(%h, %w2)
///   →
///     %h = Relu(%a)
///     %y = SkippingDense(%h, packed %w2) {output_features: 64, panel: 8}
///
/// Silent are neurons whose value is 0, which changes nothing; with a budget also those that add less to the result than a
/// threshold, for each neuron one that follows from the norm of its weights. A block changes where that is expected to
/// take less time, by the share of silent neurons on calibration data and the numbers of the target. What was expected,
/// and the error that was measured, are noted. Blocks behind one that has changed are measured on what they meet then.
///
/// He et al., "CHESS: Optimizing LLM Inference via Channel-Wise Thresholding and Selective Sparsification" (2024).
let feedForwardThreshold = Pass(
  "ffn-threshold", "Leaves out the neurons of feed-forward blocks that a row of data leaves silent.",
  preserves: .approximately, options: FeedForwardThresholdOptions()
) { graph, options, context, notes in
  var work = FeedForwardThresholds(graph, options, context)
  return try work.run(notes: &notes)
}

/// The options of the pass ffn-threshold.
struct FeedForwardThresholdOptions: PassOptions {
  /// The largest error of the result of a block, relative to it; 0 leaves out zeros only.
  var error = 0.0
  /// The blocks to change; all where empty.
  var layers: [String] = []
  /// The blocks to leave as they are.
  var skip: [String] = []

  static let summaries = [
    "error": "largest error of a block, relative to its results on calibration data; 0 leaves out zeros only",
    "layers": "names of the blocks to change, which are those of their second products; all by default",
    "skip": "names of blocks to leave as they are",
  ]

  func validate() throws {
    try require(error >= 0, "option 'error' should be 0 or more")
  }
}

/// The pass at work.
private struct FeedForwardThresholds: BlockwisePass {
  static let name = "ffn-threshold"
  let options: FeedForwardThresholdOptions
  let context: PassContext
  var pair: ModelPair

  init(_ model: Graph, _ options: FeedForwardThresholdOptions, _ context: PassContext) {
    (self.options, self.context, pair) = (options, context, ModelPair(model))
  }

  mutating func run(notes: inout PassNotes) throws -> Graph {
    guard let calibration = context.calibration, !calibration.samples.isEmpty else {
      throw PassRefusal.needsCalibration(Self.name)
    }
    let meter = try OutputMeter(pair.model, calibration, context)
    let result = try changedModel(layers: options.layers, skip: options.skip, notes: &notes)
    notes.add(try meter.measure(result).description, for: nil)
    return result
  }

  mutating func change(_ block: FeedForwardBlock, notes: inout PassNotes) throws -> Value? {
    guard let samples = try samples(of: block), samples.count > 0 else { return nil }
    let found = SilentNeurons(block, samples, error: options.error)
    let costs = costs(block, silent: found.share)
    let isFaster = costs.skipping < costs.dense
    notes.add(
      "\((100 * found.share).inThreeDigits) % of neurons are silent, error \(found.error.inThreeDigits): all would take "
        + "\(costs.dense.thousands) \(context.target.sparseCosts.unit), the others \(costs.skipping.thousands); "
        + (isFaster ? "skipped" : "left as it is"), for: block.name)
    guard isFaster else { return nil }
    return try add(block, found)
  }

  /// What the second product is expected to take for all rows, with all neurons and without silent ones.
  private func costs(_ block: FeedForwardBlock, silent: Double) -> (dense: Double, skipping: Double) {
    let (costs, rows) = (context.target.sparseCosts, rowCount(block))
    let (neurons, columns) = (Double(block.neurons), Double(block.columns))
    let product = rows > 1 ? costs.product : costs.rowProduct
    let dense = neurons * columns * product
    // Each neuron is looked at; those that are not silent are listed, and then multiplied.
    let skipping = neurons * costs.list + neurons * (1 - silent) * (costs.list + columns * product)
    return (Double(rows) * dense, Double(rows) * skipping)
  }

  private mutating func add(_ block: FeedForwardBlock, _ found: SilentNeurons) throws -> Value {
    let location = block.second.product.location
    func constant(_ tensor: Tensor, _ part: String) throws -> Value {
      try pair.graph.add(Constant(tensor), [], name: "\(block.name)_\(part)", at: location)
    }
    var op = SkippingDense()
    (op.outputFeatures, op.panel) = (block.columns, context.target.panelWidth)
    let inputs: [Value?] = [
      pair.changes[block.hidden]!, try constant(Dense.pack(block.second.weights, panel: op.panel), "weights"),
      try block.second.bias.map { try constant(Tensor(TensorType(.f32, [block.columns]), reals: $0), "bias") },
      try found.thresholds.map { try constant(Tensor(TensorType(.f32, [block.neurons]), reals: $0), "thresholds") },
    ]
    return try pair.graph.add(op, inputs, names: [block.name], at: location)[0]
  }
}
