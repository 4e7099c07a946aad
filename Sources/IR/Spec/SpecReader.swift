extension Graph {
  /// Reads the model spec at `path`, with its weights; docs/model-spec.md describes the format.
  ///
  /// - Parameter bindings: The extents of the dynamic dimensions, by name.
  /// - Throws: A diagnostic, with line and column where the spec is at fault.
  public init(spec path: String, bindings: [String: Int] = [:]) throws {
    let text = try TensorStorage.mapping(file: path)
    let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    self = try withExtendedLifetime(text) {
      try Graph(spec: text.bytes, file: path, bindings: bindings) { try Safetensors(path: directory + $0) }
    }
  }

  /// Reads a model spec from its bytes.
  ///
  /// - Parameters:
  ///   - file: The name of the file in errors.
  ///   - bindings: The extents of the dynamic dimensions, by name.
  ///   - loadWeights: Opens a file of weights, given its path as the spec has it.
  public init(
    spec bytes: UnsafeRawBufferPointer, file: String, bindings: [String: Int] = [:],
    loadWeights: (String) throws -> Safetensors
  ) throws {
    let spec = try Spec(JSONParser.parse(bytes, file: file), JSONReader(file: file), bindings, loadWeights)
    self = try SpecBuilder.graph(of: spec)
  }
}

/// A name in a list of names of a spec, and where it stands.
struct SpecName {
  /// The name, or nil where an operand or result is left out.
  var name: String?
  var position: JSONPosition
}

/// A model spec: what it declares, each part checked by itself.
struct Spec {
  /// The version of the format.
  static let version = 1
  private static let keys = [
    "nnc", "$schema", "name", "description", "inputs", "outputs", "weights", "constants", "nodes",
  ]

  /// The keys of a branch or the body of a loop, whose weights are those of the spec.
  private static let bodyKeys = ["name", "inputs", "outputs", "constants", "nodes"]

  private(set) var reader: JSONReader
  var name = ""
  var inputs: [SpecInput] = []
  var outputs: [(name: String, value: SpecName)] = []
  var weights = SpecWeights()
  var constants: [(name: String, position: JSONPosition, tensor: Tensor)] = []
  var nodes: [SpecNode] = []
  /// Whether this is a branch or the body of a loop, whose names hide those of weights.
  private(set) var isBody = false

  init(
    _ json: JSONValue, _ reader: JSONReader, _ bindings: [String: Int], _ loadWeights: (String) throws -> Safetensors
  ) throws {
    self.reader = reader
    try checkVersion(json)
    let object = try reader.object(json, "the spec", keys: Self.keys)
    for key in ["$schema", "description"] { if let value = object[key] { _ = try reader.string(value, key.quoted) } }
    if let value = object["weights"] { weights = try SpecWeights(value, reader, loadWeights) }
    self.reader.weights = weights
    try readMembers(object, bindings)
  }

  /// Reads a branch or the body of a loop.
  init(body json: JSONValue, _ reader: JSONReader) throws {
    self.reader = reader
    isBody = true
    weights = reader.weights
    try readMembers(reader.object(json, "a branch or body", keys: Self.bodyKeys), [:])
  }

  private mutating func readMembers(_ object: JSONObject, _ bindings: [String: Int]) throws {
    name = try reader.name(object.required("name"), "the name of the model")
    inputs = try SpecInput.read(object.required("inputs"), reader, bindings)
    if let value = object["constants"] {
      constants = try reader.members(value, "\"constants\"").map { member in
        let key = JSONValue(content: .string(member.key), position: member.position)
        let name = try reader.name(key, "the name of a constant")
        return (name, member.position, try constant(member.value, "constant \(name.quoted)"))
      }
    }
    nodes = try reader.array(object.required("nodes"), "\"nodes\"").map { try SpecNode($0, reader) }
    outputs = try readOutputs(object.required("outputs"))
  }

