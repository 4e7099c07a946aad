import IR

/// A named transformation of a graph into one that computes the same, or nearly the same.
public struct Pass: Sendable {
  /// What a pass keeps of the function that a graph computes.
  public enum Preservation: String, Sendable {
    /// Every bit of every output.
    case exactly
    /// The outputs up to the rounding of floating-point numbers.
    case upToRounding = "up to rounding"
  }

  /// The name, as in `--passes`.
  public let name: String
  /// What the pass does, in one sentence.
  public let summary: String
  /// What it keeps of the function.
  public let preserves: Preservation
  private let body: @Sendable (Graph, inout PassNotes) throws -> Graph

  /// Creates a pass that transforms a graph as a whole.
  public init(
    _ name: String, _ summary: String, preserves: Preservation,
    run: @escaping @Sendable (Graph, inout PassNotes) throws -> Graph
  ) {
    self.name = name
    self.summary = summary
    self.preserves = preserves
    body = run
  }

  /// Creates a pass that replaces nodes, one at a time, until no rule applies.
  public init(_ name: String, _ summary: String, preserves: Preservation, rules: [Rule]) {
    self.init(name, summary, preserves: preserves) { try $0.rewritten(by: rules, notes: &$1) }
  }

  /// Returns the transformed graph, in which branches and bodies of loops are transformed too.
  public func callAsFunction(_ graph: Graph) throws -> Graph {
    var notes = PassNotes()
    return try self(graph, notes: &notes)
  }

  /// Returns the transformed graph, and adds what the pass says of its work.
  public func callAsFunction(_ graph: Graph, notes: inout PassNotes) throws -> Graph {
    try body(graph, &notes).mappingBodies { try self($0, notes: &notes) }
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
