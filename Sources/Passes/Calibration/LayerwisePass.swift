import IR

/// The options of a pass that gives layers other weights.
protocol LayerOptions: PassOptions {
  /// The names of the layers to change; all where empty.
  var layers: [String] { get }
  /// The names of layers to leave as they are.
  var skip: [String] { get }
}

extension LayerOptions {
  /// Whether the options let a node change.
  func lets(_ node: Node) -> Bool {
    !skip.contains(node.layerName) && (layers.isEmpty || layers.contains(node.layerName))
  }

  /// The layer that a node is, if the options let it change.
  func layer(_ node: Node, in model: Graph) throws -> ConstantLayer? {
    lets(node) ? try ConstantLayer(node, in: model) : nil
  }
}

/// A pass at work that gives layers other weights, one layer after the other, each after those before it have changed.
protocol LayerwisePass {
  associatedtype Options: LayerOptions
  /// The name of the pass.
  static var name: String { get }
  var options: Options { get }
  var context: PassContext { get }
  var pair: ModelPair { get set }
  /// The operations besides layers that it changes.
  static var otherOperations: [String] { get }

  /// Adds the layer with other weights to the graph of the pair, and notes why; nil where it stays as it is.
  mutating func choose(_ layer: ConstantLayer, _ node: Node, at index: Int, notes: inout PassNotes) throws -> Value?

  /// The same for one of the other operations.
  mutating func chooseOther(_ node: Node, notes: inout PassNotes) throws -> Value?
}

extension LayerwisePass {
  static var otherOperations: [String] { [] }

  mutating func chooseOther(_ node: Node, notes: inout PassNotes) throws -> Value? { nil }

  /// Throws unless the layers that the options name are there.
  func checkLayerNames() throws {
    try pair.model.checkLayerNames(options.layers + options.skip, of: Self.name, others: Self.otherOperations)
  }

  /// Returns the model with other weights where `choose` has found some.
  mutating func changedModel(notes: inout PassNotes) throws -> Graph {
    let live = pair.model.liveNodes
    for (index, node) in pair.model.nodes.enumerated() where live[index] {
      try pair.addCopy(of: node, at: index)
      if let value = try change(node, at: index, notes: &notes) {
        pair.replace(index, by: value)
      } else {
        try pair.addUnchanged(node, at: index)
      }
    }
    return try pair.changedModel()
  }

  private mutating func change(_ node: Node, at index: Int, notes: inout PassNotes) throws -> Value? {
    do {
      guard options.lets(node) else { return nil }
      if Self.otherOperations.contains(node.op.opName) { return try chooseOther(node, notes: &notes) }
      guard let layer = try ConstantLayer(node, in: pair.model) else { return nil }
      context.progress("\(Self.name): \(node.layerName)")
      return try choose(layer, node, at: index, notes: &notes)
    } catch let unsuitable as ConstantLayer.Unsuitable {
      notes.add("left as it is: \(unsuitable.reason)", for: node.layerName)
      return nil
    }
  }
}

extension Node {
  /// What options and notes call the layer that it is.
  var layerName: String { names[0] ?? op.opName }
}
