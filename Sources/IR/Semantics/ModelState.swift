/// A tensor that a model keeps from one run to the next: what an output is after a run, an input is in the next.
public struct ModelState: Hashable, Sendable {
  /// The name of the input.
  public let input: String
  /// The name of the output.
  public let output: String

  /// Creates a state from the names of an input and an output.
  public init(input: String, output: String) {
    self.input = input
    self.output = output
  }
}

extension Graph {
  /// Throws unless each state is an input and an output of one type, and no two have one in common.
  public func check(_ states: [ModelState]) throws(Diagnostic) {
    for (index, state) in states.enumerated() {
      guard let input = inputs.first(where: { $0.name == state.input }) else {
        throw Diagnostic("there is no input '\(state.input)'; the inputs are \(list(inputs.map(\.name)))")
      }
      guard let output = outputs.first(where: { $0.name == state.output }) else {
        throw Diagnostic("there is no output '\(state.output)'; the outputs are \(list(outputs.map(\.name)))")
      }
      let (before, after) = (type(of: input.value), type(of: output.value))
      try require(
        before == after,
        "input '\(state.input)' is \(before), but output '\(state.output)', which is to take its place, is \(after)")
      for other in states[..<index] where other.input == state.input || other.output == state.output {
        throw Diagnostic(
          "'\(state.input)=\(state.output)' and '\(other.input)=\(other.output)' have an input or output in common")
      }
    }
  }

  private func list(_ names: [String]) -> String { names.map { "'\($0)'" }.joined(separator: ", ") }
}
