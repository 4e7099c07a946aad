import IR

/// Passes that run one after the other.
public struct Pipeline: Sendable {
  /// The passes, in order.
  public var passes: [Pass]

  /// What one pass did.
  public struct Step: Sendable {
    /// The pass.
    public let pass: Pass
    /// The graph after it.
    public let graph: Graph
    /// Whether it left the graph as it was.
    public let isUnchanged: Bool
    /// How long it took.
    public let duration: Duration
    /// What the pass says of its work.
    public let notes: [String]
  }

  /// A pass that stopped with an error, which is a fault of nnc where the graph was valid before.
  public struct Failure: Error {
    /// The pass.
    public let pass: Pass
    /// The graph that it was given.
    public let before: Graph
    /// What it threw.
    public let error: any Error

    /// What the pass lacks, or what is wrong with a computation that does not depend on inputs, such as an index that is out of range: the fault
    /// of the model, though a pass finds it. Nil where the pass is at fault.
    public var faultOfTheModel: Diagnostic? {
      if let refusal = error as? PassRefusal { return refusal.reason }
      for (node, isLive) in zip(before.nodes, before.liveNodes) where isLive {
        do { _ = try before.knownResults(of: node) } catch let error as Diagnostic {
          return Diagnostic("\(node.op.opName): \(error.message)", at: error.location ?? node.location)
        } catch { return nil }
      }
      return nil
    }
  }

  /// Creates a pipeline.
  public init(_ passes: [Pass]) { self.passes = passes }

  /// Creates a pipeline from the names of passes, as in `binarize{bits: 2},fold-constants`.
  public init(names: String) throws {
    passes = try Self.entries(of: names).map { name, options in
      guard let pass = allPasses.first(where: { $0.name == name }) else {
        throw Diagnostic("there is no pass '\(name)'; the passes are \(allPasses.map(\.name).joined(separator: ", "))")
      }
      return try options.map { try pass.with(options: $0) } ?? pass
    }
  }

  /// Returns the graph after all passes.
  ///
  /// - Parameter context: What passes may use besides the graph.
  /// - Parameter willRun: Called with each pass and the graph that it is about to change.
  /// - Parameter didRun: Called after each pass.
  /// - Throws: `Failure`.
  public func run(
    _ graph: Graph, context: PassContext = PassContext(), willRun: (Pass, Graph) throws -> Void = { _, _ in },
    didRun: (Step) throws -> Void = { _ in }
  ) throws -> Graph {
    let clock = ContinuousClock()
    var graph = graph
    for pass in passes {
      try willRun(pass, graph)
      let start = clock.now
      let result: Graph
      var notes = PassNotes()
      do { result = try pass(graph, context, notes: &notes) } catch {
        throw Failure(pass: pass, before: graph, error: error)
      }
      let step = Step(
        pass: pass, graph: result, isUnchanged: result == graph, duration: clock.now - start, notes: notes.lines)
      graph = result
      try didRun(step)
    }
    return graph
  }
}
