import ArgumentParser
import IR
import Passes

/// What a model keeps from one run to the next.
struct StreamArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Keeps a state between runs, in a struct NAME_state that the caller owns: INPUT=OUTPUT makes a state of an input and the "
        + "output that takes its place in the next run; LAYER gives a recurrent layer or a causal convolution a state; `all` gives "
        + "one to each such layer; repeatable.", valueName: "INPUT=OUTPUT|LAYER|all"))
  var stream: [String] = []

  /// Returns the graph in which layers have the states that are asked for, and all states.
  func apply(to graph: Graph) throws -> (graph: Graph, states: [ModelState]) {
    let pairs = try stream.filter { $0.contains("=") && !graph.hasResult(named: $0) }.map { try pair($0, in: graph) }
    let layers = stream.filter { !$0.contains("=") || graph.hasResult(named: $0) }
    guard !layers.isEmpty else { return (graph, pairs) }
    let (streaming, states) = try graph.streaming(layers.contains("all") ? nil : layers)
    return (streaming, pairs + states)
  }

  /// The state that `INPUT=OUTPUT` is; names may have the sign themselves.
  private func pair(_ argument: String, in graph: Graph) throws -> ModelState {
    let candidates = argument.indices.filter { argument[$0] == "=" }.map { sign in
      ModelState(input: String(argument[..<sign]), output: String(argument[argument.index(after: sign)...]))
    }
    for state in candidates where (try? graph.check([state])) != nil { return state }
    try graph.check([candidates[0]])
    return candidates[0]
  }
}

extension Graph {
  /// Whether a result of a node has a name.
  fileprivate func hasResult(named name: String) -> Bool { nodes.contains { $0.names.contains(name) } }
}
