/// Makes a graph of a spec: resolves names, orders the nodes, and adds them one by one.
struct SpecBuilder {
  /// What computes a name.
  private enum Source {
    case input(Int)
    case constant(Int)
    case node(Int)
  }

  private let spec: Spec
  private var sources: [String: (source: Source, position: JSONPosition)] = [:]
  private var values: [String: Value] = [:]
  private var graph: Graph

  static func graph(of spec: Spec) throws -> Graph {
    var builder = SpecBuilder(spec)
    try builder.checkOperators()
    try builder.define()
    try builder.checkUses()
    try builder.build()
    return builder.graph
  }

  private init(_ spec: Spec) {
    self.spec = spec
    graph = Graph(name: spec.name)
  }

  private var reader: JSONReader { spec.reader }

  /// Throws one diagnostic for all faults, at the place of the first.
  private func fail(_ faults: [(message: String, position: JSONPosition)], title: String) throws {
    guard let first = faults.first else { return }
    if faults.count == 1 { throw reader.fault(first.message, at: first.position) }
    let lines = faults.map { "\n  \(reader.location($0.position)): \($0.message)" }
    throw reader.fault("\(faults.count) \(title):\(lines.joined())", at: first.position)
  }

  private func checkOperators() throws {
    let known = allOperations.map { $0.name }.filter { $0 != Input.name }
    try fail(
      spec.nodes.compactMap { node in
        if node.op == Input.name { return ("inputs are declared under \"inputs\", not as nodes", node.opPosition) }
        guard operation(named: node.op) == nil else { return nil }
        let name = node.name.map { " (node \($0.shortened.quoted))" } ?? ""
        return (
          "the operator \(node.op.shortened.quoted) is not supported\(name)\(suggestion(for: node.op, among: known))",
          node.opPosition
        )
      }, title: "operators are not supported")
  }

  // MARK: Names

  /// Records what computes each name; a name has one source.
  private mutating func define() throws {
    for (index, input) in spec.inputs.enumerated() { try define(input.name, .input(index), input.position) }
    for (index, constant) in spec.constants.enumerated() {
      try define(constant.name, .constant(index), constant.position)
    }
    for (index, node) in spec.nodes.enumerated() {
      for output in node.outputs {
        if let name = output.name { try define(name, .node(index), output.position) }
      }
    }
  }

  private mutating func define(_ name: String, _ source: Source, _ position: JSONPosition) throws {
    if let first = sources.updateValue((source, position), forKey: name) {
      throw reader.fault(
        "\(name.shortened.quoted) is defined twice, first at \(first.position); rename one",
        at: position)
    }
    if !spec.isBody, let file = spec.weights.file(of: name) {
      throw reader.fault(
        "\(name.shortened.quoted) is already the name of a weight in \(file.path); rename one", at: position)
    }
  }

  /// Throws unless every name that is used is defined.
  private func checkUses() throws {
    let uses =
      spec.nodes.flatMap { node in node.inputs.map { ($0, "as operand of \(node.title)") } }
      + spec.outputs.map { ($0.value, "as output") }
    var known: [String]?
    var faults: [(String, JSONPosition)] = []
    for (use, purpose) in uses {
      guard let name = use.name, sources[name] == nil, spec.weights.file(of: name) == nil else { continue }
      known =
        known ?? spec.inputs.map(\.name) + spec.constants.map(\.name)
        + spec.nodes.flatMap { $0.outputs.compactMap(\.name) } + spec.weights.names
      // A suggestion takes time in proportion to all names, so only the first faults get one.
      let hint = faults.count < 10 ? suggestion(for: name, among: known!) : ""
      faults.append(("\(name.shortened.quoted) is used \(purpose), but nothing defines it\(hint)", use.position))
    }
    try fail(faults, title: "names are not defined")
  }

  // MARK: Order

