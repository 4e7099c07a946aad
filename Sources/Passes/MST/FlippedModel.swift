import IR

/// A model in which weights of binary layers are inverted so that trees of their channels are shorter, layer after layer, each on
/// the data that the layers before it make then.
///
/// This stands in for learning with the distances of channels (MST-compression, section 3.3), after training and without labels.
struct FlippedModel {
  private let model: Graph
  private let options: MSTOptions
  private let budget: Double
  private let context: PassContext
  private let samples: [[String: Tensor]]
  /// The model as it becomes, and what has taken the place of each of its values.
  private var graph: Graph
  private var changes: [Value: Value] = [:]

  /// Prepares to change a model.
  ///
  /// - Parameter budget: The share of the results of a channel that may change.
  init(_ model: Graph, _ options: MSTOptions, flip budget: Double, _ context: PassContext) throws {
    guard let samples = context.calibration?.samples, !samples.isEmpty else {
      throw PassRefusal.needsCalibration("mst-reorder: the option flip")
    }
    (self.model, self.options, self.budget, self.context, self.samples) = (model, options, budget, context, samples)
    graph = Graph(name: model.name)
  }

  /// Returns the model with other weights.
  mutating func run(notes: inout PassNotes) throws -> Graph {
    let live = model.liveNodes
    var changedCount = 0
    for (index, node) in model.nodes.enumerated() where live[index] {
      var inputs = node.inputs.map { $0.map { changes[$0]! } }
      if let op = node.op as? BinaryConv2D, let flips = try flips(of: op, node, notes: &notes) {
        let (weights, thresholds) = (flips.graph.tensor(), Tensor(flips.thresholds.map { Int16($0) }))
        let packed = op.panels(model.type(of: node.inputs[0]!).shape).packed(weights)
        inputs[1] = try graph.add(Constant(packed), [], name: model.name(of: node.inputs[1]!), at: node.location)
        inputs[2] = try graph.add(Constant(thresholds), [], name: model.name(of: node.inputs[2]!), at: node.location)
        changedCount += 1
      }
      let values = try graph.add(node.op, inputs, names: node.names, at: node.location)
      for (result, value) in values.enumerated() { changes[Value(node: index, result: result)] = value }
    }
    graph.outputs = model.outputs.map { ($0.name, changes[$0.value]!) }
    let result = try graph.withoutDeadNodes()
    if changedCount > 0 {
      notes.add(try OutputMeter(model, context.calibration!, context).measure(result).description, for: nil)
    }
    return result
  }

  /// The changes of a node; nil if there are none, or they do not pay.
  private func flips(of op: BinaryConv2D, _ node: Node, notes: inout PassNotes) throws -> LayerFlips? {
    guard let layer = try TreeLayer(op, node, in: model, on: context.target),
      let thresholds = model.constant(node.inputs[2])?.ints, layer.rows.weightCount <= Self.mostWeights
    else { return nil }
    let name = node.names[0]
    context.progress("mst-reorder: \(name ?? node.op.opName)")
    let window = try op.window(model.type(of: node.inputs[0]!).shape)
    guard let evidence = try evidence(layer.rows, window, thresholds, node) else {
      notes.add("weights stay: no window lies inside the data", for: name)
      return nil
    }
    let flips = LayerFlips(layer.rows, thresholds: thresholds, evidence, budget: budget)
    guard try layer.choice(for: flips.graph, options, on: context.target).tree != nil else {
      notes.add("weights stay: a tree would not pay", for: name)
      return nil
    }
    let share = Double(flips.flipCount) / Double(layer.rows.channelCount * layer.rows.weightCount)
    notes.add(
      "\((share * 100).inThreeDigits) % of weights inverted; \((flips.errors.after * 100).inThreeDigits) % of results differ, "
        + "\((flips.errors.before * 100).inThreeDigits) % by layers before", for: name)
    return flips
  }

  /// The most weights of a channel, whose covariances are looked at: 4 bytes for each pair.
  private static let mostWeights = 8192
  /// How many rows to look at, of which a third are for counting results.
  private static let rowCount = 12288
}

extension FlippedModel {
  /// What samples show of a layer; nil where all its windows reach beyond the data.
  private func evidence(_ rows: ChannelGraph, _ window: Window, _ thresholds: [Int], _ node: Node) throws
    -> LayerFlips.Evidence?
  {
    let inner = Self.placesInside(window)
    guard !inner.isEmpty else { return nil }
    let runs = try [(model, node.inputs[0]!), (graph, changes[node.inputs[0]!]!)].map { graph, value in
      var tap = graph
      tap.outputs = [("tap", value)]
      return try context.prepare(tap.withoutDeadNodes())
    }
    var data = [BitSamples](repeating: BitSamples(length: rows.weightCount), count: 4)
    let perSample = min(inner.count, max(1, Self.rowCount / samples.count))
    var chosen = SampledPlaces()
    for (number, sample) in samples.enumerated() {
      let places = chosen.next(perSample, of: inner.count).map { inner[$0] }
      let (original, changed) = (try runs[0](sample)[0], try runs[1](sample)[0])
      if number % 3 == 0 || samples.count < 3 {
        data[0].add(original, window, at: places)
        data[1].add(changed, window, at: places)
      }
      if number % 3 != 0 || samples.count < 3 {
        data[2].add(original, window, at: places)
        data[3].add(changed, window, at: places)
      }
    }
    let targets = thresholds.enumerated().map { channel, threshold in
      data[0].sums(rows.weights(of: channel + 1)).map { $0 >= threshold }
    }
    let (covariances, mixed) = (data[3].covariances(with: data[3]), data[3].covariances(with: data[2]))
    let drift = zip(covariances, mixed).map { $0 - $1 }
    return LayerFlips.Evidence(covariances: covariances, drift: drift, rows: data[1], targets: targets)
  }

  /// The places of an image's result whose windows lie in the data.
  private static func placesInside(_ window: Window) -> [Int] {
    func inside(_ axis: WindowAxis) -> [Int] {
      (0..<axis.output).filter { axis.start(of: $0) >= 0 && axis.start(of: $0) + axis.reach <= axis.input }
    }
    let columns = inside(window.axes[1])
    return inside(window.axes[0]).flatMap { y in columns.map { y * window.axes[1].output + $0 } }
  }
}

extension BitPanels {
  /// Returns weights that lie in panels of one in this order.
  fileprivate func packed(_ weights: Tensor) -> Tensor {
    BitPanels(outputs: outputs, group: group, inputs: inputs, width: 1).repacked(weights, width: width)
  }
}
