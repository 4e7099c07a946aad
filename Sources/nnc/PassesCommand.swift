import ArgumentParser
import Passes

/// `nnc passes`: what passes there are.
struct PassesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "passes",
    abstract: "Lists the passes, with what each keeps of the function that a model computes.",
    discussion: """
      A pass keeps the outputs exactly, bit for bit, or up to the rounding of floating-point numbers, or approximately. \
      Those with options take them in braces, as in "binarize{bits: 2, layers: [conv1, conv2]}".

      Example:
        nnc passes
      """)

  func run() throws {
    let rows = allPasses.map { [$0.name, $0.preserves.rawValue, $0.summary] }
    var text = alignedTable([["pass", "keeps the outputs", "what it does"]] + rows)
    for pass in allPasses where !pass.options.isEmpty {
      text += "\nOptions of \(pass.name)\n"
      text += alignedTable(
        [["  option", "default", "what it is"]]
          + pass.options.map { ["  \($0.name)", $0.value.isEmpty ? "none" : $0.value, $0.summary] })
    }
    text += "\nThe passes of a build:\n"
    text += "  \(Pipeline.canonicalize.passes.map(\.name).joined(separator: ", "))\n"
    text += "  those of --passes\n"
    text += "  \(Pipeline.lower.passes.map(\.name).joined(separator: ", "))\n"
    try Terminal.output(text)
  }
}