  /// The indices of the nodes, each after those that it uses, and otherwise in the order of the spec.
  private func order() throws -> [Int] {
    enum State { case new, open, done }
    var states = [State](repeating: .new, count: spec.nodes.count)
    var order: [Int] = []
    for root in spec.nodes.indices where states[root] == .new {
      // A stack instead of recursion: a chain of nodes may be longer than the program's own stack is deep.
      var stack = [(node: root, next: 0)]
      states[root] = .open
      while let (node, next) = stack.last {
        guard next < spec.nodes[node].inputs.count else {
          states[node] = .done
          order.append(node)
          stack.removeLast()
          continue
        }
        stack[stack.count - 1].next += 1
        guard let name = spec.nodes[node].inputs[next].name, case .node(let operand) = sources[name]?.source else {
          continue
        }
        switch states[operand] {
        case .done: break
        case .open: throw cycle(stack.map(\.node), from: operand)
        case .new:
          states[operand] = .open
          stack.append((operand, 0))
        }
      }
    }
    return order
  }

  /// The error for nodes of which each uses the next, and the last uses `start`.
  private func cycle(_ path: [Int], from start: Int) -> Diagnostic {
    let nodes = Array(path[path.firstIndex(of: start)!...])
    let lines = nodes.indices.map { index in
      let (user, operand) = (spec.nodes[nodes[index]], nodes[(index + 1) % nodes.count])
      let value = user.inputs.first { use in
        if let name = use.name, case .node(operand) = sources[name]?.source { true } else { false }
      }
      let name = (value?.name ?? "").shortened.quoted
      return "\n  \(user.title) at \(user.position) uses \(name) of \(spec.nodes[operand].title)"
    }
    let shown =
      lines.count <= 12 ? lines : lines[..<6] + ["\n  ... \(lines.count - 12) more ..."] + lines[(lines.count - 6)...]
    return reader.fault(
      "nodes depend on each other in a cycle, so none can be first:\(shown.joined())", at: spec.nodes[start].position)
  }

  // MARK: Graph

  private mutating func build() throws {
    for input in spec.inputs {
      let location = reader.location(input.position)
      values[input.name] = try graph.add(Input(input.name, input.type), name: input.name, at: location)
    }
    for index in try order() { try add(spec.nodes[index]) }
    for (name, use) in spec.outputs { graph.outputs.append((name, try value(use)!)) }
  }

  private mutating func add(_ node: SpecNode) throws {
    let location = reader.location(node.position)
    let inputs = try node.inputs.map { try value($0) }
    let results = try add(operation(named: node.op)!, node, inputs, location)
    guard node.outputs.count <= results.count else {
      throw reader.fault(
        "\(node.title) has \(results.count) results, not \(node.outputs.count)",
        at: node.outputs[results.count].position)
    }
    for (output, result) in zip(node.outputs, results) {
      if let name = output.name { values[name] = result }
    }
  }

  private mutating func add<Op: Operation>(_: Op.Type, _ node: SpecNode, _ inputs: [Value?], _ location: Location)
    throws -> [Value]
  {
    let op = try reader.operation(Op.self, node.attributes, title: node.title)
    do {
      return try graph.add(op, inputs, names: node.outputs.map(\.name), at: location)
    } catch let error as Diagnostic {
      throw node.name.map { Diagnostic("node \($0.shortened.quoted): \(error.message)", at: error.location) } ?? error
    }
  }

  /// The value of a name; constants and weights become nodes when they are first used.
  private mutating func value(_ use: SpecName) throws -> Value? {
    guard let name = use.name else { return nil }
    if let value = values[name] { return value }
    let tensor: Tensor
    var location = reader.location(use.position)
    if case .constant(let index) = sources[name]?.source {
      tensor = spec.constants[index].tensor
      location = reader.location(spec.constants[index].position)
    } else if let weights = spec.weights.file(of: name), let weight = try weights.tensor(named: name) {
      tensor = weight
      location = Location(file: weights.path, place: "tensor \(name.shortened.quoted)")
    } else {
      fatalError("internal error: '\(name)' is used before it is computed")
    }
    let value = try graph.add(Constant(tensor), name: name, at: location)
    values[name] = value
    return value
  }
}
