import ArgumentParser
import IR
import Passes

/// `nnc check`: proves that the C computes what the model says.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Proves the C of a model, layer by layer, against the definitions of its operations.",
    discussion: """
      Compares each layer of the C with the interpreter on what the C computed before that layer, then the outputs of the C with those of the \
      model as it was read, and with recorded outputs where the data have them. Inputs are random unless --data gives \
      them: a .npz file with arrays called as the inputs and outputs (or in_NAME and out_NAME, or in_0, out_0), in which the first axis \
      may hold many samples; a folder with the files input_0.pb, output_0.pb of ONNX; or a folder with such folders \
      test_data_set_0, test_data_set_1 and so on. Floats may differ by the tolerance relative to the largest element of the tensor; everything else must be equal.

      Examples:
        nnc check model.onnx
        nnc check model.json --data test.npz
        nnc check model.onnx --data test_data_set_0 --tolerance 1e-5
      """)

  @OptionGroup var model: ModelArguments
  @OptionGroup var passes: PassArguments
  @OptionGroup var weights: WeightArguments
  @Option(
    help: ArgumentHelp("Inputs, and outputs to compare with: a .npz file or a folder.", valueName: "PATH"),
    completion: .file())
  var data: String?
  @Option(help: ArgumentHelp("The seed of random inputs.", valueName: "N")) var seed: UInt64 = 1
  @Option(
    help: ArgumentHelp(
      "By how much floats may differ; 1e-4 by default, 1e-9 for f64 and 1e-2 for half precision.", valueName: "X"))
  var tolerance: Double?

  func validate() throws {
    if let tolerance, !(tolerance >= 0 && tolerance.isFinite) {
      throw ValidationError("--tolerance should be a number, 0 or more")
    }
  }

  func run() throws {
    let graph = try model.load()
    let samples = try data.map { try CheckData.read($0, for: graph) } ?? CheckData.random(graph, seed: seed)
    let runner = PassRunner(context: try passes.calibration.context(for: graph, target: passes.target))
    let canonical = try runner.run(.canonicalize, on: graph)
    let approximated = try runner.run(passes.pipelineOfApproximations(), on: canonical)
    let lowered = try runner.run(passes.pipelineAfterApproximations(), on: approximated)
    // What an approximate pass changes is not the fault of the C.
    var comparison = try Comparison(
      approximated == canonical ? graph : approximated, lowered, weights, target: passes.target)
    for (index, sample) in samples.enumerated() {
      Terminal.progress("sample \(index + 1) of \(samples.count)")
      do { try comparison.add(sample) } catch let error as Diagnostic {
        let hint = data == nil ? "\n  the inputs were random; --data gives some that the model accepts" : ""
        throw Diagnostic(error.message + hint, at: error.location)
      }
    }
    try Terminal.output(comparison.table(allowing: allowed))
    if let fault = comparison.fault(allowing: allowed) { throw fault }
    let runs = samples.count == 1 ? "" : " on \(samples.count) samples"
    let changes = approximated == canonical ? "" : " after \(try passes.pipelineOfApproximations().passes.last!.name)"
    try Terminal.output("\nok: the C computes what the model says\(changes)\(runs)\n")
  }

  /// The tolerance for elements of a type.
  private func allowed(_ element: ElementType) -> Double {
    guard element.isFloat else { return 0 }
    return tolerance ?? (element == .f64 ? 1e-9 : element == .f32 ? 1e-4 : 1e-2)
  }
}
