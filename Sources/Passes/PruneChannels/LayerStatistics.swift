import IR

/// The layers of a model that take channels of groups, with sums over the data that they meet in the model.
struct LayerStatistics {
  /// A layer, and the sums.
  struct Entry {
    let layer: ConstantLayer
    let statistics: GramStatistics
  }

  /// By the place of the node; nothing of nodes that are no convolution of one group or matrix product.
  private(set) var byNode: [Int: Entry] = [:]

  /// The most weights of a channel whose products are summed in pairs for all layers at once: 8 bytes for each pair.
  private static let maximumLength = 2048

  /// Runs the model on all samples.
  init(_ model: Graph, _ nodes: [Int], _ samples: [[String: Tensor]], _ context: PassContext) throws {
    var taps = model
    var entries: [(node: Int, layer: ConstantLayer, statistics: GramStatistics)] = []
    taps.outputs = []
    for node in nodes {
      guard let layer = try? ConstantLayer(model.nodes[node], in: model), layer.length <= Self.maximumLength else {
        continue
      }
      taps.outputs.append(("data\(node)", model.nodes[node].inputs[0]!))
      entries.append((node, layer, GramStatistics(length: layer.length, isChanged: false)))
    }
    guard !entries.isEmpty else { return }
    let run = try context.prepare(taps.withoutDeadNodes())
    var chosen = SampledPlaces()
    for sample in samples {
      for (index, data) in try run(sample).enumerated() {
        let layer = entries[index].layer
        let count = layer.rowCount(data.shape)
        let wanted = max(1, ModelPair.rowCount(layer.length) / samples.count)
        let rows = layer.rows(of: data, at: chosen.next(min(wanted, count), of: count))
        entries[index].statistics.add(original: rows, changed: rows)
      }
    }
    for index in entries.indices {
      entries[index].statistics.finish()
      byNode[entries[index].node] = Entry(layer: entries[index].layer, statistics: entries[index].statistics)
    }
  }
}

extension LayerStatistics.Entry {
  /// The sum of the squares of all results.
  var energy: Double {
    (0..<layer.channelCount).reduce(0) { $0 + ChannelObjective(layer.vector(of: $1), statistics).square }
  }
}

extension ConstantLayer {
  /// For each weight of a channel, which of the channels of the data it is for.
  ///
  /// - Parameter inputs: The channels of the data.
  func columns(_ inputs: [Int]) -> [Int] {
    let taps = length / shape[0]
    return inputs.flatMap { [Int](repeating: $0, count: taps) }
  }
}
