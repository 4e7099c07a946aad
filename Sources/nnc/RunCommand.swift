import ArgumentParser
import Host
import IR
import Passes

/// `nnc run`: a model computes its outputs from files.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs a model on the arrays of a file.",
    discussion: """
      The names of the arrays in a .npz file are those of the inputs and outputs. A model with one input takes a .npy \
      file, too, and one with one output writes one.

      Examples:
        nnc run model.onnx --inputs in.npz --outputs out.npz
        nnc run model.onnx --inputs image.npy --outputs scores.npy --engine interpreter
      """)

  /// What computes.
  enum Engine: String, CaseIterable, ExpressibleByArgument {
    /// The generated C, compiled by the C compiler of this machine.
    case c
    /// The definitions of the operations: slow, and what the C is measured by.
    case interpreter
  }

  @OptionGroup var model: ModelArguments
  @OptionGroup var passes: PassArguments
  @OptionGroup var weights: WeightArguments
  @Option(
    help: ArgumentHelp("The arrays to read, .npz or .npy.", valueName: "FILE"),
    completion: .file(extensions: ["npz", "npy"]))
  var inputs: String?
  @Option(
    help: ArgumentHelp("The file to write, .npz or .npy.", valueName: "FILE"),
    completion: .file(extensions: ["npz", "npy"]))
  var outputs: String
  @Option(help: "What computes: the generated C, or the definitions of the operations.") var engine = Engine.c

  func validate() throws {
    for path in [inputs, outputs].compactMap({ $0 }) where !path.hasSuffix(".npz") && !path.hasSuffix(".npy") {
      throw ValidationError("\(path): the name should end in .npz or .npy")
    }
  }

  func run() throws {
    let graph = try model.load()
    if outputs.hasSuffix(".npy"), graph.outputs.count != 1 {
      throw Diagnostic("the model has \(graph.outputs.count) outputs, so --outputs should be a .npz file")
    }
    let tensors = try readInputs(of: graph)
    try write(zip(graph.outputs, compute(graph, tensors)).map { ($0.name, $1) })
  }

  private func compute(_ graph: Graph, _ tensors: [String: Tensor]) throws -> [Tensor] {
    if engine == .interpreter && passes.passes.isEmpty { return try graph.evaluate(tensors) }
    let context = try passes.calibration.context(for: graph, target: passes.target)
    let lowered = try PassRunner(context: context).run(passes.pipeline(), on: graph)
    if engine == .interpreter { return try lowered.evaluate(tensors) }
    Terminal.progress("compiling C")
    return try CompiledModel(lowered, target: passes.target, compiler: .system(), weights: weights.weights)(tensors)
  }

  private func readInputs(of graph: Graph) throws -> [String: Tensor] {
    if let inputs { return try ArrayFile.readInputs(inputs, graph.inputTypes) }
    if graph.inputs.isEmpty { return [:] }
    throw Diagnostic(
      "--inputs is missing: the model needs data for \(graph.inputs.map(\.name).joined(separator: ", "))")
  }

  private func write(_ tensors: [(name: String, tensor: Tensor)]) throws {
    if outputs.hasSuffix(".npy") {
      try NpyFile.write(outputs, tensors[0].tensor)
    } else {
      try NpzArchive.write(outputs, tensors)
    }
  }
}
