import IR
import SwiftProtobuf

extension Graph {
  /// Reads the ONNX file at `path`. Older versions of operators become today's, functions are inlined, and branches
  /// whose condition is known are taken.
  ///
  /// - Throws: A diagnostic that lists everything that is not supported, or says what is wrong with the file.
  public init(onnx path: String, options: LoadOptions = LoadOptions()) throws {
    do {
      let storage = try TensorStorage.mapping(file: path)
      let model = try OnnxModelProto(onnx: storage)
      var importer = ONNXImporter(path: path, file: storage, options: options)
      self = try importer.graph(of: model)
    } catch let error as Diagnostic {
      throw error.located(at: Location(file: path))
    }
  }
}

extension OnnxModelProto {
  fileprivate init(onnx file: TensorStorage) throws {
    self = try Self(onnx: file, .model, "an ONNX file")
    guard hasGraph, !opsetImport.isEmpty else {
      throw Diagnostic("this is not an ONNX file: it has no graph or no operator set")
    }
  }
}

extension Message {
  /// Decodes a file, of which `raw_data` becomes its place in the file.
  ///
  /// - Parameter kind: What a message calls such a file.
  init(onnx file: TensorStorage, _ root: ONNXSkeleton.Message, _ kind: String) throws(Diagnostic) {
    var options = BinaryDecodingOptions()
    options.discardUnknownFields = true
    do {
      // The bytes live no longer than this call.
      let skeleton = try withExtendedLifetime(file) { try ONNXSkeleton(of: file.bytes, root: root) }
      try self.init(serializedBytes: skeleton.bytes, options: options)
    } catch {
      throw Diagnostic("this is not \(kind): \((error as? Diagnostic)?.message ?? "\(error)")")
    }
  }
}

/// Makes a graph of an ONNX model.
struct ONNXImporter {
  let path: String
  let options: LoadOptions
  var reader: ONNXTensorReader
  var graph: Graph
  var functions: [FunctionKey: OnnxFunctionProto] = [:]
  var unsupported = UnsupportedList()
  private var nodeCount = 0

  /// More nodes than this come only from functions that call each other to no end of work.
  static let maximumNodeCount = 1_000_000
  /// More levels of functions and branches than this would endanger the stack.
  static let maximumDepth = 32

  init(path: String, file: TensorStorage, options: LoadOptions) {
    self.path = path
    self.options = options
    reader = ONNXTensorReader(path: path, file: file)
    let name = path.split(separator: "/").last ?? ""
    graph = Graph(name: String(name.hasSuffix(".onnx") ? name.dropLast(5) : name))
  }

  mutating func graph(of model: OnnxModelProto) throws -> Graph {
    for function in model.functions { functions[FunctionKey(function)] = function }
    var scope = Scope(opsets: try opsets(model.opsetImport))
    try importInitializers(model.graph, into: &scope)
    try importInputs(model.graph.input, into: &scope)
    try importNodes(model.graph.node, in: &scope)
    if let error = unsupported.diagnostic { throw error }
    for output in model.graph.output { try addOutput(output.name, scope.bindings[output.name]) }
    guard !graph.outputs.isEmpty else { throw Diagnostic("the model has no outputs") }
    return graph
  }

  /// Adds an output, or one for each element of a sequence.
  private mutating func addOutput(_ name: String, _ binding: Scope.Binding?) throws(Diagnostic) {
    switch binding {
    case .value(let value):
      guard !graph.outputs.contains(where: { $0.name == name }) else {
        throw Diagnostic("there are two outputs '\(name)'")
      }
      graph.outputs.append((name, value))
    case .sequence(let values):
      for (index, value) in values.enumerated() { try addOutput("\(name)_\(index)", .value(value)) }
    case .names: throw Diagnostic("output '\(name)' is a list of strings, but \(noStrings)")
    case .absent: throw Diagnostic("output '\(name)' is an optional without element")
    case .unsupported, nil: throw Diagnostic("output '\(name)' is not computed by any node")
    }
  }

  func opsets(_ imports: [OnnxOperatorSetIdProto]) throws(Diagnostic) -> [String: Int] {
    var opsets: [String: Int] = [:]
    for opset in imports { opsets[standardized(opset.domain)] = Int(opset.version) }
    for (domain, supported) in Upgrade.versions {
      guard let version = opsets[domain], !supported.contains(version) else { continue }
      throw Diagnostic(
        "the model uses version \(version) of the \(describedDomain(domain)); versions \(supported.lowerBound) to "
          + "\(supported.upperBound) are supported, and onnx.version_converter can convert it")
    }
    return opsets
  }

