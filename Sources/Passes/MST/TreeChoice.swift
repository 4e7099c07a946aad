import IR

/// The order in which the channels of a layer are best computed, and what others would cost.
struct TreeChoice {
  /// A tree that a layer may have.
  private struct Candidate {
    var rows: SteinerRows
    var tree: ChannelTree
    var instructions: Double
    /// What the layer's weights take, in bytes, with what a tree needs of them.
    var byteCount: Int

    var form: String { "a tree of \(tree.carriesWeights ? "changes" : "rows") with \(rows.origins.count) between" }
  }

  /// The tree; nil where the channels are better computed each for itself.
  var tree: ChannelTree? { best?.tree }

  private let graph: ChannelGraph
  private let costs: BitLayerCosts
  private let candidates: [Candidate]
  private let best: Candidate?
  private let weightByteCount: Int
  /// The most that a tree and weights may take.
  private let limit: Double

  /// Chooses among trees of both forms, with and without rows between channels.
  ///
  /// - Parameter growth: How much more memory a tree and weights may take than weights alone.
  init(_ graph: ChannelGraph, _ costs: BitLayerCosts, _ options: MSTOptions, growth: Double) throws {
    (self.graph, self.costs) = (graph, costs)
    let weightByteCount = graph.channelCount * Shape.wordCount(ofBits: graph.weightCount) * 4
    let limit = Double(weightByteCount) * (1 + growth)
    candidates = try [false, true].flatMap { carriesWeights in
      let price = costs.priceOfStep(carriesWeights: carriesWeights)
      let more = options.steiner ? SteinerRows.found(graph, price: price, areNested: carriesWeights) : nil
      let trees = [SteinerRows(graph)] + (more.map { $0.origins.isEmpty ? [] : [$0] } ?? [])
      return try trees.map { rows in
        let steps = VisitingOrder.steps(rows, carriesWeights: carriesWeights)
        let tree = try ChannelTree(steps, channels: graph.channelCount)
        let numbers = BitLayerCosts.Tree(steps: steps.count, changes: rows.tree.weight, carriesWeights: carriesWeights)
        return Candidate(
          rows: rows, tree: tree, instructions: costs.tree(numbers),
          byteCount: tree.tensor.type.byteCount + (carriesWeights ? 0 : weightByteCount))
      }
    }
    best = candidates.filter {
      Double($0.byteCount) <= limit && $0.instructions < min(costs.words, costs.planes)
    }.min { $0.instructions < $1.instructions }
    (self.weightByteCount, self.limit) = (weightByteCount, limit)
  }

  /// The numbers, for people.
  var notes: [String] {
    [
      "of \(graph.channelCount) x \(graph.weightCount) weights are added: \(accounting)",
      "counting words would take \(costs.words.thousands) instructions, adding planes \(costs.planes.thousands)",
    ]
      + candidates.map { candidate in
        "\(candidate.form) \(candidate.instructions.thousands), with "
          + "\(Self.percent(candidate.byteCount, of: weightByteCount)) of the bytes of the weights"
          + (Double(candidate.byteCount) > limit ? ", which are too many" : "")
      } + [best.map(\.form) ?? "no tree"]
  }

  /// What is left of the additions of all weights: each channel for itself; in the accounting of the paper, from channel to
  /// channel, and with inverted ones; from a row of -1; and with rows between channels.
  private var accounting: String {
    func share(_ sum: Int) -> String { Self.percent(sum, of: graph.channelCount * graph.weightCount) }
    let direct = (1...graph.channelCount).reduce(0) { $0 + graph.distance(0, $1) }
    let plain = SpanningTree(count: graph.channelCount) { graph.hamming($0 + 1, $1 + 1) }
    let signed = SpanningTree(count: graph.channelCount) { graph.distance($0 + 1, $1 + 1) }
    let shortest = candidates.min { $0.rows.tree.weight < $1.rows.tree.weight }!.rows
    return "\(share(direct)) by each channel alone, \(share(plain.weight + graph.weightCount)) by a tree, "
      + "\(share(signed.weight + graph.weightCount)) with inverted channels, "
      + "\(share(candidates[0].rows.tree.weight)) from weights of -1, "
      + "\(share(shortest.tree.weight)) with \(shortest.origins.count) rows between; depth \(shortest.tree.depths.max()!)"
  }

  private static func percent(_ part: Int, of whole: Int) -> String {
    "\((Double(part) / Double(whole) * 1000).rounded() / 10) %"
  }
}
