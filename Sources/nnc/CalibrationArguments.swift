import ArgumentParser
import Host
import IR
import Passes
import Targets

/// Samples of the data of a model, for passes that measure what they do.
struct CalibrationArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Samples for passes that approximate: an array for each input, whose first axis may count samples, and for accuracies an array 'labels' of classes.",
      valueName: "FILE.npz"), completion: .file(extensions: ["npz"]))
  var calibration: String?

  /// What passes may use besides the graph.
  func context(for graph: Graph, target: Target = .generic) throws -> PassContext {
    PassContext(
      target: target,
      calibration: try calibration.map { try Self.read($0, for: graph) },
      prepare: { graph in
        let lowered = try Pipeline.standard.run(graph)
        let model = try CompiledModel(lowered, compiler: .system())
        return { try model($0) }
      }, progress: { Terminal.progress($0) })
  }

  /// Reads the samples.
  private static func read(_ path: String, for graph: Graph) throws -> Calibration {
    let file = try ArrayFile(path, onlyName: graph.inputs.count == 1 ? graph.inputs[0].name : nil)
    var unused = Set(file.arrays.map(\.name))
    func take(_ names: [String]) -> Tensor? {
      guard let name = names.first(where: unused.contains) else { return nil }
      unused.remove(name)
      return file[name]
    }
    var samples: [[String: Tensor]] = []
    for (name, value) in graph.inputs {
      let type = graph.type(of: value)
      guard let tensor = take([name, "in_\(name)"]) else {
        throw Diagnostic(
          "\(path): there is no array '\(name)' for input '\(name)', which is \(type); "
            + "the arrays are \(file.arrays.map(\.name).joined(separator: ", "))")
      }
      let parts = try CheckData.parts(of: tensor, type, "\(path): input '\(name)'")
      if samples.isEmpty { samples = [[String: Tensor]](repeating: [:], count: parts.count) }
      try require(
        parts.count == samples.count,
        "\(path): input '\(name)' has \(parts.count) samples, but the inputs before it have \(samples.count)")
      for (index, part) in parts.enumerated() { samples[index][name] = part }
    }
    let labels = take(["labels", "label"])
    if let name = unused.sorted().first(where: { !$0.hasPrefix("out_") }) {
      throw Diagnostic(
        "\(path): there is no input '\(name)'; the inputs are \(graph.inputs.map(\.name).joined(separator: ", "))")
    }
    if let labels, labels.element.isFloat {
      throw Diagnostic("\(path): labels should be integers, the numbers of classes, but are \(labels.type)")
    }
    return Calibration(samples: samples, labels: labels?.ints)
  }
}
