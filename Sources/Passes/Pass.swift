import IR
import Targets

/// A named transformation of a graph into one that computes the same, or nearly the same.
public struct Pass: Sendable {
  /// What a pass keeps of the function that a graph computes.
  public enum Preservation: String, Sendable {
    /// Every bit of every output.
    case exactly
    /// The outputs up to the rounding of floating-point numbers.
    case upToRounding = "up to rounding"
    /// The outputs as nearly as its options ask for, and as it measures.
    case approximately
  }

  /// The name, as in `--passes`.
  public let name: String
  /// What the pass does, in one sentence.
  public let summary: String
  /// What it keeps of the function.
  public let preserves: Preservation
  /// Its options, with the values that they have.
  public let options: [PassOption]
  /// The name, with the options that were set, as in `--passes`.
  public private(set) var invocation: String
  private let configure: (@Sendable (Attributes) throws -> Pass)?
  private let isForBodies: Bool
  private let body: @Sendable (Graph, PassContext, inout PassNotes) throws -> Graph

  /// Creates a pass that transforms a graph as a whole.
  public init(
    _ name: String, _ summary: String, preserves: Preservation,
    run: @escaping @Sendable (Graph, inout PassNotes) throws -> Graph
  ) {
    (self.name, self.summary, self.preserves) = (name, summary, preserves)
    (options, invocation, configure, isForBodies) = ([], name, nil, true)
    body = { try run($0, &$2) }
  }

  /// Creates a pass that transforms a graph as a whole, and says nothing of it.
  public init(
    _ name: String, _ summary: String, preserves: Preservation, run: @escaping @Sendable (Graph) throws -> Graph
  ) {
    self.init(name, summary, preserves: preserves) { graph, _ in try run(graph) }
  }

  /// Creates a pass with options that transforms a model, and leaves branches and bodies of loops as they are: there are
  /// no samples of their inputs.
  public init<Options: PassOptions>(
    _ name: String, _ summary: String, preserves: Preservation, options: Options,
    run: @escaping @Sendable (Graph, Options, PassContext, inout PassNotes) throws -> Graph
  ) {
    (self.name, self.summary, isForBodies) = (name, summary, false)
    self.preserves = options.isApproximate ? .approximately : preserves
    self.options = PassOption.list(options)
    invocation = name
    configure = { attributes in
      let chosen = try attributes.replacing(in: options, of: name, called: "option")
      try chosen.validate()
      return Pass(name, summary, preserves: preserves, options: chosen, run: run)
    }
    body = { try run($0, options, $1, &$2) }
  }

  /// The pass with other values of some options, as in `a: 1, b: [2, 3]`.
  func with(options text: String) throws -> Pass {
    do {
      guard let configure else { throw Diagnostic("\(name) has no options") }
      var pass = try configure(Attributes(parsing: text, file: ""))
      pass.invocation = "\(name){\(text)}"
      return pass
    } catch let error as Diagnostic {
      let known = options.map { "\($0.name)\($0.value.isEmpty ? "" : " (\($0.value))")" }.joined(separator: ", ")
      let message = error.message.replacing("attribute '", with: "option '")
      throw Diagnostic("\(name){\(text)}: \(message)" + (options.isEmpty ? "" : "; the options are \(known)"))
    }
  }

  /// Creates a pass that replaces nodes, one at a time, until no rule applies.
  public init(_ name: String, _ summary: String, preserves: Preservation, rules: [Rule]) {
    self.init(name, summary, preserves: preserves) { try $0.rewritten(by: rules, notes: &$1) }
  }

  /// Creates a pass that replaces nodes by rules which depend on what the C is for.
  public init(
    _ name: String, _ summary: String, preserves: Preservation, rulesFor rules: @escaping @Sendable (Target) -> [Rule]
  ) {
    (self.name, self.summary, self.preserves) = (name, summary, preserves)
    (options, invocation, configure, isForBodies) = ([], name, nil, true)
    body = { try $0.rewritten(by: rules($1.target), notes: &$2) }
  }

  /// Returns the transformed graph, in which branches and bodies of loops are transformed too.
  public func callAsFunction(_ graph: Graph) throws -> Graph {
    var notes = PassNotes()
    return try self(graph, notes: &notes)
  }

  /// Returns the transformed graph, and adds what the pass says of its work.
  ///
  /// - Parameter context: What the pass may use besides the graph.
  public func callAsFunction(_ graph: Graph, _ context: PassContext = PassContext(), notes: inout PassNotes) throws
    -> Graph
  {
    let result = try body(graph, context, &notes)
    return isForBodies ? try result.mappingBodies { try self($0, context, notes: &notes) } : result
  }
}

/// What a pass says of its work on a graph: what it expected of a choice, what it measured, why it left a node alone.
public struct PassNotes: Sendable {
  /// The lines, each once.
  public private(set) var lines: [String] = []

  /// Creates an empty list.
  public init() {}

  /// Adds a line about the node whose first result is called `name`, unless it is there.
  public mutating func add(_ line: String, for name: String?) {
    let line = (name.map { "\($0): " } ?? "") + line
    if !lines.contains(line) { lines.append(line) }
  }
}

/// How one kind of node is replaced.
public struct Rule: Sendable {
  private let body: @Sendable (Node, inout Rewriter) throws -> [Value]?

  /// Creates a rule for operations of type `Op`.
  ///
  /// - Parameter apply: Returns the values that take the place of the results, or nil where the rule does not apply. The
  ///   operands of the node are values of the new graph.
  public init<Op: Operation>(
    on _: Op.Type, _ apply: @escaping @Sendable (Op, Node, inout Rewriter) throws -> Value?
  ) {
    body = { node, rewriter in
      guard let op = node.op as? Op else { return nil }
      return try apply(op, node, &rewriter).map { [$0] }
    }
  }

  /// Creates a rule for nodes of any kind, with any number of results.
  public init(onAny apply: @escaping @Sendable (Node, inout Rewriter) throws -> [Value]?) { body = apply }

  func apply(to node: Node, _ rewriter: inout Rewriter) throws -> [Value]? { try body(node, &rewriter) }
}
