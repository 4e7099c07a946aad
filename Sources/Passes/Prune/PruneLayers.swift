import IR

/// Removes residual branches, of which the output of the model needs little: attention, feed-forward blocks, convolutions.
///
///     %n = LayerNormalization(%x)
///     %f = MatMul(%n, %w)
///     %y = Add(%x, %f)
///   →
///     %x
///
/// A branch is what is added to a value that it is computed from. One after the other goes whose absence changes the output
/// least, measured on calibration data behind those that are gone already, as long as the budget allows, or as many as are
/// asked for. What the pass notes is the order, and what each step did.
///
/// Zhang et al., "FinerCut: Finer-grained Interpretable Layer Pruning for Large Language Models" (2024), section 3.
let pruneLayers = Pass(
  "prune-layers", "Removes residual branches, of which the output of the model needs little.",
  preserves: .approximately, options: PruneLayersOptions()
) { graph, options, context, notes in
  guard let calibration = context.calibration, !calibration.samples.isEmpty else {
    throw PassRefusal.needsCalibration("prune-layers")
  }
  try graph.checkBranchNames(options.layers + options.skip)
  let meter = try OutputMeter(graph, calibration, context)
  var (result, removed) = (graph, 0)
  while removed < options.count ?? Int.max {
    let candidates = result.residualBranches.filter {
      !options.skip.contains($0.name) && (options.layers.isEmpty || options.layers.contains($0.name))
    }
    var best: (graph: Graph, name: String, measured: OutputMeter.Measurement)?
    for branch in candidates {
      context.progress("prune-layers: \(removed + 1): \(branch.name)")
      let shorter = try result.removing(branch)
      let measured = try meter.measure(shorter)
      if best == nil || measured.largestError < best!.measured.largestError { best = (shorter, branch.name, measured) }
    }
    guard let best else { break }
    if options.count == nil, best.measured.largestError > options.errorBudget {
      notes.add("stays: \(best.measured), where \(options.errorBudget) is allowed", for: best.name)
      break
    }
    notes.add(
      "removed, \(result.multiplyAccumulates) -> \(best.graph.multiplyAccumulates) products: \(best.measured)",
      for: best.name)
    (result, removed) = (best.graph, removed + 1)
  }
  if removed == 0 { notes.add("nothing is removed", for: nil) }
  return result
}

/// The options of the pass prune-layers.
struct PruneLayersOptions: PassOptions {
  /// How many branches go; where there is no number, as many as the budget allows.
  var count: Int?
  /// The largest error of an output, relative to it.
  var error: Double?
  /// The branches that may go; all where empty.
  var layers: [String] = []
  /// Branches that stay.
  var skip: [String] = []

  static let summaries = [
    "count": "how many branches go; without it, as many as the budget allows",
    "error": "largest error of an output, relative to it, on calibration data; \(defaultError) where there is no count",
    "layers": "names of the branches that may go, which are those of their additions; all by default",
    "skip": "names of branches that stay",
  ]

  /// The error that is allowed where nothing is said.
  static let defaultError = 0.05

  func validate() throws {
    try require(count.map { $0 >= 1 } ?? true, "option 'count' should be 1 or more")
    try require(error.map { $0 > 0 } ?? true, "option 'error' should be greater than 0")
    try require(count == nil || error == nil, "options 'count' and 'error' exclude each other")
  }

  /// The largest relative error.
  var errorBudget: Double { error ?? Self.defaultError }
}

/// A value to which something is added that is computed from it.
private struct ResidualBranch {
  /// The addition, and the value that is left without the branch.
  let sum: Value, trunk: Value
  /// What options and notes call it: like its addition.
  let name: String
}

extension Graph {
  /// All residual branches, in the order of the model.
  fileprivate var residualBranches: [ResidualBranch] {
    let live = liveNodes
    return nodes.indices.compactMap { index in
      let node = nodes[index]
      guard live[index], node.op is Add, let a = node.inputs[0], let b = node.inputs[1] else { return nil }
      for (trunk, branch) in [(a, b), (b, a)] {
        guard type(of: trunk) == node.types[0], !(self[trunk].op is Constant), depends(branch, on: trunk) else {
          continue
        }
        return ResidualBranch(sum: Value(node: index), trunk: trunk, name: node.layerName)
      }
      return nil
    }
  }

  /// Whether a value is computed from another.
  private func depends(_ value: Value, on origin: Value) -> Bool {
    var isReached = [Bool](repeating: false, count: value.node + 1)
    isReached[value.node] = true
    for index in stride(from: value.node, to: origin.node, by: -1) where isReached[index] {
      for input in nodes[index].inputs.compactMap({ $0 }) {
        if input == origin { return true }
        isReached[input.node] = true
      }
    }
    return false
  }

  /// The graph without a branch.
  fileprivate func removing(_ branch: ResidualBranch) throws -> Graph {
    var (graph, new) = (Graph(name: name), [Value: Value]())
    for (index, node) in nodes.enumerated() {
      let inputs = node.inputs.map { $0.map { new[$0]! } }
      let values = try graph.add(node.op, inputs, names: node.names, at: node.location)
      for (result, value) in values.enumerated() { new[Value(node: index, result: result)] = value }
      if index == branch.sum.node { new[branch.sum] = new[branch.trunk] }
    }
    graph.outputs = outputs.map { ($0.name, new[$0.value]!) }
    return try graph.withoutDeadNodes()
  }

  /// Throws unless all names are those of branches.
  fileprivate func checkBranchNames(_ names: [String]) throws {
    let known = residualBranches.map(\.name)
    guard let name = names.first(where: { !known.contains($0) }) else { return }
    throw PassRefusal(
      "prune-layers: there is no residual branch that '\(name)' adds; "
        + (known.isEmpty ? "there is none at all" : "there are \(known.joined(separator: ", "))"))
  }
}

extension OutputMeter.Measurement {
  /// The largest error of an output.
  fileprivate var largestError: Double { errors.map(\.error).max() ?? 0 }
}
