/// An input as a spec declares it.
struct SpecInput {
  var name: String
  var position: JSONPosition
  var type: TensorType

  /// Reads the inputs, with the extents that `bindings` give to dynamic dimensions.
  ///
  /// - Throws: Among others, a diagnostic that lists all dimensions without extent, with the options that give one.
  static func read(_ value: JSONValue, _ reader: JSONReader, _ bindings: [String: Int]) throws -> [SpecInput] {
    var dimensions = Dimensions(bindings: bindings)
    let inputs = try reader.array(value, "\"inputs\"").map { item in
      let object = try reader.object(item, "an input", keys: ["name", "type", "shape"])
      let nameValue = try object.required("name")
      let name = try reader.name(nameValue, "the name of an input")
      let element = try reader.element(object.required("type"), "input \(name.quoted)")
      let shapeValue = try object.required("shape")
      let shape = try reader.shape(shapeValue, "input \(name.quoted)") { try dimensions.extent($0, reader, name) }
      let type = try reader.validated(TensorType(element, shape), at: shapeValue.position)
      return SpecInput(name: name, position: nameValue.position, type: type)
    }
    try dimensions.check(reader)
    return inputs
  }

  /// The dynamic dimensions that have been met.
  private struct Dimensions {
    let bindings: [String: Int]
    var seen: [String] = []
    var unbound: [(name: String, position: JSONPosition)] = []

    mutating func extent(_ value: JSONValue, _ reader: JSONReader, _ input: String) throws -> Int {
      guard case .string = value.content else { return try reader.count(value, "an extent of input \(input.quoted)") }
      let name = try reader.name(value, "the name of a dimension of input \(input.quoted)")
      if !seen.contains(name) { seen.append(name) }
      guard let extent = bindings[name] else {
        if !unbound.contains(where: { $0.name == name }) { unbound.append((name, value.position)) }
        return 0
      }
      guard extent >= 0 else { throw reader.fault("dimension \(name.quoted) cannot be \(extent)", at: value.position) }
      return extent
    }

    func check(_ reader: JSONReader) throws {
      for name in bindings.keys.sorted() where !seen.contains(name) {
        let known = seen.isEmpty ? "; all its dimensions are fixed" : "; it has \(seen.joined(separator: ", "))"
        throw Diagnostic(
          "the model has no dynamic dimension \(name.quoted)\(suggestion(for: name, among: seen))\(known)",
          at: Location(file: reader.file, place: "inputs"))
      }
      guard let first = unbound.first else { return }
      let names = unbound.map { $0.name.quoted }.joined(separator: ", ")
      let flags = unbound.map { "--dim \($0.name)=N" }.joined(separator: " ")
      throw reader.fault(
        unbound.count == 1
          ? "dimension \(names) has no extent; give it one with \(flags)"
          : "dimensions \(names) have no extents; give them with \(flags)", at: first.position)
    }
  }
}

/// A node as a spec declares it.
struct SpecNode {
  var op: String
  var opPosition: JSONPosition
  var name: String?
  var inputs: [SpecName]
  var outputs: [SpecName]
  var attributes: [JSONValue.Member]
  var position: JSONPosition

  init(_ value: JSONValue, _ reader: JSONReader) throws {
    let object = try reader.object(value, "a node", keys: ["op", "name", "inputs", "outputs", "attributes"])
    let opValue = try object.required("op")
    position = value.position
    op = try reader.name(opValue, "the operator of a node")
    opPosition = opValue.position
    name = try object["name"].map { try reader.name($0, "the name of a node") }
    func names(_ value: JSONValue, _ what: String) throws -> [SpecName] {
      try reader.array(value, what).map { item in
        switch item.content {
        case .null, .string(""): SpecName(name: nil, position: item.position)
        default: SpecName(name: try reader.name(item, "a name in \(what)"), position: item.position)
        }
      }
    }
    inputs = try object["inputs"].map { try names($0, "the inputs of a node") } ?? []
    outputs = try names(object.required("outputs"), "the outputs of a node")
    attributes = try object["attributes"].map { try reader.members($0, "the attributes of a node") } ?? []
    guard outputs.contains(where: { $0.name != nil }) else {
      throw reader.fault("this node has no outputs; name its result", at: value.position)
    }
  }

  /// The node in the words of an error message.
  var title: String { op + (name ?? outputs.compactMap(\.name).first).map { " \($0.shortened.quoted)" }! }
}
