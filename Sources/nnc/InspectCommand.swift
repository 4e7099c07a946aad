import ArgumentParser
import CodegenC
import IR
import Passes

/// `nnc inspect`: what a model is made of, and what it costs.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Shows what a model is made of, and what it costs.",
    discussion: """
      Inputs, outputs, operators, parameters and MACs are those of the model as it was read; memory is that of the C. \
      Operators for which there is no C are listed all at once.

      Examples:
        nnc inspect model.onnx --dim batch=1
        nnc inspect model.onnx --ffn --calibration samples.npz
      """)

  @OptionGroup var model: ModelArguments
  @Flag(help: "List the feed-forward blocks instead, and with --calibration what their neurons do.")
  var ffn = false
  @OptionGroup var calibration: CalibrationArguments

  func validate() throws {
    guard !ffn, calibration.calibration != nil else { return }
    throw ValidationError("--calibration is for --ffn")
  }

  func run() throws {
    let graph = try model.load()
    if ffn { return try Terminal.output(FeedForwardTable(graph, calibration).text) }
    let lowered = try PassRunner().run(Pipeline.standard, on: graph)
    var text = "model \(graph.name.quotedUnlessWord)\n"
    text += Self.tensors("inputs", graph.inputs.map { ($0.name, graph.type(of: $0.value)) })
    text += Self.tensors("outputs", graph.outputs.map { ($0.name, graph.type(of: $0.value)) })
    text += "\noperators\n" + Self.operators(graph) + "\n" + Self.totals(graph)
    let missing = Self.withoutC(lowered)
    if missing.isEmpty {
      // Of an operation that has C, some types of element may have none.
      do { text += try Self.memory(lowered) } catch let error as Diagnostic { text += "\n\(error.message)\n" }
    } else {
      text += "\nthere is no C yet for\n" + alignedTable(missing)
    }
    try Terminal.output(text)
  }

  private static func tensors(_ title: String, _ tensors: [(name: String, type: TensorType)]) -> String {
    "\n\(title)\n" + alignedTable(tensors.map { ["  " + $0.name, "\($0.type)", "\($0.type.byteCount) bytes"] })
  }

  /// Most frequent first.
  private static func operators(_ graph: Graph) -> String {
    let all = graph.withBodies.flatMap(\.operationCounts).filter { $0.name != Constant.name }
    let counts = Dictionary(all, uniquingKeysWith: +).map { (name: $0.key, count: $0.value) }
    let sorted = counts.sorted { ($1.count, $0.name) < ($0.count, $1.name) }
    return alignedTable(sorted.map { ["  \($0.name)", "\($0.count)"] }, numbers: [1])
  }

  private static func totals(_ graph: Graph) -> String {
    let types = graph.withBodies.flatMap { graph in
      zip(graph.nodes, graph.liveNodes).filter { $0.op is Constant && $1 }.map { $0.0.types[0] }
    }
    return alignedTable([
      ["parameters", "\(types.reduce(0) { $0 + $1.elementCount })"],
      ["weights", "\(types.reduce(0) { $0 + $1.byteCount }) bytes"],
      ["MACs", "\(graph.multiplyAccumulates)"],
    ])
  }

  /// Every node that C cannot be written for, with the reason where the operation is known.
  private static func withoutC(_ graph: Graph) -> [[String]] {
    let names = graph.displayNames
    return zip(graph.nodes.indices, graph.liveNodes).compactMap { index, isLive in
      let node = graph.nodes[index]
      guard isLive, !(node.op is Input), !(node.op is Constant), !hasC(named: node.op.opName) else { return nil }
      return ["  \(node.op.opName)", names[index][0], node.location.map { "\($0)" } ?? ""]
    }
  }

  /// The arena of the C, and a bar for each step.
  private static func memory(_ graph: Graph) throws -> String {
    let report = Report(try CModel(graph), of: graph)
    var text =
      "\nin C\n"
      + alignedTable(
        [
          ["  arena", "\(report.arenaBytes) bytes; no plan needs fewer than \(report.arenaLowerBound)"],
          ["  flash", "\(report.flashBytes) bytes of weights"],
        ] + (report.weights.place.map { [["  weights", $0]] } ?? []))
    let peak = report.steps.map(\.liveBytes).max() ?? 0
    guard peak > 0 else { return text }
    // Of many steps, each line shows those that take most.
    let perLine = (report.steps.count + maximumLineCount - 1) / maximumLineCount
    let rows = stride(from: 0, to: report.steps.count, by: perLine).map { first in
      let group = first..<min(first + perLine, report.steps.count)
      let top = group.max { report.steps[$0].liveBytes < report.steps[$1].liveBytes } ?? first
      let step = report.steps[top]
      let length = Int((Double(step.liveBytes) / Double(peak) * 40).rounded(.up))
      return ["  \(top + 1)", step.name, step.operation, "\(step.liveBytes)", String(repeating: "#", count: length)]
    }
    text += "\nlive bytes of the arena at each step\n"
    return text + alignedTable(rows, numbers: [0, 3])
  }

  private static let maximumLineCount = 48
}
