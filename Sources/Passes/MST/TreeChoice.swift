import IR

/// The order in which the channels of a layer are best computed, and what others would cost.
struct TreeChoice: CustomStringConvertible {
  /// The tree; nil where the channels are better computed each for itself.
  let tree: ChannelTree?
  /// The numbers, for people.
  let description: String

  /// A tree that a layer may have.
  private struct Candidate {
    var rows: SteinerRows
    var tree: ChannelTree
    var instructions: Double
    /// What the layer's weights take, in bytes, with what a tree needs of them.
    var byteCount: Int
  }

  /// Chooses among trees of both forms, with and without rows between channels.
  ///
  /// - Parameter growth: How much more memory a tree and weights may take than weights alone.
  init(_ graph: ChannelGraph, _ costs: BitLayerCosts, _ options: MSTOptions, growth: Double) throws {
    let weightByteCount = graph.channelCount * Shape.wordCount(ofBits: graph.weightCount) * 4
    var candidates: [Candidate] = []
    for carriesWeights in [false, true] {
      let price = costs.priceOfStep(carriesWeights: carriesWeights)
      let more = options.steiner ? [SteinerRows.found(graph, price: price, areNested: carriesWeights)] : []
      for rows in [SteinerRows(graph)] + more {
        let steps = VisitingOrder.steps(rows, carriesWeights: carriesWeights)
        let tree = try ChannelTree(steps, channels: graph.channelCount)
        let numbers = BitLayerCosts.Tree(steps: steps.count, changes: rows.tree.weight, carriesWeights: carriesWeights)
        candidates.append(
          Candidate(
            rows: rows, tree: tree, instructions: costs.tree(numbers),
            byteCount: tree.tensor.type.byteCount + (carriesWeights ? 0 : weightByteCount)))
      }
    }
    let limit = Double(weightByteCount) * (1 + growth)
    let best = candidates.filter { Double($0.byteCount) <= limit }.min { $0.instructions < $1.instructions }
    let isChosen = best.map { $0.instructions < min(costs.words, costs.planes) } ?? false
    tree = isChosen ? best!.tree : nil
    description =
      Self.accounting(graph, (candidates.last ?? candidates[0]).rows)
      + "; words would take \(costs.words.thousands) instructions, planes \(costs.planes.thousands)"
      + candidates.map { Self.describe($0, weightByteCount, isWithin: Double($0.byteCount) <= limit) }.joined()
      + "; "
      + (isChosen
        ? "a tree \(best!.tree.carriesWeights ? "of changes" : "of rows"), \(best!.rows.origins.count) rows between"
        : "no tree")
  }

  private static func describe(_ candidate: Candidate, _ weightByteCount: Int, isWithin: Bool) -> String {
    let share = Double(candidate.byteCount) / Double(weightByteCount)
    return
      ", a tree of \(candidate.tree.carriesWeights ? "changes" : "rows") with \(candidate.rows.origins.count) between "
      + "\(candidate.instructions.thousands) in \((share * 100).rounded().formatted) % of the bytes"
      + (isWithin ? "" : ", which are too many")
  }

  /// What is left of the additions of all weights: each channel for itself; in the accounting of the paper, from channel to channel,
  /// and with inverted ones; from a row of -1; and with rows between channels.
  private static func accounting(_ graph: ChannelGraph, _ best: SteinerRows) -> String {
    let (channels, count) = (graph.channelCount, graph.weightCount)
    func share(_ sum: Int) -> String { (Double(sum) / Double(channels * count) * 1000).rounded().tenths + " %" }
    let direct = (1...channels).reduce(0) { $0 + graph.distance(0, $1) }
    let plain = SpanningTree(count: channels) { graph.hamming($0 + 1, $1 + 1) }
    let signed = SpanningTree(count: channels) { graph.distance($0 + 1, $1 + 1) }
    let rooted = SpanningTree(count: channels + 1, distance: graph.distance)
    return
      "of \(channels) x \(count) weights each channel alone adds \(share(direct)), a tree \(share(plain.weight + count)), "
      + "with inversion \(share(signed.weight + count)), from -1 \(share(rooted.weight)), "
      + "with \(best.origins.count) rows between \(share(best.tree.weight)), depth \(best.tree.depths.max() ?? 0)"
  }
}

extension Double {
  fileprivate var formatted: String { "\(Int(self))" }
  /// Thousandths as a number of hundredths with a digit after the point.
  fileprivate var tenths: String { "\(Int(self) / 10).\(Int(self) % 10)" }
}
