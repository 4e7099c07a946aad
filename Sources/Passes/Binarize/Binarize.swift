import IR

/// Gives the weights of layers 1 to 4 bits each, so that they take a thirty-second of their flash for each bit.
///
///     %c = Conv(%x, %w, %b)
///   →
///     %s = ScaledBits(%w_bits, %w_scale) {shape: [3, 3, 3]}
///     %c = Conv(%x, %s, %w_bias)
///
/// The same for Gemm and MatMul with constant weights. With calibration data, bits are chosen by what they do to the results
/// of the layer, each layer after those before it have been changed; factors and biases are fitted to the data then. A
/// layer that exceeds the budget with 4 bits stays as it is. What the pass notes are its choices and the errors that it
/// measured.
///
/// The methods are `sign` (XNOR-Net), `balanced` (equal numbers of set and clear bits, with an offset), `residual`
/// (each bit for what those before leave, refined by least squares), `ternary`, `gpfq` (greedy path following, then descent
/// bit by bit, by calibration data) and `gpfq-ternary`.
let binarize = Pass(
  "binarize", "Gives the weights of layers 1 to 4 bits each, within a budget of errors.", preserves: .approximately,
  options: BinarizeOptions()
) { graph, options, context, notes in
  var binarization = try Binarization(graph, options, context)
  return try binarization.run(notes: &notes)
}

/// The pass at work.
struct Binarization: LayerwisePass {
  static let name = "binarize"
  let options: BinarizeOptions
  let context: PassContext
  var pair: ModelPair
  private var meter: OutputMeter?
  private var byteCounts = (before: 0, after: 0)
  /// The bytes of the weights of all layers that may change.
  private var totalByteCount = 0

  init(_ model: Graph, _ options: BinarizeOptions, _ context: PassContext) throws {
    (self.options, self.context) = (options, context)
    pair = ModelPair(model)
    try checkData()
    try checkLayerNames()
  }

  /// Throws unless there is the data that the options need.
  private func checkData() throws {
    if options.method == .gpfq || options.method == .gpfqTernary, context.calibration?.samples.isEmpty ?? true {
      throw PassRefusal.needsCalibration("binarize: the method \(options.method.rawValue)")
    }
    if options.accuracy != nil, context.calibration?.labels == nil {
      throw PassRefusal.needsCalibration("binarize: the option accuracy", withLabels: true)
    }
  }

  /// Returns the model with bits for weights.
  mutating func run(notes: inout PassNotes) throws -> Graph {
    let model = pair.model
    meter = try context.calibration.map { try OutputMeter(model, $0, context) }
    let layers = zip(model.nodes, model.liveNodes).compactMap { node, isLive in
      isLive ? try? options.layer(node, in: model) : nil
    }
    totalByteCount = layers.reduce(0) { $0 + $1.byteCount }
    let result = try changedModel(notes: &notes)
    if byteCounts.before > 0 {
      notes.add("weights of layers: \(byteCounts.before) -> \(byteCounts.after) bytes", for: nil)
      if let meter { notes.add(try meter.measure(result).description, for: nil) }
    }
    return result
  }

  /// Returns the result of the layer with the fewest bits that keep within the budget, or nil where none do.
  mutating func choose(
    _ layer: ConstantLayer, _ node: Node, at index: Int, notes: inout PassNotes
  ) throws -> Value? {
    let name = node.layerName
    byteCounts.before += layer.byteCount
    var reason = "bits would take no less memory than its \(layer.byteCount) bytes"
    let sums = try pair.statistics(of: layer, node, context)
    for bits in options.candidates {
      guard layer.byteCount(bits: bits, hasOffset: false, hasBias: true) < layer.byteCount else { break }
      let found = LayerApproximation(layer, options, bits: bits, sums)
      let error = found.error.inWords(isOfWeights: sums == nil)
      guard found.error.own <= options.errorBudget else {
        reason = "\(error) with \(bits.ofBits), where \(options.errorBudget) is allowed"
        continue
      }
      var candidate = pair.graph
      let weights = pair.model.name(of: node.inputs[1]!) ?? "\(name)_weights"
      let value = try layer.add(found, pair.changes[node.inputs[0]!]!, in: &candidate, like: node, weights)
      // Layers share what is allowed by their bytes: the first would take it all, and are small for the most part.
      let share = Double(byteCounts.before) / Double(totalByteCount)
      if let points = options.accuracy.map({ $0 * share }), let loss = try accuracyLoss(candidate, index, value),
        loss > points
      {
        reason =
          "accuracy falls by \(loss.inThreeDigits) points with \(bits.ofBits), where "
          + "\(points.inThreeDigits) are allowed up to here"
        continue
      }
      pair.graph = candidate
      let hasBias = found.channels.contains { $0.bias != 0 }
      let bytes = layer.byteCount(bits: bits, hasOffset: found.hasOffset, hasBias: hasBias)
      byteCounts.after += bytes
      notes.add("\(bits.ofBits), \(error), \(layer.byteCount) -> \(bytes) bytes", for: name)
      return value
    }
    byteCounts.after += layer.byteCount
    notes.add("left as it is: \(reason)", for: name)
    return nil
  }
}

extension Binarization {
  /// By how many points the accuracy is lower where `value` is the result of the node at `place`, and those behind it stay.
  private func accuracyLoss(_ candidate: Graph, _ place: Int, _ value: Value) throws -> Double? {
    guard let meter else { return nil }
    return try meter.measure(pair.completed(candidate, with: value, at: place)).accuracyLoss
  }
}

extension Int {
  fileprivate var ofBits: String { self == 1 ? "1 bit" : "\(self) bits" }
}
