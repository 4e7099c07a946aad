import IR

/// The order in which the rows of a tree are computed: depth first, so that few have to be kept.
///
/// A row whose counters are needed no more leaves its slot to the last of those computed from it. With that being the one below
/// which most slots are needed, the number of slots is the least possible (as for registers: Sethi and Ullman, 1970).
struct VisitingOrder {
  private let rows: SteinerRows
  private let children: [[Int]]
  private let carriesWeights: Bool
  private var steps: [ChannelTree.Step] = []

  /// The steps of a tree.
  ///
  /// - Parameter carriesWeights: Whether steps are lists of changes, or refer to the rows of channels.
  static func steps(_ rows: SteinerRows, carriesWeights: Bool) -> [ChannelTree.Step] {
    var order = VisitingOrder(rows, carriesWeights)
    order.visit(0, isInverted: false, slot: 0)
    return order.steps
  }

  private init(_ rows: SteinerRows, _ carriesWeights: Bool) {
    (self.rows, self.carriesWeights) = (rows, carriesWeights)
    var children = rows.tree.children
    var needs = [Int](repeating: 1, count: children.count)
    // A row lies deeper than the one that it is computed from.
    for row in children.indices.sorted(by: { (rows.tree.depths[$0], $0) > (rows.tree.depths[$1], $1) }) {
      children[row].sort { (needs[$0], $0) < (needs[$1], $1) }
      let others = children[row].dropLast().map { needs[$0] + 1 }
      needs[row] = max(others.max() ?? 1, children[row].last.map { needs[$0] } ?? 1)
    }
    self.children = children
  }

  private mutating func visit(_ row: Int, isInverted: Bool, slot: Int) {
    for child in children[row] {
      let isChildInverted = isInverted != rows.graph.isInverted(row, child)
      let to = child == children[row].last ? slot : slot + 1
      steps.append(
        ChannelTree.Step(
          from: slot, to: to,
          carriesWeights
            ? changes(row, isInverted, child, isChildInverted) : source(child, isChildInverted)))
      visit(child, isInverted: isChildInverted, slot: to)
    }
  }

  private func channel(_ row: Int, _ isInverted: Bool) -> ChannelTree.Row? {
    row > rows.graph.channelCount ? nil : ChannelTree.Row(row - 1, isInverted: isInverted)
  }

  private func changes(_ row: Int, _ isInverted: Bool, _ child: Int, _ isChildInverted: Bool) -> ChannelTree.Source {
    .changed(
      channel(child, isChildInverted),
      added: rows.graph.weights(in: child, isChildInverted, notIn: row, isInverted),
      removed: rows.graph.weights(in: row, isInverted, notIn: child, isChildInverted))
  }

  private func source(_ child: Int, _ isInverted: Bool) -> ChannelTree.Source {
    if let channel = channel(child, isInverted) { return .channel(channel) }
    let origins = rows.origins[child - rows.graph.channelCount - 1]
    return .most(origins.map { channel($0, isInverted != rows.graph.isInverted(origins[0], $0))! })
  }
}
