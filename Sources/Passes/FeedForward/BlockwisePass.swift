import IR

/// A pass at work that replaces feed-forward blocks, one after the other, each after those before it have changed.
protocol BlockwisePass {
  /// The name of the pass.
  static var name: String { get }
  var context: PassContext { get }
  var pair: ModelPair { get set }

  /// Adds what takes the place of a block to the graph of the pair, and notes why; nil where the block stays as it is.
  mutating func change(_ block: FeedForwardBlock, notes: inout PassNotes) throws -> Value?
}

extension BlockwisePass {
  /// Returns the model with other blocks where `change` has found some.
  ///
  /// - Parameter layers: The names of the blocks to change; all where empty.
  /// - Parameter skip: The names of blocks to leave as they are.
  mutating func changedModel(layers: [String], skip: [String], notes: inout PassNotes) throws -> Graph {
    let blocks = pair.model.feedForwardBlocks
    if let name = (layers + skip).first(where: { name in !blocks.contains { $0.name == name } }) {
      throw PassRefusal(
        "\(Self.name): there is no feed-forward block that ends with '\(name)'; "
          + (blocks.isEmpty ? "there is none at all" : "there are \(blocks.map(\.name).joined(separator: ", "))"))
    }
    let chosen = blocks.filter { !skip.contains($0.name) && (layers.isEmpty || layers.contains($0.name)) }
    let byResult = Dictionary(uniqueKeysWithValues: chosen.map { ($0.result, $0) })
    let live = pair.model.liveNodes
    for (index, node) in pair.model.nodes.enumerated() where live[index] {
      try pair.addCopy(of: node, at: index)
      guard let block = byResult[Value(node: index)] else {
        try pair.addUnchanged(node, at: index)
        continue
      }
      context.progress("\(Self.name): \(block.name)")
      if let value = try change(block, notes: &notes) {
        pair.replace(index, by: value)
      } else {
        try pair.addUnchanged(node, at: index)
      }
    }
    return try pair.changedModel()
  }

  /// What a block meets on calibration data, behind the blocks that have changed; nil where there are none.
  func samples(of block: FeedForwardBlock) throws -> FeedForwardSamples? {
    guard let samples = context.calibration?.samples, !samples.isEmpty else { return nil }
    return try FeedForwardSamples(
      of: block, in: pair.graph, pair.changes[block.input]!, pair.changes[block.hidden]!, samples, context)
  }

  /// How many rows a block takes in a run.
  func rowCount(_ block: FeedForwardBlock) -> Int { pair.model.type(of: block.input).elementCount / block.depth }
}
