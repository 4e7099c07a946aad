import IR
import Passes

/// The model of a command, ready for C.
struct LoweredModel {
  /// What the C computes: the model as the passes see it that the user asks for, with states where they are.
  let canonical: Graph
  /// The inputs and outputs that are kept from one run to the next.
  let states: [ModelState]
  /// What C is written of.
  let graph: Graph
  /// What passes say of their work.
  let notes: [PassRunner.Notes]

  /// Reads the model, and runs the passes.
  ///
  /// - Parameter dump: Where the graph after each pass goes, if anywhere.
  init(
    _ model: ModelArguments, _ passes: PassArguments, _ stream: StreamArguments, dump: PassDump? = nil
  ) throws {
    let graph = try model.load()
    let runner = PassRunner(dump: dump, context: try passes.calibration.context(for: graph, target: passes.target))
    (canonical, states) = try stream.apply(to: runner.run(.canonicalize, on: graph))
    self.graph = try runner.run(passes.pipelineAfterCanonicalize(), on: canonical)
    notes = runner.log.notes
  }
}
