import IR

extension ONNXImporter {
  /// The operators that have sub-graphs.
  static let controlFlowOperators = ["If", "Loop", "Scan", FlexAttention.name]

  /// Adds an operation that has sub-graphs.
  mutating func importControlFlow(
    _ node: OnnxNodeProto, _ operands: [Scope.Binding], in scope: Scope, at location: Location
  ) throws -> [Scope.Binding] {
    try require(scope.depth < Self.maximumDepth, "sub-graphs are nested more than \(Self.maximumDepth) levels deep")
    guard !operands.contains(where: \.isUnsupported) else { return node.output.map { _ in .unsupported } }
    switch node.opType {
    case "If":
      try require(operands.count == 1, "If takes one operand, not \(operands.count)")
      if let condition = operands[0].value, let known = try graph.knownTensor(condition) {
        return try takeBranch(of: node, known, in: scope)
      }
      return try importIf(node, operands, in: scope, at: location)
    case "Loop": return try importLoop(node, operands, in: scope, at: location)
    case "FlexAttention": return try importFlexAttention(node, operands, in: scope, at: location)
    default: return try importScan(node, operands, in: scope, at: location)
    }
  }

  private mutating func importIf(
    _ node: OnnxNodeProto, _ operands: [Scope.Binding], in scope: Scope, at location: Location
  ) throws -> [Scope.Binding] {
    let branches = try [node.subgraph("then_branch"), node.subgraph("else_branch")]
    guard let captures = try captures(of: branches, in: scope) else { return node.output.map { _ in .unsupported } }
    let bodies = try branches.map { try importBody($0, of: node, [], captures, in: scope) }
    guard let thenBranch = bodies[0], let elseBranch = bodies[1] else { return node.output.map { _ in .unsupported } }
    let operation = If(then: thenBranch, else: elseBranch)
    return try graph.add(operation, [operands[0].value] + captures.operands, at: location).map { .value($0) }
  }

  private mutating func importLoop(
    _ node: OnnxNodeProto, _ operands: [Scope.Binding], in scope: Scope, at location: Location
  ) throws -> [Scope.Binding] {
    let proto = try node.subgraph("body")
    let operands = operands + [Scope.Binding](repeating: .absent, count: max(0, 2 - operands.count))
    // Only in a loop that is written out can the state be sequences, or what grows.
    guard operands.dropFirst(2).allSatisfy({ $0.value != nil }) else {
      guard let results = try unroll(proto, of: node, operands, in: scope) else {
        return notSupported("Loop over sequences with a number of runs that is not known", node, at: location)
      }
      return results
    }
    guard let captures = try captures(of: [proto], in: scope) else { return node.output.map { _ in .unsupported } }
    let values = operands.map(\.value)
    let types = [proto.scalar(0, .i64), proto.scalar(1, .bool)] + values.dropFirst(2).map { graph.type(of: $0!) }
    do {
      guard let body = try importBody(proto, of: node, types, captures, in: scope) else {
        return node.output.map { _ in .unsupported }
      }
      let loop = Loop(body: body, captured: captures.operands.count)
      return try graph.add(loop, values + captures.operands, at: location).map { .value($0) }
    } catch let error as Diagnostic {
      guard let results = try unroll(proto, of: node, operands, in: scope) else { throw error }
      return results
    }
  }

  private mutating func importScan(
    _ node: OnnxNodeProto, _ operands: [Scope.Binding], in scope: Scope, at location: Location
  ) throws -> [Scope.Binding] {
    try require(scope.opsets[""] ?? 0 >= 9, "Scan had another meaning before opset 9, which is not supported")
    let proto = try node.subgraph("body")
    guard let captures = try captures(of: [proto], in: scope) else { return node.output.map { _ in .unsupported } }
    var attributes = Attributes()
    for given in node.attribute where given.name != "body" {
      guard let given = try resolve(given, in: scope), let value = try attribute(given) else { continue }
      attributes.entries.append((given.name, value))
    }
    var scan = try Scan(attributes)
    let values = try operands.map { operand in
      guard let value = operand.value else { throw Diagnostic("the operands of Scan cannot be left out") }
      return value
    }
    let stateCount = values.count - scan.numScanInputs
    try require(stateCount >= 0, "Scan has \(values.count) operands, fewer than num_scan_inputs: \(scan.numScanInputs)")
    let types = try values.enumerated().map { index, value in
      var type = graph.type(of: value)
      guard index >= stateCount else { return type }
      let axes = scan.scanInputAxes
      let axis = index - stateCount < axes.count ? axes[index - stateCount] : 0
      type.shape.extents.remove(at: try type.shape.axis(axis))
      return type
    }
    guard let body = try importBody(proto, of: node, types, captures, in: scope) else {
      return node.output.map { _ in .unsupported }
    }
    scan.body = body
    scan.captured = captures.operands.count
    return try graph.add(scan, values + captures.operands, at: location).map { .value($0) }
  }
}

