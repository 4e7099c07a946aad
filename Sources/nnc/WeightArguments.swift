import ArgumentParser
import CodegenC
import Host
import IR

/// Where the C that a command compiles and runs has the weights.
struct WeightArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where the C that is run has the weights, as for build; by default what compiles fastest.",
      valueName: "array|string|incbin|embed|external"))
  var weights: WeightForm?

  /// The form for a graph that a compiler compiles.
  func form(for graph: Graph, _ compiler: CCompiler) throws -> WeightForm {
    try weights ?? compiler.fastestForm(forWeightsOf: graph)
  }
}

extension WeightForm: ExpressibleByArgument {}
