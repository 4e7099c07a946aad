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

/// The pass at work: the graph as it was and as it becomes lie in one, so that both can be run on the same samples.
struct Binarization {
  let model: Graph
  let options: BinarizeOptions
  let context: PassContext
  var graph: Graph
  /// For each value of the model, its copy, and what has taken its place.
  var copies: [Value: Value] = [:]
  var changes: [Value: Value] = [:]
  var meter: OutputMeter?
  var byteCounts = (before: 0, after: 0)
  /// The bytes of the weights of all layers that may change.
  var totalByteCount = 0

  init(_ model: Graph, _ options: BinarizeOptions, _ context: PassContext) throws {
    (self.model, self.options, self.context) = (model, options, context)
    graph = Graph(name: model.name)
    try checkData()
    try checkNames()
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

  /// Throws unless all layers that the options name are layers.
  private func checkNames() throws {
    let known = model.nodes.filter { $0.op is Conv || $0.op is Gemm || $0.op is MatMul }.compactMap { $0.names[0] }
    if let name = (options.layers + options.skip).first(where: { !known.contains($0) }) {
      throw PassRefusal(
        "binarize: there is no Conv, Gemm or MatMul called '\(name)'; there are \(known.joined(separator: ", "))")
    }
  }

  /// Returns the model with bits for weights.
  mutating func run(notes: inout PassNotes) throws -> Graph {
    meter = try context.calibration.map { try OutputMeter(model, $0, context) }
    let live = model.liveNodes
    let layers = zip(model.nodes, live).compactMap { node, isLive in isLive ? try? layer(node) : nil }
    totalByteCount = layers.reduce(0) { $0 + $1.byteCount }
    for (index, node) in model.nodes.enumerated() where live[index] {
      try add(node, at: index, notes: &notes)
    }
    graph.outputs = model.outputs.map { ($0.name, changes[$0.value]!) }
    let result = try graph.withoutDeadNodes()
    if byteCounts.before > 0 {
      notes.add("weights of layers: \(byteCounts.before) -> \(byteCounts.after) bytes", for: nil)
      if let meter { notes.add(try meter.measure(result).description, for: nil) }
    }
    return result
  }

  /// Adds a node as it is, and what takes its place.
  private mutating func add(_ node: Node, at index: Int, notes: inout PassNotes) throws {
    let copied = try graph.add(
      node.op, node.inputs.map { $0.map { copies[$0]! } }, names: node.names, at: node.location)
    for (result, value) in copied.enumerated() { copies[Value(node: index, result: result)] = value }
    let name = node.names[0] ?? node.op.opName
    do {
      if let layer = try layer(node) {
        context.progress("binarize: \(name)")
        changes[Value(node: index)] = try choose(layer, node, at: index, name, notes: &notes)
      }
    } catch let unsuitable as BinarizableLayer.Unsuitable {
      notes.add("left as it is: \(unsuitable.reason)", for: name)
    }
    if changes[Value(node: index)] == nil {
      let values = try graph.add(
        node.op, node.inputs.map { $0.map { changes[$0]! } }, names: node.names, at: node.location)
      for (result, value) in values.enumerated() { changes[Value(node: index, result: result)] = value }
    }
  }

  /// The layer that a node is, if the options let it change.
  private func layer(_ node: Node) throws -> BinarizableLayer? {
    let name = node.names[0] ?? node.op.opName
    guard !options.skip.contains(name), options.layers.isEmpty || options.layers.contains(name) else { return nil }
    return try BinarizableLayer(node, in: model)
  }

  /// Returns the result of the layer with the fewest bits that keep within the budget, or nil where none do.
  private mutating func choose(
    _ layer: BinarizableLayer, _ node: Node, at index: Int, _ name: String, notes: inout PassNotes
  ) throws -> Value? {
    byteCounts.before += layer.byteCount
    var reason = "bits would take no less memory than its \(layer.byteCount) bytes"
    let sums = try statistics(layer, node)
    for bits in options.candidates {
      guard layer.byteCount(bits: bits, hasOffset: false, hasBias: true) < layer.byteCount else { break }
      let found = LayerApproximation(layer, options, bits: bits, sums)
      let error = found.errorInWords(isOfWeights: sums == nil)
      guard found.ownError <= options.errorBudget else {
        reason = "\(error) with \(bits.ofBits), where \(options.errorBudget) is allowed"
        continue
      }
      var candidate = graph
      let weights = model.name(of: node.inputs[1]!) ?? "\(name)_weights"
      let value = try layer.add(found, changes[node.inputs[0]!]!, in: &candidate, like: node, weights)
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
      graph = candidate
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
  /// The sums over the data that a layer takes; nil where there are none, or too many weights to look at them together.
  private func statistics(_ layer: BinarizableLayer, _ node: Node) throws -> GramStatistics? {
    guard let samples = context.calibration?.samples, !samples.isEmpty, layer.length <= Self.maximumLength else {
      return nil
    }
    let (original, changed) = (copies[node.inputs[0]!]!, changes[node.inputs[0]!]!)
    var taps = graph
    taps.outputs = [("original", original)] + (changed == original ? [] : [("changed", changed)])
    let run = try context.prepare(taps.withoutDeadNodes())
    var sums = GramStatistics(length: layer.length, isChanged: changed != original)
    let perSample = max(1, Self.rowCount(layer.length) / samples.count)
    var chosen = SampledPlaces()
    for sample in samples {
      let data = try run(sample)
      let count = layer.rowCount(data[0].shape)
      let places = chosen.next(min(perSample, count), of: count)
      let rows = layer.rows(of: data[0], at: places)
      sums.add(original: rows, changed: data.count == 1 ? rows : layer.rows(of: data[1], at: places))
    }
    sums.finish()
    return sums
  }

  /// The most weights of a channel whose products are summed in pairs: 8 bytes for each pair.
  private static let maximumLength = 4096

  /// How many rows to look at: enough to tell columns apart, in some seconds.
  private static func rowCount(_ length: Int) -> Int { min(32768, max(2048, 3_000_000_000 / (length * length + 1))) }

  /// By how many points the accuracy is lower where `value` is the result of the node at `place`, and those behind it stay.
  private func accuracyLoss(_ candidate: Graph, _ place: Int, _ value: Value) throws -> Double? {
    guard let meter else { return nil }
    var whole = candidate
    var values = changes
    values[Value(node: place)] = value
    let live = model.liveNodes
    for (index, node) in model.nodes.enumerated() where live[index] && index > place {
      let results = try whole.add(
        node.op, node.inputs.map { $0.map { values[$0]! } }, names: node.names, at: node.location)
      for (result, value) in results.enumerated() { values[Value(node: index, result: result)] = value }
    }
    whole.outputs = model.outputs.map { ($0.name, values[$0.value]!) }
    return try meter.measure(whole.withoutDeadNodes()).accuracyLoss
  }
}

extension LayerApproximation {
  fileprivate func errorInWords(isOfWeights: Bool) -> String {
    let (own, all) = (ownError.inThreeDigits, error.inThreeDigits)
    return "error \(own)" + (isOfWeights ? " of the weights" : own == all ? "" : ", \(all) with that of layers before")
  }
}

extension Int {
  fileprivate var ofBits: String { self == 1 ? "1 bit" : "\(self) bits" }
}
