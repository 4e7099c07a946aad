import ArgumentParser
import IR

/// `nnc import`: a model becomes a model spec.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Writes a model as a JSON model spec, with its weights beside it.",
    discussion: """
      Weights go to a .safetensors file of the same name. Dynamic dimensions get the extents that --dim gives them.

      Example:
        nnc import model.onnx -o model.json --dim batch=1
      """)

  @OptionGroup var model: ModelArguments
  @Option(
    name: [.customShort("o"), .long], help: ArgumentHelp("The model spec to write.", valueName: "FILE.json"),
    completion: .file(extensions: ["json"]))
  var output: String

  func validate() throws {
    guard output.hasSuffix(".json"), fileName(output) != ".json" else {
      throw ValidationError("-o \(output): the name of the file to write should end in .json, as in model.json")
    }
  }

  func run() throws {
    try model.load().writeSpec(to: output)
    Terminal.note("wrote \(output)")
  }
}
