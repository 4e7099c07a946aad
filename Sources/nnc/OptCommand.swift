import ArgumentParser
import IR
import Passes

/// `nnc opt`: the IR after some passes.
struct OptCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "opt",
    abstract: "Prints the IR of a model after some passes.",
    discussion: """
      Only the passes that are named run, in that order; without any, the IR is printed as it was read.

      Examples:
        nnc opt model.onnx --passes fold-constants,remove-identity
        nnc opt model.onnx --weights exact > model.nnc
        nnc opt model.onnx --passes "fold-constants,binarize{bits: 1}"
      """)

  /// How large constants are printed.
  enum Weights: String, CaseIterable, ExpressibleByArgument {
    /// As a number that differs where the bytes do.
    case digest
    /// As their bytes, so that the text can be read back.
    case exact
  }

  @OptionGroup var model: ModelArguments
  @Option(help: ArgumentHelp("The passes to run; `nnc passes` lists them.", valueName: "a,b")) var passes = ""
  @OptionGroup var calibration: CalibrationArguments
  @Option(help: "How large constants are printed; exact ones can be read back.") var weights = Weights.digest

  func validate() throws {
    do { _ = try Pipeline(names: passes) } catch let error as Diagnostic { throw ValidationError(error.message) }
  }

  func run() throws {
    let before = try model.load()
    let graph = try PassRunner(context: calibration.context(for: before)).run(Pipeline(names: passes), on: before)
    try Terminal.output(graph.text(constants: weights == .exact ? .exact : .digest))
  }
}
