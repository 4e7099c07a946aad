import IR

/// The names that the nodes of one graph or function see.
struct Scope {
  /// What a name stands for.
  enum Binding {
    case value(Value)
    /// A sequence, the elements of which are known when the model is read.
    case sequence([Value])
    /// A list of strings, which can only be the names of classes.
    case names([String])
    /// An optional operand that is left out, or an optional without element.
    case absent
    /// The output of a node that is not supported.
    case unsupported

    /// The value, if there is one.
    var value: Value? { if case .value(let value) = self { value } else { nil } }
    /// The strings, if that is what it is.
    var names: [String]? { if case .names(let names) = self { names } else { nil } }
    /// Whether it is a sequence.
    var isSequence: Bool { if case .sequence = self { true } else { false } }
    /// Whether there is nothing.
    var isAbsent: Bool { if case .absent = self { true } else { false } }
    /// Whether a node that uses it cannot be read.
    var isUnsupported: Bool { if case .unsupported = self { true } else { false } }
  }

  private(set) var bindings: [String: Binding] = [:]
  /// The version of each domain of operators.
  var opsets: [String: Int]
  /// In a function: the attributes of the call.
  var attributes: [String: OnnxAttributeProto] = [:]
  /// In a function: what the caller calls its outputs.
  var callerNames: [String: String] = [:]
  /// What is written before the names of values and nodes, to tell where they come from.
  var prefix = ""
  /// In a sub-graph that becomes a graph of its own: what is written before the names of its nodes in messages.
  var place = ""
  /// How many functions and branches are around.
  var depth = 0

  init(opsets: [String: Int]) { self.opsets = opsets }

  /// Gives `name` a meaning, once.
  mutating func bind(_ name: String, _ binding: Binding) throws(Diagnostic) {
    guard bindings.updateValue(binding, forKey: name) == nil else { throw Diagnostic("'\(name)' is defined twice") }
  }

  /// Lets `name` stand for something else in the place of its initializer.
  mutating func rebind(_ name: String, _ binding: Binding) { bindings[name] = binding }

  /// What the value `name` is called in the graph.
  func displayName(_ name: String) -> String { callerNames[name] ?? prefix + name }

  /// The place of a node, which a node without name gets from its first output.
  func location(of node: OnnxNodeProto, in path: String) -> Location {
    Location(file: path, place: "node '\(place)\(displayName(of: node))'")
  }

  /// The name of a node, or of its first output.
  func displayName(of node: OnnxNodeProto) -> String {
    prefix + (node.name.isEmpty ? node.output.first { !$0.isEmpty } ?? node.opType : node.name)
  }
}
