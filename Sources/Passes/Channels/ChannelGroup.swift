import IR

/// Channels that lie along the same axes, so that any of them could go, or change places with another.
public struct ChannelGroup: Sendable {
  /// What stands for each channel, in the order in which the first layer makes them.
  public let channels: [Int]
  /// How many places each takes along the results of the first layer.
  public let width: Int
  /// The places of the nodes of the layers that make them, in the order of the model.
  public let producers: [Int]
  /// The places of the nodes of the layers that take them.
  public let consumers: [Int]

  /// How many places the channels take along the results of the first layer.
  public var size: Int { channels.count * width }
}

/// The groups of channels of a graph that can go, or change places, and what the graph is then.
public struct ChannelGroups: Sendable {
  /// The channels of all values.
  let flow: ChannelFlow
  /// The groups that some layer makes and nothing holds, in the order of the model.
  public let groups: [ChannelGroup]

  /// Finds the groups of a graph.
  public init(_ graph: Graph) throws {
    flow = try ChannelFlow(graph)
    groups = flow.groups
  }

  /// The layers that make no channel that could go, and why.
  public var fixedLayers: [(nodes: [Int], reason: String)] {
    var result: [(nodes: [Int], reason: String)] = []
    for layer in flow.layers where flow.classes.areFixed(layer.outputs) {
      let reason = flow.classes.reason(of: layer.outputs[0])!
      if let place = result.firstIndex(where: { $0.reason == reason }) {
        result[place].nodes.append(layer.node)
      } else {
        result.append(([layer.node], reason))
      }
    }
    return result
  }

  /// The graph without some channels, of which each group keeps one.
  public func removing(_ channels: [Int]) throws -> Graph {
    var selection = ChannelSelection(flow)
    selection.remove(channels)
    return try ChannelRewriter(flow: flow, selection: selection).graph()
  }

  /// The graph with all channels, of which layers have no weights for some: it computes what it computes without them, where
  /// only layers take them.
  public func silencing(_ channels: [Int]) throws -> Graph {
    let silent = Set(channels)
    var constants: [ConstantUse: Tensor] = [:]
    for layer in flow.layers {
      let weights = flow.graph.constant(flow.graph.nodes[layer.node].inputs[layer.weights.operand])!
      let kept = layer.inputs.indices.filter { !silent.contains(flow.classes.representative(of: layer.inputs[$0])) }
      if kept.count == layer.inputs.count { continue }
      let positions = weights.shape.indices.map { $0 == layer.axis ? kept : nil }
      constants[layer.weights] = weights.selecting(positions).spread(positions, to: weights.shape)
    }
    return try ChannelRewriter(flow: flow, selection: ChannelSelection(flow)).graph(constants)
  }

  /// The graph in which the channels of each group are in another order.
  ///
  /// - Parameter orders: For each group, its channels in their new order.
  public func permuting(_ orders: [[Int]]) throws -> Graph {
    var selection = ChannelSelection(flow)
    for (group, order) in zip(groups, orders) { selection.permute(group.channels, as: order) }
    return try ChannelRewriter(flow: flow, selection: selection).graph()
  }
}

extension ChannelFlow {
  /// See `ChannelGroups`.
  fileprivate var groups: [ChannelGroup] {
    let places = occurrences
    var groupOf: [[Int]: Int] = [:]
    var members: [(channels: [Int], producers: [Int])] = []
    var isKnown = [Bool](repeating: false, count: classes.count)
    for layer in layers {
      for output in layer.outputs {
        let channel = classes.representative(of: output)
        if isKnown[channel] || classes.reason(of: channel) != nil { continue }
        isKnown[channel] = true
        let group = groupOf[places[channel]] ?? members.count
        if group == members.count {
          groupOf[places[channel]] = group
          members.append(([], []))
        }
        members[group].channels.append(channel)
      }
    }
    return members.map { group(of: $0.channels) }
  }

  /// For each channel that may go, along which axes of operands and results it lies, and how often.
  private var occurrences: [[Int]] {
    var places = [[Int]](repeating: [], count: classes.count)
    var axis = 0
    let tensors = zip(operands, results).flatMap { operands, results in operands.compactMap { $0 } + results }
    for channels in tensors.joined() {
      for channel in channels {
        let channel = classes.representative(of: channel)
        if classes.reason(of: channel) != nil { continue }
        let last = places[channel].count - 2
        if last >= 0, places[channel][last] == axis {
          places[channel][last + 1] += 1
        } else {
          places[channel] += [axis, 1]
        }
      }
      axis += 1
    }
    return places
  }

  private func group(of channels: [Int]) -> ChannelGroup {
    // All channels of a group lie where the first one does.
    func has(_ list: [Int]) -> Bool { list.contains { classes.representative(of: $0) == channels[0] } }
    let makers = layers.filter { has($0.outputs) }
    return ChannelGroup(
      channels: channels, width: makers[0].outputs.count { classes.representative(of: $0) == channels[0] },
      producers: makers.map(\.node).unique, consumers: layers.filter { has($0.inputs) }.map(\.node).unique)
  }
}

extension [Int] {
  /// The numbers of an increasing list, each once.
  fileprivate var unique: [Int] { indices.filter { $0 == 0 || self[$0] != self[$0 - 1] }.map { self[$0] } }
}
