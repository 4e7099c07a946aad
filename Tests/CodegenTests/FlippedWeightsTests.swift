import IR
import Passes
import Testing

/// Weights of binary layers that mst-reorder inverts so that trees are shorter.
@Suite struct FlippedWeightsTests {
  private let weights = SimilarWeights(name: "similar or opposite", inputs: 24, outputs: 12, extents: [12, 11]) {
    channel, input, random in ((input * 7 % 5 < 2) != (random % 12 == 0)) != (channel % 3 == 0)
  }

  private func calibration(count: Int, type: TensorType) -> Calibration {
    Calibration(samples: (0..<count).map { ["x": Tensor(random: type, seed: UInt64($0) + 10)] })
  }

  private func reordered(_ graph: Graph, _ options: String) throws -> (graph: Graph, notes: [String]) {
    var notes: [String] = []
    let data = calibration(count: 12, type: graph.type(of: graph.inputs[0].value))
    let result = try Pipeline(names: "mst-reorder{growth: 99, steiner: false, \(options)}").run(
      graph, context: PassContext(calibration: data), didRun: { notes = $0.notes })
    return (result, notes)
  }

  @Test func treesGetShorterWithTheBudget() throws {
    let graph = try weights.graph()
    let counts = try ["flip: 0.1", "flip: 0.2", "flip: 0.4"].map {
      try reordered(graph, $0).graph.channelTrees[0].changeCount
    }
    for (more, fewer) in zip([weights.leastChangeCount] + counts, counts) { #expect(more > fewer, "\(counts)") }
  }

  @Test func changedResultsAreWithinTheBudgetOnOtherDataToo() throws {
    let graph = try weights.graph()
    let changed = try reordered(graph, "flip: 0.2").graph
    let inputs = ["x": Tensor(random: graph.type(of: graph.inputs[0].value), seed: 99)]
    let (old, new) = (try graph.evaluate(inputs)[0].codes, try changed.evaluate(inputs)[0].codes)
    var (differences, rarer) = (0, 0)
    for channel in 0..<weights.outputs {
      let places = stride(from: channel, to: old.count, by: weights.outputs)
      let setCount = places.count { old[$0] == 1 }
      differences += places.count { old[$0] != new[$0] }
      rarer += min(setCount, places.count { _ in true } - setCount)
    }
    #expect(differences > 0)
    #expect(Double(differences) <= 0.25 * Double(rarer), "\(differences) of \(rarer)")
  }

  @Test func measuresWhatItDoes() throws {
    let notes = try reordered(weights.graph(), "flip: 0.2").notes
    let line = /% of weights inverted; [0-9.]+ % of results differ, 0 % by layers before/
    #expect(notes.contains { $0.contains(line) }, "\(notes)")
    #expect(notes.contains { $0.contains(/^output 'bits' error 0\.[0-9]+ on 12 samples$/) }, "\(notes)")
  }

  @Test func layersWithoutAWindowInsideTheDataStay() throws {
    var small = weights
    (small.extents, small.pads) = ([2, 2], [1, 1, 1, 1])
    let (graph, notes) = try reordered(small.graph(), "flip: 0.5")
    #expect(notes.contains { $0.hasSuffix("weights stay: no window lies inside the data") }, "\(notes)")
    let inputs = ["x": Tensor(random: graph.type(of: graph.inputs[0].value), seed: 99)]
    #expect(try graph.evaluate(inputs) == small.graph().evaluate(inputs))
  }

  @Test func needsData() throws {
    let error = #expect(throws: Pipeline.Failure.self) {
      try Pipeline(names: "mst-reorder{flip: 0.1}").run(try weights.graph())
    }
    #expect(
      error?.faultOfTheModel?.message
        == "mst-reorder: the option flip needs calibration data; pass --calibration FILE.npz, with "
        + "an array for each input whose first axis counts samples")
  }

  @Test(arguments: ["-0.1", "0.6"])
  func theBudgetIsAShare(flip: String) {
    let error = #expect(throws: Diagnostic.self) { try Pipeline(names: "mst-reorder{flip: \(flip)}") }
    #expect(
      error?.message
        == "mst-reorder{flip: \(flip)}: flip is \(flip), but should be 0 to 0.5; the options are growth, steiner (true), flip"
    )
  }

  @Test func isApproximateOnlyWithABudget() throws {
    #expect(try Pipeline(names: "mst-reorder{growth: 1}").passes[0].preserves == .exactly)
    #expect(try Pipeline(names: "mst-reorder{flip: 0}").passes[0].preserves == .approximately)
  }
}
