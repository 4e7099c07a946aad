import IR

/// A model as it was and as it becomes, in one graph, so that both can be run on the same samples.
struct ModelPair {
  /// The model as it was.
  let model: Graph
  /// Both, as far as nodes have been added.
  var graph: Graph
  /// For each value of the model, its copy.
  private(set) var copies: [Value: Value] = [:]
  /// For each value of the model, what has taken its place.
  private(set) var changes: [Value: Value] = [:]

  init(_ model: Graph) {
    self.model = model
    graph = Graph(name: model.name)
  }

  /// Adds a node as it was.
  mutating func addCopy(of node: Node, at index: Int) throws {
    let values = try graph.add(
      node.op, node.inputs.map { $0.map { copies[$0]! } }, names: node.names, at: node.location)
    for (result, value) in values.enumerated() { copies[Value(node: index, result: result)] = value }
  }

  /// Adds a node that does not change itself, but gets what changed nodes before it compute.
  mutating func addUnchanged(_ node: Node, at index: Int) throws {
    let values = try Self.add(node, to: &graph, changes)
    for (result, value) in values.enumerated() { changes[Value(node: index, result: result)] = value }
  }

  /// Lets a value take the place of the first result of a node.
  mutating func replace(_ index: Int, by value: Value) { changes[Value(node: index)] = value }

  /// Lets values take the place of all results of a node.
  mutating func replace(_ index: Int, by values: [Value]) {
    for (result, value) in values.enumerated() { changes[Value(node: index, result: result)] = value }
  }

  /// The changed model, as far as it goes, with the nodes behind it as they were.
  ///
  /// - Parameter candidate: A graph that was made of `graph`.
  /// - Parameter value: What takes the place of the node at `index` there.
  func completed(_ candidate: Graph, with value: Value, at index: Int) throws -> Graph {
    var whole = candidate
    var values = changes
    values[Value(node: index)] = value
    for (place, (node, isLive)) in zip(model.nodes, model.liveNodes).enumerated() where isLive && place > index {
      let results = try Self.add(node, to: &whole, values)
      for (result, value) in results.enumerated() { values[Value(node: place, result: result)] = value }
    }
    whole.outputs = model.outputs.map { ($0.name, values[$0.value]!) }
    return try whole.withoutDeadNodes()
  }

  /// The changed model, once all nodes have been added.
  func changedModel() throws -> Graph {
    var whole = graph
    whole.outputs = model.outputs.map { ($0.name, changes[$0.value]!) }
    return try whole.withoutDeadNodes()
  }

  private static func add(_ node: Node, to graph: inout Graph, _ values: [Value: Value]) throws -> [Value] {
    try graph.add(node.op, node.inputs.map { $0.map { values[$0]! } }, names: node.names, at: node.location)
  }
}

extension ModelPair {
  /// The sums over the data that a layer takes; nil where there are none, or too many weights to look at them together.
  func statistics(of layer: ConstantLayer, _ node: Node, _ context: PassContext) throws -> GramStatistics? {
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
  static func rowCount(_ length: Int) -> Int { min(32768, max(2048, 3_000_000_000 / (length * length + 1))) }
}

extension Graph {
  /// Throws unless all names are those of layers that passes give other weights.
  ///
  /// - Parameters:
  ///   - pass: The name of the pass, for the message.
  ///   - others: The operations besides layers that may be named.
  func checkLayerNames(_ names: [String], of pass: String, others: [String] = []) throws(PassRefusal) {
    let operations = ["Conv", "Gemm", "MatMul"] + others
    let known = nodes.filter { operations.contains($0.op.opName) }.compactMap { $0.names[0] }
    guard let name = names.first(where: { !known.contains($0) }) else { return }
    throw PassRefusal(
      "\(pass): there is no \(operations.dropLast().joined(separator: ", ")) or \(operations.last!) called '\(name)'; "
        + "there are \(known.joined(separator: ", "))")
  }
}
