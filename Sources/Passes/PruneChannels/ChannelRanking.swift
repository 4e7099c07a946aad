import IR

/// The channels of a group in the order in which they go, and how much is missed.
struct ChannelRanking {
  /// What stands for each channel, the one that is missed least first.
  private(set) var order: [Int] = []

  /// Ranks the channels of a group.
  ///
  /// - Parameter statistics: Sums over the data of the layers that take them; nil where there are none.
  init(
    _ group: ChannelGroup, _ flow: ChannelFlow, _ statistics: LayerStatistics?, _ score: PruneChannelsOptions.Score,
    seed: UInt64 = 1
  ) {
    let takers = group.consumers.compactMap { node -> ChannelTaker? in
      guard let entry = statistics?.byNode[node] else { return nil }
      let layer = flow.layers.first { $0.node == node }!
      return ChannelTaker(entry, layer.inputs.map { flow.classes.representative(of: $0) })
    }
    switch score {
    case .random:
      let random = Tensor(random: TensorType(.f64, [group.channels.count]), seed: seed).reals
      order = Self.ascending(group.channels, random)
    case .activation where !takers.isEmpty:
      let additions = group.channels.map { channel in takers.reduce(0) { $0 + $1.addition(channel) } }
      order = Self.ascending(group.channels, additions)
    case .auto where !takers.isEmpty, .reconstruction where !takers.isEmpty:
      order = Self.oneByOne(group.channels, takers)
    default: order = Self.ascending(group.channels, flow.norms(of: group))
    }
  }

  private static func ascending(_ channels: [Int], _ scores: [Double]) -> [Int] {
    channels.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }.map { channels[$0] }
  }

  /// Removes channels one by one: each time the one that is missed least, after all others have made up for those before.
  private static func oneByOne(_ channels: [Int], _ takers: [ChannelTaker]) -> [Int] {
    var (left, order, takers) = (channels, [Int](), takers)
    while left.count > 1 {
      let losses = left.map { channel in takers.reduce(0) { $0 + $1.loss(channel) } }
      let least = losses.indices.min { losses[$0] < losses[$1] }!
      let channel = left.remove(at: least)
      for index in takers.indices { takers[index].remove(channel) }
      order.append(channel)
    }
    return order + left
  }
}

extension ChannelFlow {
  /// For each channel of a group the squares of its weights in all layers, each relative to their mean in the layer (DepGraph,
  /// Fang et al. 2023, section 3.3).
  fileprivate func norms(of group: ChannelGroup) -> [Double] {
    var places: [Int: Int] = [:]
    for (place, channel) in group.channels.enumerated() { places[channel] = place }
    var sums = group.channels.map { _ in 0.0 }
    for node in (group.producers + group.consumers).sorted() {
      for (operand, axes) in operands[node].enumerated() {
        guard let tensor = graph.constant(graph.nodes[node].inputs[operand]), tensor.element.isFloat, let axes else {
          continue
        }
        for (axis, channels) in axes.enumerated() {
          let squares = tensor.squares(along: axis)
          var own = sums.map { _ in 0.0 }
          for (square, channel) in zip(squares, channels) {
            if let place = places[classes.representative(of: channel)] { own[place] += square }
          }
          let total = own.reduce(0, +)
          if total > 0 { for place in sums.indices { sums[place] += own[place] / total } }
        }
      }
    }
    return sums
  }
}

extension Tensor {
  /// For each place along an axis, the sum of the squares of the elements there.
  fileprivate func squares(along axis: Int) -> [Double] {
    let (extent, inner) = (shape[axis], shape.strides[axis])
    var sums = [Double](repeating: 0, count: extent)
    for (index, real) in reals.enumerated() { sums[index / inner % extent] += real * real }
    return sums
  }
}
