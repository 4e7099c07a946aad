import IR

/// For each axis of a tensor, the channel at each place.
typealias AxisChannels = [[Int]]

/// The channels of all values of a graph: which are the same, as seen along the axes of different values.
///
/// A channel begins where a layer makes it, as a row of its weights, and ends where layers take it, as columns of theirs;
/// on the way it goes through additions, concatenations, reshapes and whatever else `relate` knows. What it does not know
/// holds channels where they are, and so do the inputs and outputs of the model. A constant counts anew at each use.
///
/// As in DepGraph (Fang et al. 2023, sections 3.2 and 3.3), whose groups these classes are, and in the maps from axes to
/// permutations of Git Re-Basin (Ainsworth et al. 2023, section 3.2).
struct ChannelFlow {
  let graph: Graph
  var classes = ChannelClasses()
  /// For each node, the channels of its operands; nil where one is left out.
  private(set) var operands: [[AxisChannels?]] = []
  /// For each node, the channels of its results.
  private(set) var results: [[AxisChannels]] = []
  /// The layers with constant weights, in the order of the model.
  var layers: [ChannelLayer] = []
  /// Which values are used.
  let uses: [Value: Int]
  private var isRelated: [Bool] = []

  /// Follows the channels through a graph.
  init(_ graph: Graph) throws {
    (self.graph, uses) = (graph, graph.useCounts)
    let live = graph.liveNodes
    for (index, node) in graph.nodes.enumerated() {
      operands.append(live[index] ? node.inputs.map { $0.map { channels(of: $0) } } : [])
      isRelated = operands[index].map { $0 == nil }
      results.append(live[index] ? try followed(node) : [])
      for (operand, isRelated) in isRelated.enumerated() where !isRelated {
        fix(operands[index][operand]!, node.isUnknown)
      }
    }
    for output in graph.outputs { fix(channels(of: output.value), "they are those of the output '\(output.name)'") }
  }

  /// Looks at a node, and returns the channels of its results.
  private mutating func followed(_ node: Node) throws -> [AxisChannels] {
    if let input = node.op as? Input { return fixed(node, "they are those of the input '\(input.name)'") }
    if node.op is Constant { return node.types.map { newChannels($0.shape) } }
    return try relate(node) ?? fixed(node, node.isUnknown)
  }

  /// The channels of a value where it is used next.
  private mutating func channels(of value: Value) -> AxisChannels {
    // A constant that is used twice may lose one channel here and another there.
    graph[value].op is Constant ? newChannels(graph.type(of: value).shape) : results[value.node][value.result]
  }

  /// The channels of an operand of the node that is looked at, which a rule relates to others.
  mutating func operand(_ index: Int) -> AxisChannels {
    isRelated[index] = true
    return operands[operands.count - 1][index]!
  }

  /// The same, if the operand is there.
  mutating func optionalOperand(_ index: Int) -> AxisChannels? {
    operands[operands.count - 1].indices.contains(index) && operands[operands.count - 1][index] != nil
      ? operand(index) : nil
  }

  /// The place of the node that is looked at.
  var place: Int { operands.count - 1 }

  /// New channels along all axes.
  private mutating func newChannels(_ shape: Shape) -> AxisChannels {
    shape.map { $0 == 1 ? classes.makeFixed(1, "there is only one") : classes.make($0) }
  }

  /// Channels of all results that stay.
  private mutating func fixed(_ node: Node, _ reason: String) -> [AxisChannels] {
    node.types.map { $0.shape.map { classes.makeFixed($0, reason) } }
  }

  /// Lets the channels of a value stay.
  mutating func fix(_ axes: AxisChannels, _ reason: String) {
    for channels in axes { classes.fix(channels, reason) }
  }
}

/// A layer with constant weights: the channels that it makes, and those that it takes.
struct ChannelLayer {
  /// The place of its node.
  let node: Int
  /// The channels of its results, in the order of its weights.
  let outputs: [Int]
  /// The channels of its data, in the order of its weights.
  let inputs: [Int]
  /// Its weights, and their axis of the channels of the data.
  let weights: ConstantUse, axis: Int
}

extension Node {
  /// Why channels stay that are not related to others.
  fileprivate var isUnknown: String { "it is not known what \(title) does with them" }

  /// The operation and its name, for messages.
  var title: String { names.first.flatMap { $0 }.map { "\(op.opName) '\($0)'" } ?? op.opName }
}
