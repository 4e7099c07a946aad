import IR

extension Graph {
  /// Turns what layers know of earlier steps of a sequence into states, so that each run takes the next steps.
  ///
  ///     %y = LSTM(%x, %w, %r)
  ///   →
  ///     %h = Input, %c = Input
  ///     %y, %h_next, %c_next = LSTM(%x, %w, %r, _, _, %h, %c)
  ///
  ///     %y = Conv(%x, %w) {pads: [2, 0]}
  ///   →
  ///     %past = Input
  ///     %all = Concat(%past, %x)
  ///     %y = Conv(%all, %w)
  ///     %past_next = Slice(%all), its last two steps
  ///
  /// States begin as 0, as the sequence does: runs on the parts of a sequence compute what one run on all of it does, as
  /// long as no other operation looks along the sequence. Such layers are recurrent ones that go forward, from a state
  /// that is left out or 0, and convolutions whose padding along one axis lies before the data.
  ///
  /// - Parameter layers: The names of results of such layers; all layers that can keep a state if nil.
  /// - Returns: The graph, and the states that it has now.
  /// - Throws: A diagnostic if a name is unknown, or its layer cannot keep a state.
  public func streaming(_ layers: [String]?) throws -> (graph: Graph, states: [ModelState]) {
    let known = Set(nodes.flatMap { $0.names.compactMap { $0 } })
    if let name = layers?.first(where: { !known.contains($0) }) {
      throw Diagnostic("there is no layer '\(name)' to keep a state; `nnc inspect` lists the layers")
    }
    var builder = StreamBuilder(name: name)
    let live = liveNodes
    for (index, node) in nodes.enumerated() where live[index] {
      let isNamed = layers.map { names in node.names.contains { $0.map(names.contains) ?? false } }
      try builder.add(node, at: index, isWanted: isNamed ?? true, mustApply: isNamed ?? false)
    }
    try builder.finish(outputs)
    try require(!builder.states.isEmpty, "no layer can keep a state: there is none that looks back along a sequence")
    return (builder.graph, builder.states)
  }
}

/// Builds a graph whose layers have states.
private struct StreamBuilder {
  var graph: Graph
  var states: [ModelState] = []
  private var new: [Value: Value] = [:]
  private var stateOutputs: [(name: String, value: Value)] = []

  init(name: String) { graph = Graph(name: name) }

  mutating func add(_ node: Node, at index: Int, isWanted: Bool, mustApply: Bool) throws {
    let inputs = node.inputs.map { $0.map { new[$0]! } }
    var results: [Value]?
    if isWanted {
      switch node.op {
      case let op as any RecurrentOperation: results = try recurrent(op, inputs, node)
      case let op as Conv: results = try convolution(op, inputs, node)
      default: break
      }
    }
    if mustApply, results == nil {
      throw Diagnostic(
        "\(node.op.opName) '\(node.names[0] ?? "")' cannot keep a state: it should be a recurrent layer that goes forward from a "
          + "state of 0, or a convolution that is padded before the data only, by as much as its kernel looks back",
        at: node.location)
    }
    let values = try results ?? graph.add(node.op, inputs, names: node.names, at: node.location)
    for (result, value) in values.enumerated() { new[Value(node: index, result: result)] = value }
  }

  mutating func finish(_ outputs: [(name: String, value: Value)]) throws {
    graph.outputs = outputs.map { ($0.name, new[$0.value]!) } + stateOutputs
  }

  /// Adds an input that is a state.
  private mutating func state(_ suffix: String, _ type: TensorType, of node: Node) throws -> (Value, ModelState) {
    let base = "\(node.names.compactMap { $0 }.first ?? node.op.opName.lowercased())_\(suffix)"
    let taken = Set(graph.inputs.map(\.name))
    let name = ([base] + (2...).lazy.prefix(1000).map { "\(base)_\($0)" }).first { !taken.contains($0) }!
    let state = ModelState(input: name, output: "\(name)_next")
    states.append(state)
    return (try graph.add(Input(name, type), [], name: name, at: node.location), state)
  }

  private mutating func recurrent(_ op: some RecurrentOperation, _ inputs: [Value?], _ node: Node) throws -> [Value]? {
    let places = type(of: op).stateOperands
    let isZero = places.allSatisfy { place in
      guard place < inputs.count, let value = inputs[place] else { return true }
      return (graph[value].op as? Constant)?.value.reals.allSatisfy { $0 == 0 } ?? false
    }
    guard op.direction == .forward, isZero, inputs.count < 5 || inputs[4] == nil else { return nil }
    var inputs = inputs + [Value?](repeating: nil, count: max(0, places.last! + 1 - inputs.count))
    var added: [ModelState] = []
    for (number, place) in places.enumerated() {
      let (value, state) = try state(number == 0 ? "h" : "c", node.types[1 + number], of: node)
      inputs[place] = value
      added.append(state)
    }
    let results = try graph.add(op, inputs, names: node.names, at: node.location)
    for (number, state) in added.enumerated() { stateOutputs.append((state.output, results[1 + number])) }
    return results
  }

  private mutating func convolution(_ op: Conv, _ inputs: [Value?], _ node: Node) throws -> [Value]? {
    let x = graph.type(of: inputs[0]!)
    let window = try op.window(x.shape, graph.type(of: inputs[1]!).shape)
    let isCausal = { (axis: WindowAxis) in
      axis.stride == 1 && axis.padEnd == 0 && axis.padBegin > 0 && axis.padBegin == (axis.kernel - 1) * axis.dilation
    }
    guard let time = window.axes.firstIndex(where: isCausal) else { return nil }
    let (axis, count) = (time + 2, window.axes[time].padBegin)
    var extents = Array(x.shape)
    extents[axis] = count
    let (past, state) = try state("past", TensorType(x.element, Shape(extents)), of: node)
    let all = try graph.add(Concat(axis: axis), [past, inputs[0]], name: nil, at: node.location)
    var conv = op
    conv.autoPad = .notSet
    conv.pads = window.axes.map(\.padBegin) + window.axes.map(\.padEnd)
    conv.pads[time] = 0
    let bounds = try [x.shape[axis], x.shape[axis] + count, axis].map {
      try graph.add(Constant(Tensor([Int64($0)], shape: [1])), [], name: nil, at: node.location)
    }
    let next = try graph.add(Slice(), [all] + bounds, name: nil, at: node.location)
    stateOutputs.append((state.output, next))
    return try graph.add(conv, [all] + inputs.dropFirst(), names: node.names, at: node.location)
  }
}
