import IR

/// Rounds weights to integers of 8 or 4 bits times a scale, so that they take a quarter or an eighth of their bytes.
///
///     %c = Conv(%x, %w, %b)
///   →
///     %c = Conv(%x, %w of which each is an integer times the scale of its channel, %b)
///
/// The same for Gemm and MatMul with constant weights, and with 8 bits for tables out of which Gather takes rows. Data stay
/// floats. The pass narrow-weights, which every build runs, then stores the integers. With calibration data weights that are
/// not rounded yet make up for the rounding of others, each layer after those before it have been changed. A layer stays as it
/// is where it exceeds the budget. What the pass notes are errors that it measured, beside those of rounding to the nearest, and
/// bytes.
///
/// Frantar et al., "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained Transformers" (2023), section 3.
let quantizeWeights = Pass(
  "quantize-weights", "Rounds weights to integers of 8 or 4 bits times a scale.", preserves: .approximately,
  options: QuantizeWeightsOptions()
) { graph, options, context, notes in
  var work = try WeightQuantization(graph, options, context)
  return try work.run(notes: &notes)
}

/// The options of the pass quantize-weights.
struct QuantizeWeightsOptions: LayerOptions {
  /// How weights are rounded.
  enum Method: String, CaseIterable, Codable, Sendable {
    /// `compensated` where there are calibration data, else `nearest`.
    case auto
    /// To the nearest integer.
    case nearest
    /// One after the other, each time with changes of the others by which the results miss least.
    case compensated
  }

  /// The bits of an integer; where there is no number, 4 if a layer keeps within its budget with it, else 8.
  var bits: Int?
  /// How many weights of a channel have a scale in common; 0 for all.
  var group = 0
  /// How weights are rounded.
  var method = Method.auto
  /// The largest error that a layer may add to its results, relative to them.
  var error: Double?
  /// Whether tables are rounded too.
  var tables = true
  /// The layers to change; all where empty.
  var layers: [String] = []
  /// The layers to leave as they are.
  var skip: [String] = []

  static let summaries = [
    "bits": "bits of a weight, 8 or 4; without it, the fewer with which a layer keeps within its budget",
    "group": "how many weights of a channel have a scale in common: 16, 32, 64 or 128, or 0 for all",
    "method": "how weights are rounded: \(Method.allCases.map(\.rawValue).joined(separator: ", "))",
    "error": "largest error of a layer, relative to its results on calibration data, or to its weights without; "
      + "\(defaultError) where there is no bits",
    "tables": "whether tables out of which rows are taken are rounded too, to 8 bits",
    "layers": "names of the layers and tables to change; all by default",
    "skip": "names of those to leave as they are",
  ]

  /// The error that is allowed where neither a budget nor a number of bits is given.
  static let defaultError = 0.05

  func validate() throws {
    try require(bits.map { $0 == 4 || $0 == 8 } ?? true, "option 'bits' is \(bits ?? 0), but should be 4 or 8")
    let groups = [0] + ScaledIntegers.partLengths.sorted()
    try require(
      groups.contains(group),
      "option 'group' is \(group), but should be one of \(groups.map(String.init).joined(separator: ", "))")
    try require(error.map { $0 > 0 } ?? true, "option 'error' should be greater than 0")
  }

  /// The largest relative error of a layer.
  var errorBudget: Double { error ?? (bits == nil ? Self.defaultError : .infinity) }
}

/// The pass at work.
private struct WeightQuantization: LayerwisePass {
  static let name = "quantize-weights"
  static let otherOperations = [Gather.name]
  let options: QuantizeWeightsOptions
  let context: PassContext
  var pair: ModelPair
  private var byteCounts = (before: 0, after: 0)
  /// What has taken the place of tables.
  private var tables: [Value: Value] = [:]

  init(_ model: Graph, _ options: QuantizeWeightsOptions, _ context: PassContext) throws {
    (self.options, self.context) = (options, context)
    pair = ModelPair(model)
    try checkLayerNames()
    if options.method == .compensated, context.calibration?.samples.isEmpty ?? true {
      throw PassRefusal.needsCalibration("quantize-weights: the method compensated")
    }
  }

  /// Returns the model with rounded weights.
  mutating func run(notes: inout PassNotes) throws -> Graph {
    let meter = try context.calibration.map { try OutputMeter(pair.model, $0, context) }
    let result = try changedModel(notes: &notes)
    guard byteCounts.before > 0 else { return result }
    notes.add("weights: \(byteCounts.before) -> \(byteCounts.after) bytes", for: nil)
    if let meter { notes.add(try meter.measure(result).description, for: nil) }
    return result
  }

  mutating func choose(
    _ layer: ConstantLayer, _ node: Node, at index: Int, notes: inout PassNotes
  ) throws -> Value? {
    let statistics = try pair.statistics(of: layer, node, context)
    let rounding = LayerRounding(layer, options, statistics)
    var reason = ""
    for bits in options.bits.map({ [$0] }) ?? [4, 8] {
      let found = rounding.rounded(to: bits)
      let words = "\(bits) bits, \(found.error.inWords(isOfWeights: statistics == nil))"
      guard found.error.own <= options.errorBudget else {
        reason = "\(words), where \(options.errorBudget) is allowed"
        continue
      }
      let nearest = found.nearest.map { ", \($0.all.inThreeDigits) to the nearest" } ?? ""
      note("\(words)\(nearest)", layer.byteCount, found.byteCount, node, &notes)
      return try layer.add(found.vectors, to: pair.changes[node.inputs[0]!]!, in: &pair.graph, like: node, pair.model)
    }
    return stays(reason, layer.byteCount, node, &notes)
  }

  /// Rounds a table out of which rows are taken to 8 bits, with a scale for each row.
  mutating func chooseOther(_ node: Node, notes: inout PassNotes) throws -> Value? {
    guard options.tables, (node.op as? Gather)?.axis == 0, let value = node.inputs[0],
      let table = pair.model.constant(value), let rounded = RoundedTable(table)
    else { return nil }
    if tables[value] == nil {
      let words = "8 bits, error \(rounded.error.inThreeDigits) of the weights"
      guard rounded.error <= options.errorBudget else {
        return stays("\(words), where \(options.errorBudget) is allowed", table.type.byteCount, node, &notes)
      }
      note(words, table.type.byteCount, rounded.byteCount, node, &notes)
      tables[value] = try pair.graph.add(
        Constant(rounded.table), [], name: pair.model.name(of: value), at: node.location)
    }
    return try pair.graph.add(
      node.op, [tables[value]!, pair.changes[node.inputs[1]!]!], name: node.names[0], at: node.location)
  }

  private mutating func note(_ words: String, _ before: Int, _ after: Int, _ node: Node, _ notes: inout PassNotes) {
    byteCounts.before += before
    byteCounts.after += after
    notes.add("\(words), \(before) -> \(after) bytes", for: node.layerName)
  }

  private mutating func stays(_ reason: String, _ bytes: Int, _ node: Node, _ notes: inout PassNotes) -> Value? {
    byteCounts.before += bytes
    byteCounts.after += bytes
    notes.add("left as it is: \(reason)", for: node.layerName)
    return nil
  }
}
