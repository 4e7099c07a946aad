import IR

/// How many products a model adds up, by how many channels each group has lost.
struct ProductCounts {
  /// Products of layers: as many as places along axes that lose channels, for each of so many others.
  private struct Term {
    let others: Int
    /// For each axis its extent, and by group how many places a channel takes along it.
    var axes: [(extent: Int, places: [(group: Int, width: Int)])]
  }

  private var terms: [Term] = []

  /// Counts the products of a model.
  init(_ groups: [ChannelGroup], _ flow: ChannelFlow) {
    var groupOf: [Int: Int] = [:]
    for (index, group) in groups.enumerated() { groupOf[group.channels[0]] = index }
    let graph = flow.graph
    for (index, isLive) in graph.liveNodes.enumerated() where isLive {
      let count = graph.multiplyAccumulates(of: graph.nodes[index])
      if count == 0 { continue }
      for (share, lists) in flow.productAxes(index) {
        let axes = lists.map { list in (extent: list.count, places: Self.places(list, groupOf, flow)) }
        let changing = axes.filter { !$0.places.isEmpty }
        let own = Int((Double(count) * share).rounded())
        terms.append(Term(others: own / changing.reduce(1) { $0 * $1.extent }, axes: changing))
      }
    }
  }

  private static func places(
    _ list: [Int], _ groupOf: [Int: Int], _ flow: ChannelFlow
  ) -> [(group: Int, width: Int)] {
    var widths: [Int: Int] = [:]
    for channel in list {
      // The first channel of a group lies where, and as often as, all others do.
      if let group = groupOf[flow.classes.representative(of: channel)] { widths[group, default: 0] += 1 }
    }
    return widths.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The number of products where each group has lost so many channels.
  func count(_ removed: [Int]) -> Int {
    terms.reduce(0) { sum, term in
      sum
        + term.axes.reduce(term.others) { product, axis in
          product * axis.places.reduce(axis.extent) { $0 - $1.width * removed[$1.group] }
        }
    }
  }
}

extension ChannelFlow {
  /// The axes of which each place takes its share of the products of a node: parts of the products, and lists of channels.
  fileprivate func productAxes(_ index: Int) -> [(share: Double, axes: AxisChannels)] {
    let (node, results) = (graph.nodes[index], results[index])
    func operand(_ number: Int) -> AxisChannels { operands[index][number]! }
    switch node.op {
    case is Conv: return [(1, results[0] + [operand(1)[1]])]
    case is ConvTranspose: return [(1, operand(0) + [operand(1)[1]])]
    case let op as Gemm: return [(1, results[0] + [operand(0)[op.transA ? 0 : 1]])]
    case is MatMul: return [(1, results[0] + [operand(0).last!])]
    case is any RecurrentOperation:
      let (w, r) = (operand(1), operand(2))
      let (inputs, states) = (Double(w[2].count), Double(r[2].count))
      return [(inputs / (inputs + states), [w[1], w[2]]), (states / (inputs + states), [r[1], r[2]])]
    default: return [(1, [])]
    }
  }
}