  /// Throws unless the spec says that it is one, of this version; a later one may have keys that mean nothing here.
  private func checkVersion(_ json: JSONValue) throws {
    guard case .object(let members) = json.content else {
      throw reader.fault("a model spec should be an object, not \(json.summary)", at: json.position)
    }
    guard let version = members.first(where: { $0.key == "nnc" })?.value else {
      throw reader.fault("this is not a model spec of nnc; one begins with \"nnc\": \(Self.version)", at: json.position)
    }
    guard try reader.count(version, "the version \"nnc\"") == Self.version else {
      throw reader.fault(
        "this spec is of version \(version.summary), but this nnc reads version \(Self.version)", at: version.position)
    }
  }

  /// A constant whose elements stand in the spec, or are the bytes of a weight.
  private func constant(_ value: JSONValue, _ what: String) throws -> Tensor {
    guard case .object(let members) = value.content, members.contains(where: { $0.key == "weight" }) else {
      return try reader.tensor(value, what)
    }
    let object = try reader.object(value, what, keys: ["type", "shape", "weight"])
    let element = try reader.element(object.required("type"), what)
    let shape = try reader.shape(object.required("shape"), what) { try reader.count($0, "an extent of \(what)") }
    let type = try reader.validated(TensorType(element, shape), at: object.position)
    let position = try object.required("weight")
    let name = try reader.name(position, "the weight of \(what)")
    guard let bytes = try weights.file(of: name)?.tensor(named: name) else {
      throw reader.fault(
        "\(what) has the bytes of the weight \(name.shortened.quoted), but there is none"
          + suggestion(for: name, among: weights.names), at: position.position)
    }
    guard bytes.type == TensorType(.u8, [type.byteCount]) else {
      throw reader.fault(
        "\(what) is \(type) and takes \(type.byteCount) bytes, but the weight \(name.quoted) is \(bytes.type)",
        at: position.position)
    }
    guard element != .bool else {
      throw reader.fault("\(what) should be a weight of type BOOL itself", at: position.position)
    }
    return element.isPacked ? bytes.withUnsafeBytes { Tensor(type, packed: $0) } : bytes.reinterpreted(as: type)
  }

  private func readOutputs(_ value: JSONValue) throws -> [(name: String, value: SpecName)] {
    var seen: Set<String> = []
    let outputs = try reader.array(value, "\"outputs\"").map { item in
      var (name, value) = (item, item)
      if case .object = item.content {
        let object = try reader.object(item, "an output", keys: ["name", "value"])
        (name, value) = (try object.required("name"), try object.required("value"))
      }
      let text = try reader.name(name, "the name of an output")
      guard seen.insert(text).inserted else {
        throw reader.fault("there are two outputs \(text.quoted)", at: name.position)
      }
      return (
        text, SpecName(name: try reader.name(value, "the value of output \(text.quoted)"), position: value.position)
      )
    }
    guard !outputs.isEmpty else {
      throw reader.fault("\"outputs\" is empty; a model computes at least one", at: value.position)
    }
    return outputs
  }
}

/// The files of weights of a spec.
struct SpecWeights {
  private(set) var files: [Safetensors] = []
  private var fileOfName: [String: Int] = [:]

  init() {}

  init(_ value: JSONValue, _ reader: JSONReader, _ load: (String) throws -> Safetensors) throws {
    let paths: [JSONValue] = if case .array(let values) = value.content { values } else { [value] }
    for path in paths {
      let text = try reader.name(path, "the path of a file of weights")
      guard !text.hasPrefix("/"), !text.split(separator: "/").contains("..") else {
        throw reader.fault(
          "the path \(text.shortened.quoted) leaves the folder of the spec; "
            + "weights lie in it or below, and the path is relative",
          at: path.position)
      }
      do { files.append(try load(text)) } catch let error as Diagnostic {
        throw error.located(at: reader.location(path.position))
      }
      for entry in files[files.count - 1].entries {
        if let other = fileOfName.updateValue(files.count - 1, forKey: entry.name) {
          throw reader.fault(
            "the weight \(entry.name.quoted) is in two files, \(files[other].path) and \(files[files.count - 1].path)",
            at: path.position)
        }
      }
    }
  }

  /// The file that has a weight of this name.
  func file(of name: String) -> Safetensors? { fileOfName[name].map { files[$0] } }

  /// The names of all weights.
  var names: [String] { files.flatMap { $0.entries.map(\.name) } }
}
