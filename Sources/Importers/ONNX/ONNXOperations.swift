import IR

extension ONNXImporter {
  /// Adds the operation that a node is.
  mutating func importOperation(
    _ node: OnnxNodeProto, _ operands: [Scope.Binding], in scope: Scope, at location: Location
  ) throws -> [Scope.Binding] {
    let (name, domain) = (node.qualifiedType, standardized(node.domain))
    let version = scope.opsets[domain]
    let current = Upgrade.currentName(of: name, in: version ?? .max)
    guard operation(named: current) != nil || decompositions[current] != nil, name != Input.name else {
      return notSupported(name + (reasons[name].map { ": \($0)" } ?? ""), node, at: location)
    }
    guard let version else {
      throw Diagnostic(
        "the model uses \(node.opType) but does not say of which version of the \(describedDomain(domain))")
    }
    if name == "Constant" { return try importConstant(node, in: scope, at: location) }
    guard !operands.contains(where: \.isUnsupported) else { return node.output.map { _ in .unsupported } }
    var attributes = Attributes()
    for proto in node.attribute {
      guard let proto = try resolve(proto, in: scope) else { continue }
      guard let attribute = try attribute(proto) else {
        return notSupported("\(name) with attribute '\(proto.name)', a sub-graph or a type", node, at: location)
      }
      attributes.entries.append((proto.name, attribute))
    }
    var draft = NodeDraft(
      type: name, operands: operands.map(\.value), attributes: attributes, outputs: node.output,
      location: location)
    try Upgrade.apply(to: &draft, from: version, in: &graph)
    return try add(draft, for: node)
  }

  private mutating func add(_ draft: NodeDraft, for node: OnnxNodeProto) throws -> [Scope.Binding] {
    if let decompose = decompositions[draft.type] {
      var draft = draft
      let results = try decompose(&draft, &graph)
      if let name = draft.attributes.entries.first?.name {
        return notSupported("\(draft.type) with attribute '\(name)'", node, at: draft.location)
      }
      return results.map { $0.map { .value($0) } ?? .absent }
    }
    guard let type = operation(named: draft.type) else { return notSupported(draft.type, node, at: draft.location) }
    let defaults = Attributes(of: type.init())
    var attributes = draft.attributes
    for (index, (name, value)) in attributes.entries.enumerated() {
      guard let standard = defaults[name] else {
        return notSupported("\(draft.type) with attribute '\(name)'", node, at: draft.location)
      }
      if Self.elementTypeAttributes.contains(name), case .int(let number) = value {
        // Operations for which the number makes no difference keep it as such.
        if case .int = standard { continue }
        if number == 0, case .none = standard {
          attributes.entries[index].value = .none
          continue
        }
        attributes.entries[index].value = .string(try ElementType(onnx: number).rawValue)
      }
    }
    let op: any Operation
    do { op = try type.init(attributes) } catch let error as Diagnostic {
      throw Diagnostic("\(draft.type): \(error.message)", at: error.location)
    }
    var results = try graph.add(op, draft.operands, names: [], at: draft.location)
    if let finish = draft.finish { results[0] = try finish(results[0], &graph) }
    return results.map { .value($0) }
  }

  /// The attributes that give a type of element as a number.
  private static let elementTypeAttributes = [
    "to", "dtype", "output_dtype", "output_datatype", "precision", "stash_type", "softmax_precision",
  ]

  /// The attribute, or nil for one that no operation of the IR has: a graph or a type.
  mutating func attribute(_ proto: OnnxAttributeProto) throws -> Attribute? {
    let name = "attribute '\(proto.name)'"
    switch proto.type {
    case .float: return .float(Double(proto.f))
    case .int: return .int(Int(proto.i))
    case .string: return .string(String(decoding: proto.s, as: UTF8.self))
    case .tensor: return .tensor(try reader.tensor(proto.t, name))
    case .sparseTensor: return .tensor(try reader.tensor(proto.sparseTensor, name))
    case .floats: return .list(proto.floats.map { .float(Double($0)) })
    case .ints: return .list(proto.ints.map { .int(Int($0)) })
    case .strings: return .list(proto.strings.map { .string(String(decoding: $0, as: UTF8.self)) })
    case .undefined: throw Diagnostic("\(name) does not say of which type it is")
    case .tensors, .graph, .graphs, .sparseTensors, .typeProto, .typeProtos, .UNRECOGNIZED: return nil
    }
  }

  private mutating func importConstant(_ node: OnnxNodeProto, in scope: Scope, at location: Location) throws -> [Scope
    .Binding]
  {
    let given = try node.attribute.compactMap { try resolve($0, in: scope) }
    try require(given.count == 1, "Constant should have one attribute, its value, not \(given.count)")
    let tensor: Tensor
    switch (given[0].name, try attribute(given[0])) {
    case ("value", .tensor(let value)), ("sparse_value", .tensor(let value)): tensor = value
    case ("value_float", .float), ("value_floats", .list):
      let values = given[0].type == .float ? [given[0].f] : given[0].floats
      tensor = Tensor(values, shape: given[0].type == .float ? [] : nil)
    case ("value_int", .int), ("value_ints", .list):
      let values = given[0].type == .int ? [given[0].i] : given[0].ints
      tensor = Tensor(values, shape: given[0].type == .int ? [] : nil)
    default: return notSupported("Constant with attribute '\(given[0].name)'", node, at: location)
    }
    return [.value(try graph.add(Constant(tensor), name: nil, at: location))]
  }
}