/// What sub-graphs use of the graph around them.
struct Captures {
  /// What the names stand for around the sub-graphs.
  fileprivate var bindings: [(name: String, binding: Scope.Binding)] = []
  /// The values that are known when the model is compiled, of which each sub-graph gets a constant.
  fileprivate var known: [(value: Value, tensor: Tensor)] = []
  /// The values that are computed, which become operands of the node and inputs of each sub-graph.
  fileprivate var computed: [(name: String, value: Value, type: TensorType)] = []

  /// The operands that the node needs.
  var operands: [Value?] { computed.map(\.value) }
}

extension ONNXImporter {
  /// What sub-graphs use of the graph around them, or nil where some of it is not supported.
  func captures(of protos: [OnnxGraphProto], in scope: Scope) throws -> Captures? {
    var captures = Captures()
    var (seen, values): (Set<String>, Set<Value>) = ([], [])
    func capture(_ value: Value, _ name: String) throws {
      guard values.insert(value).inserted else { return }
      if let tensor = try graph.knownTensor(value) {
        captures.known.append((value, tensor))
      } else {
        captures.computed.append((name, value, graph.type(of: value)))
      }
    }
    for name in protos.flatMap(\.freeNames) where seen.insert(name).inserted {
      guard let binding = scope.bindings[name] else {
        throw Diagnostic("a sub-graph uses '\(name)', which no node, input or initializer defines")
      }
      switch binding {
      case .value(let value): try capture(value, name)
      case .sequence(let elements):
        for (index, element) in elements.enumerated() { try capture(element, "\(name)_\(index)") }
      case .names, .absent: break
      case .unsupported: return nil
      }
      captures.bindings.append((name, binding))
    }
    return captures
  }

  /// Imports a sub-graph as a graph of its own, with inputs of the given types; nil where some of it is not supported.
  mutating func importBody(
    _ proto: OnnxGraphProto, of node: OnnxNodeProto, _ types: [TensorType], _ captures: Captures, in scope: Scope
  ) throws -> Graph? {
    try require(
      proto.input.count == types.count,
      "the sub-graph '\(proto.name)' has \(proto.input.count) inputs, but should have \(types.count)")
    let outer = graph
    defer { graph = outer }
    graph = Graph(name: proto.name.isEmpty ? "body" : proto.name)
    var inner = scope.inside(node)
    for (input, type) in zip(proto.input, types) {
      try inner.bind(input.name, .value(try graph.add(Input(input.name, type), name: input.name)))
    }
    var values: [Value: Value] = [:]
    for (name, value, type) in captures.computed { values[value] = try graph.add(Input(name, type), name: name) }
    for (value, tensor) in captures.known { values[value] = try graph.add(Constant(tensor), name: nil) }
    for (name, binding) in captures.bindings {
      switch binding {
      case .value(let value): try inner.bind(name, .value(values[value]!))
      case .sequence(let elements): try inner.bind(name, .sequence(elements.map { values[$0]! }))
      case .names, .absent, .unsupported: try inner.bind(name, binding)
      }
      if case .value(let value) = binding { graph.suggestName(name, for: values[value]!) }
    }
    try importInitializers(proto, into: &inner)
    try importNodes(proto.node, in: &inner)
    for (name, binding) in zip(proto.output.map(\.name), try results(proto, of: node, in: inner)) {
      guard let value = binding.value else { return nil }
      graph.outputs.append((name, value))
    }
    return graph
  }

