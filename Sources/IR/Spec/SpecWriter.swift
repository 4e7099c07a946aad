extension Graph {
  /// Writes the graph as a model spec at `path`, with its weights beside it in a file that ends in `.safetensors`.
  ///
  /// Constants of at most 16 elements stand in the spec itself, unless JSON cannot say them. Of types that safetensors
  /// lacks the bytes are written. Nodes on which no output
  /// depends are left out. The same graph always gives the same bytes, and `Graph(spec:)` reads it back.
  ///
  /// - Throws: A diagnostic if a file cannot be written, or a constant has elements that neither format has.
  public func writeSpec(to path: String) throws {
    let stem = path.hasSuffix(".json") ? String(path.dropLast(5)) : path
    let file = stem.split(separator: "/").last.map { "\($0).safetensors" } ?? ""
    guard !file.isEmpty, !path.hasSuffix("/"), file.isFreeOfControls else {
      throw Diagnostic("'\(path)' cannot be the path of a model spec; it should be like model.json")
    }
    let writer = try SpecWriter(self)
    // The widest elements first, so that all lie aligned and can be used in place.
    let weights = writer.weights.enumerated().sorted { a, b in
      let (wide, other) = (a.element.tensor.element.bitWidth, b.element.tensor.element.bitWidth)
      return wide == other ? a.offset < b.offset : wide > other
    }.map(\.element)
    if !weights.isEmpty { try Safetensors.write(weights, to: stem + ".safetensors") }
    let text = writer.text(weightsFile: weights.isEmpty ? nil : file)
    try OutputFile.write(to: path) { try $0.append(Array(text.utf8)) }
  }
}

/// Turns a graph into the text of a model spec.
private struct SpecWriter {
  /// The most elements of a constant that stands in the spec.
  static let maximumInlineCount = 16

  private let graph: Graph
  private let live: [Bool]
  /// The branches and bodies of loops of each node.
  private var bodies: [Int: [String: SpecWriter]] = [:]
  /// A name for each value, which no other value has.
  private var names: [[String]] = []
  /// The constants that go to the file of weights.
  private(set) var weights: [(name: String, tensor: Tensor)] = []
  private var constants: [(name: String, json: String)] = []
  private var taken: Set<String> = []

  init(_ graph: Graph) throws {
    var reserved: Set<String> = []
    try self.init(graph, reserved: &reserved)
  }

  /// - Parameter reserved: The names that a constant cannot have: those of the graphs around it, and of all constants
  ///   of the spec, which share a file.
  private init(_ graph: Graph, reserved: inout Set<String>) throws {
    self.graph = graph
    live = graph.liveNodes
    names = try uniqueNames(reserved)
    reserved.formUnion(names.joined())
    for index in graph.nodes.indices where live[index] {
      for (name, value) in graph.nodes[index].op.changedAttributes.entries {
        guard case .graph(let body) = value else { continue }
        let writer = try SpecWriter(body, reserved: &reserved)
        bodies[index, default: [:]][name] = writer
        weights += writer.weights
      }
      guard let tensor = (graph.nodes[index].op as? Constant)?.value else { continue }
      let name = names[index][0]
      guard tensor.element != .bit else {
        throw Diagnostic("the constant \(name.quoted) is \(tensor.type), which a model spec cannot hold")
      }
      if tensor.type.elementCount <= Self.maximumInlineCount, tensor.shape.rank <= JSONReader.maximumRank,
        tensor.isFinite
      {
        constants.append((name, Self.json(tensor)))
      } else if Safetensors.format(of: tensor) != nil {
        weights.append((name, tensor))
      } else {
        let weight = unused(name + ".bytes", reserved)
        reserved.insert(weight)
        weights.append((weight, tensor.reinterpreted(as: TensorType(.u8, [tensor.type.byteCount]))))
        let shape = Self.list(tensor.shape)
        constants.append(
          (name, "{\"type\": \"\(tensor.element)\", \"shape\": \(shape), \"weight\": \(weight.jsonQuoted)}"))
      }
    }
  }

  /// A name that nothing has, made of `base`.
  private mutating func unused(_ base: String, _ reserved: Set<String>) -> String {
    var (name, suffix) = (base, 0)
    while taken.contains(name) || reserved.contains(name) {
      suffix += 1
      name = "\(base)_\(suffix)"
    }
    taken.insert(name)
    return name
  }

  private mutating func uniqueNames(_ reserved: Set<String>) throws -> [[String]] {
    for (name, _) in graph.inputs {
      guard !name.isEmpty, name.isFreeOfControls, taken.insert(name).inserted else {
        throw Diagnostic("the input \(name.quoted) needs a name of its own, without control characters")
      }
    }
    var suffixes: [String: Int] = [:]
    return graph.nodes.enumerated().map { index, node in
      if let input = node.op as? Input { return [input.name] }
      return node.types.indices.map { result in
        let hint = node.names[result].map(\.printable) ?? ""
        let base = !hint.isEmpty ? hint : node.types.count == 1 ? "\(index)" : "\(index).\(result)"
        // Safetensors keeps this name for itself.
        var name = base == "__metadata__" ? base + "_" : base
        while taken.contains(name) || (node.op is Constant && reserved.contains(name)) {
          suffixes[base, default: 0] += 1
          name = "\(base)_\(suffixes[base]!)"
        }
        taken.insert(name)
        return name
      }
    }
  }

