import IR

/// Values of a graph on all samples, each computed from others that have been computed before. So a graph that grows is never
/// run from its beginning again.
struct SampleValues {
  private let samples: [[String: Tensor]]
  private let context: PassContext
  /// What is known of each sample.
  private var known: [[Value: Tensor]]

  /// How many bytes the values of all samples may take that are needed at a time: a few of the largest size.
  private static let maximumByteCount = 1 << 28

  /// Nothing is known yet.
  ///
  /// - Parameter model: The model, whose largest value says how many of the samples can be kept.
  init(_ model: Graph, _ context: PassContext) {
    let all = context.calibration?.samples ?? []
    let largest = model.nodes.filter { !($0.op is Constant) }.flatMap(\.types).map(\.byteCount).max() ?? 1
    samples = Array(all.prefix(max(8, Self.maximumByteCount / max(1, largest))))
    self.context = context
    known = samples.map { _ in [:] }
  }

  /// Some values of a graph, which may have grown, for each sample.
  mutating func callAsFunction(_ wanted: [Value], of graph: Graph) throws -> [[Tensor]] {
    let missing = wanted.filter { known.first?[$0] == nil }
    if !missing.isEmpty && !samples.isEmpty { try compute(missing, of: graph) }
    return known.map { values in wanted.map { values[$0]! } }
  }

  /// Forgets a value that is not needed any more.
  mutating func forget(_ value: Value) { for index in known.indices { known[index][value] = nil } }

  private mutating func compute(_ missing: [Value], of graph: Graph) throws {
    var isNeeded = [Bool](repeating: false, count: graph.nodes.count)
    for value in missing { isNeeded[value.node] = true }
    var stage = Graph(name: graph.name)
    var (new, given) = ([Value: Value](), [(name: String, value: Value)]())
    for index in graph.nodes.indices.reversed() where isNeeded[index] {
      for operand in graph.nodes[index].operands {
        if known[0][operand] == nil {
          isNeeded[operand.node] = true
        } else if new[operand] == nil {
          given.append(("known\(given.count)", operand))
          new[operand] = try stage.add(Input(given.last!.name, graph.type(of: operand)), name: nil)
        }
      }
    }
    for (index, node) in graph.nodes.enumerated() where isNeeded[index] {
      let values = try stage.add(node.op, node.inputs.map { $0.map { new[$0]! } }, names: node.names)
      for (result, value) in values.enumerated() where new[Value(node: index, result: result)] == nil {
        new[Value(node: index, result: result)] = value
      }
    }
    stage.outputs = missing.enumerated().map { ("wanted\($0)", new[$1]!) }
    let names = stage.inputs.map(\.name)
    let run = try context.prepare(stage)
    for index in samples.indices {
      var inputs = samples[index].filter { names.contains($0.key) }
      for (name, value) in given { inputs[name] = known[index][value] }
      for (value, tensor) in zip(missing, try run(inputs)) { known[index][value] = tensor }
    }
  }
}