  /// Imports the nodes of the branch of an If whose condition is known.
  private mutating func takeBranch(of node: OnnxNodeProto, _ condition: Tensor, in scope: Scope) throws -> [Scope
    .Binding]
  {
    try require(
      condition.element == .bool && condition.type.elementCount == 1,
      "the condition of If should be one bool, not \(condition.type)")
    let branch = try node.subgraph(condition.ints[0] != 0 ? "then_branch" : "else_branch")
    var inner = scope.within(node)
    for (output, outer) in zip(branch.output, node.output) where !outer.isEmpty {
      inner.callerNames[output.name] = scope.displayName(outer)
    }
    try importInitializers(branch, into: &inner)
    try importNodes(branch.node, in: &inner)
    return try results(branch, of: node, in: inner)
  }

  /// Imports the body of a Loop as often as it is run, or returns nil where that is not known.
  private mutating func unroll(
    _ body: OnnxGraphProto, of node: OnnxNodeProto, _ operands: [Scope.Binding], in scope: Scope
  ) throws -> [Scope.Binding]? {
    let limit = try operands[0].value.map { try graph.knownTensor($0)?.ints[0] } ?? Int.max
    guard let limit, body.input.count == operands.count else { return nil }
    var condition = operands[1].value
    var state = Array(operands.dropFirst(2))
    var collected = [[Value]](repeating: [], count: max(0, body.output.count - 1 - state.count))
    for number in 0..<max(0, limit) {
      if let value = condition {
        guard let known = try graph.knownTensor(value) else { return nil }
        if known.ints[0] == 0 { break }
      }
      guard number < Self.maximumUnrollCount else { return nil }
      var inner = scope.within(node)
      inner.prefix += "\(number)/"
      let counter = try graph.add(Constant(Tensor(scalar: Int64(number))), name: nil)
      let flag = try condition ?? graph.add(Constant(Tensor([true], shape: [])), name: nil)
      for (input, binding) in zip(body.input, [.value(counter), .value(flag)] + state) {
        inner.rebind(input.name, binding)
      }
      try importInitializers(body, into: &inner)
      try importNodes(body.node, in: &inner)
      let outputs = try results(body, of: node, in: inner)
      guard !outputs.contains(where: \.isUnsupported), outputs.count > state.count else { return nil }
      condition = outputs[0].value
      state = Array(outputs[1..<1 + state.count])
      for (index, output) in outputs.dropFirst(1 + state.count).enumerated() {
        let axis = try graph.add(Constant(Tensor([Int64(0)])), name: nil)
        collected[index].append(try graph.add(Unsqueeze(), [output.value, axis], name: nil))
      }
    }
    guard !collected.contains(where: \.isEmpty) else { return nil }
    var stack = Concat()
    stack.axis = 0
    return state + (try collected.map { .value(try graph.add(stack, $0, name: nil)) })
  }

  /// A loop that is written out so often would be too long to be meant.
  private static let maximumUnrollCount = 4096

  private func results(_ proto: OnnxGraphProto, of node: OnnxNodeProto, in scope: Scope) throws -> [Scope.Binding] {
    try results(proto.output.map(\.name), of: "the sub-graph '\(proto.name)' of \(node.opType)", in: scope)
  }
}

extension Scope {
  /// The scope of a sub-graph that is imported in the place of a node, which sees all names around it.
  fileprivate func within(_ node: OnnxNodeProto) -> Scope {
    var inner = self
    inner.depth += 1
    inner.prefix = displayName(of: node) + "/"
    inner.callerNames = [:]
    return inner
  }

  /// The scope of a sub-graph that becomes a graph of its own, without any names yet.
  fileprivate func inside(_ node: OnnxNodeProto) -> Scope {
    var inner = Scope(opsets: opsets)
    inner.attributes = attributes
    inner.depth = depth + 1
    inner.place = place + displayName(of: node) + "/"
    return inner
  }
}

extension OnnxNodeProto {
  /// A sub-graph that the node must have.
  fileprivate func subgraph(_ name: String) throws(Diagnostic) -> OnnxGraphProto {
    guard let attribute = attribute.first(where: { $0.name == name && $0.hasG }) else {
      throw Diagnostic("\(opType) has no attribute '\(name)'")
    }
    return attribute.g
  }
}

extension OnnxGraphProto {
  /// The type of an input that is one number, as a scalar or a list as the graph declares it.
  fileprivate func scalar(_ index: Int, _ element: ElementType) -> TensorType {
    let rank = index < input.count ? input[index].type.tensorType.shape.dim.count : 0
    return TensorType(element, rank == 1 ? [1] : [])
  }
}