  mutating func importInitializers(_ source: OnnxGraphProto, into scope: inout Scope) throws {
    for proto in source.initializer {
      guard !proto.name.isEmpty else { throw Diagnostic("an initializer has no name") }
      if let names = proto.names {
        try scope.bind(proto.name, .names(names))
        continue
      }
      try bindConstant(try reader.tensor(proto, "initializer '\(proto.name)'"), to: proto.name, in: &scope)
    }
    for proto in source.sparseInitializer {
      let name = proto.values.name
      try bindConstant(try reader.tensor(proto, "initializer '\(name)'"), to: name, in: &scope)
    }
  }

  private mutating func bindConstant(_ tensor: Tensor, to name: String, in scope: inout Scope) throws {
    let value = try graph.add(Constant(tensor), name: scope.displayName(name))
    try scope.bind(name, .value(value))
  }

  mutating func importNodes(_ nodes: [OnnxNodeProto], in scope: inout Scope) throws {
    for index in try executionOrder(of: nodes, place: { scope.location(of: $0, in: path) }) {
      nodeCount += 1
      guard nodeCount <= Self.maximumNodeCount else {
        throw Diagnostic("the model has more than \(Self.maximumNodeCount) nodes")
      }
      try importNode(nodes[index], in: &scope)
    }
  }

  private mutating func importNode(_ node: OnnxNodeProto, in scope: inout Scope) throws {
    let location = scope.location(of: node, in: path)
    let operands = try node.input.map { name -> Scope.Binding in
      if name.isEmpty { return .absent }
      guard let binding = scope.bindings[name] else {
        throw Diagnostic("\(node.opType) uses '\(name)', which no node, input or initializer defines", at: location)
      }
      return binding
    }
    let results: [Scope.Binding]
    do {
      if let function = functions[FunctionKey(node)] {
        results = try inline(function, for: node, operands, in: scope)
      } else if Self.controlFlowOperators.contains(node.qualifiedType) {
        results = try importControlFlow(node, operands, in: scope, at: location)
      } else if let found = try importNamesNode(node, operands, in: scope, at: location) {
        results = found
      } else if let found = try importSequenceNode(node, operands, in: scope, at: location) {
        results = found
      } else {
        results = try importOperation(node, operands, in: scope, at: location)
      }
    } catch let error as Diagnostic {
      throw error.located(at: location)
    }
    for (index, name) in node.output.enumerated() where !name.isEmpty {
      guard index < results.count else {
        throw Diagnostic("\(node.opType) has \(results.count) results here, not \(node.output.count)", at: location)
      }
      suggestName(scope.displayName(name), for: results[index])
      do { try scope.bind(name, results[index]) } catch { throw error.located(at: location) }
    }
  }

  /// Gives what a node makes a name; the elements of a sequence are numbered.
  private mutating func suggestName(_ name: String, for binding: Scope.Binding) {
    switch binding {
    case .value(let value): graph.suggestName(name, for: value)
    case .sequence(let values):
      for (index, value) in values.enumerated() { graph.suggestName("\(name)_\(index)", for: value) }
    case .names, .absent, .unsupported: break
    }
  }

  /// Remembers that a node cannot be read, and why; what depends on it is only checked for more of that kind.
  mutating func notSupported(_ what: String, _ node: OnnxNodeProto, at location: Location) -> [Scope.Binding] {
    unsupported.add(what, at: location)
    return node.output.map { _ in .unsupported }
  }
}

/// The name of a domain of operators; that of ONNX itself has two.
func standardized(_ domain: String) -> String {
  ["ai.onnx": "", "onnx.brevitas": "qonnx.custom_op.general"][domain] ?? domain
}

/// What messages call the operators of a domain.
func describedDomain(_ domain: String) -> String { domain.isEmpty ? "ONNX operators" : "operators of \(domain)" }

extension OnnxNodeProto {
  /// The name of the operator: after that of its domain and a dot, unless it is of ONNX's own.
  var qualifiedType: String {
    let domain = standardized(domain)
    return domain.isEmpty ? opType : "\(domain).\(opType)"
  }
}

/// What a model needs that does not exist, each with the nodes that need it.
struct UnsupportedList {
  private var entries: [(what: String, places: [String])] = []

  mutating func add(_ what: String, at location: Location) {
    if let index = entries.firstIndex(where: { $0.what == what }) {
      entries[index].places.append(location.place)
    } else {
      entries.append((what, [location.place]))
    }
  }

  /// What to tell the user, unless everything is supported.
  var diagnostic: Diagnostic? {
    guard !entries.isEmpty else { return nil }
    let lines = entries.map { what, places in
      let shown = places.prefix(8).joined(separator: ", ") + (places.count > 8 ? " and \(places.count - 8) more" : "")
      return "\n  \(what) (\(shown))"
    }
    let count = entries.count == 1 ? "1 operator is" : "\(entries.count) operators are"
    return Diagnostic("\(count) not supported:" + lines.joined())
  }
}