  private func name(of value: Value) -> String { names[value.node][value.result] }

  func text(weightsFile: String?) -> String {
    "{\n  "
      + (["\"nnc\": \(Spec.version)"] + members(weightsFile: weightsFile)).joined(separator: ",\n  ") + "\n}\n"
  }

  /// The text of a branch or the body of a loop, on one line for each member.
  private var bodyText: String {
    let text = "{\n  " + members(weightsFile: nil).joined(separator: ",\n  ") + "\n}"
    return text.replacing("\n", with: "\n      ")
  }

  private func members(weightsFile: String?) -> [String] {
    var members = [
      "\"name\": \((graph.name.printable.isEmpty ? "model" : graph.name.printable).jsonQuoted)"
    ]
    members.append(
      "\"inputs\": "
        + list(
          graph.inputs.map { name, value in
            let type = graph.type(of: value)
            return "{\"name\": \(name.jsonQuoted), \"type\": \"\(type.element)\", \"shape\": \(Self.list(type.shape))}"
          }))
    members.append(
      "\"outputs\": "
        + list(
          graph.outputs.map { name, value in
            let valueName = self.name(of: value)
            return name == valueName
              ? name.jsonQuoted : "{\"name\": \(name.jsonQuoted), \"value\": \(valueName.jsonQuoted)}"
          }))
    if let weightsFile { members.append("\"weights\": \(weightsFile.jsonQuoted)") }
    if !constants.isEmpty {
      let lines = constants.map { "\n    \($0.name.jsonQuoted): \($0.json)" }
      members.append("\"constants\": {\(lines.joined(separator: ","))\n  }")
    }
    let nodes = graph.nodes.indices.filter {
      live[$0] && !(graph.nodes[$0].op is Constant) && !(graph.nodes[$0].op is Input)
    }
    members.append("\"nodes\": " + list(nodes.map(node)))
    return members
  }

  /// A list, with each element on a line of its own unless they are few names.
  private func list(_ elements: [String]) -> String {
    let line = "[\(elements.joined(separator: ", "))]"
    if line.count <= 80, !line.contains("{") { return line }
    return "[\n    " + elements.joined(separator: ",\n    ") + "\n  ]"
  }

  private func node(_ index: Int) -> String {
    let node = graph.nodes[index]
    let inputs = node.inputs.map { $0.map { name(of: $0).jsonQuoted } ?? "\"\"" }.joined(separator: ", ")
    let outputs = names[index].map(\.jsonQuoted).joined(separator: ", ")
    let attributes = node.op.changedAttributes.entries.map { name, value in
      "\(name.jsonQuoted): \(bodies[index]?[name]?.bodyText ?? Self.json(value))"
    }
    return "{\"op\": \(node.op.opName.jsonQuoted), \"inputs\": [\(inputs)], \"outputs\": [\(outputs)]"
      + (attributes.isEmpty ? "" : ", \"attributes\": {\(attributes.joined(separator: ", "))}") + "}"
  }

  private static func list(_ shape: Shape) -> String { "[\(shape.map(String.init).joined(separator: ", "))]" }

  private static func json(_ attribute: Attribute) -> String {
    switch attribute {
    case .none: "null"
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .float(let value):
      value.isFinite
        ? (Double(Float(value)) == value ? "\(Float(value))" : "\(value)") : "\"\(value.isNaN ? "nan" : "\(value)")\""
    case .string(let value): value.jsonQuoted
    case .list(let values): "[" + values.map(json).joined(separator: ", ") + "]"
    case .tensor(let tensor): json(tensor)
    case .graph(let graph): fatalError("internal error: \(graph.name) is in a list or has no writer")
    }
  }

  private static func json(_ tensor: Tensor) -> String {
    let numbers = tensor.jsonNumbers
    let shape = tensor.shape.rank > 1 ? ", \"shape\": \(list(tensor.shape))" : ""
    let data = tensor.shape.rank == 0 ? numbers[0] : "[\(numbers.joined(separator: ", "))]"
    return "{\"type\": \"\(tensor.element)\"\(shape), \"data\": \(data)}"
  }
}

extension String {
  /// The string with a line in the place of each control character.
  fileprivate var printable: String {
    isFreeOfControls
      ? self : String(String.UnicodeScalarView(unicodeScalars.map { String($0).isFreeOfControls ? $0 : "_" }))
  }
}

extension Tensor {
  /// Whether no element is infinite or NaN.
  fileprivate var isFinite: Bool { !element.isFloat || reals.allSatisfy(\.isFinite) }

  /// Each element as JSON, which reads back exactly except for the bits of a NaN.
  fileprivate var jsonNumbers: [String] {
    if element == .bool { return integers.map { $0 == 0 ? "false" : "true" } }
    guard element.isFloat else { return integers.map { "\($0)" } }
    return reals.map { real in
      if real.isNaN { return "\"nan\"" }
      if real.isInfinite { return "\"\(real)\"" }
      return element == .f64 ? "\(real)" : "\(Float(real))"
    }
  }
}
