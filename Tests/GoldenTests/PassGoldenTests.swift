import Host
import IR
import Passes
import Testing

/// What passes make of graphs: the text, the values that the interpreter computes, and the values that the C computes.
@Suite struct PassGoldenTests {
  @Test(arguments: GoldenFile.all(in: "Passes"))
  func golden(_ file: GoldenFile) throws {
    let names = try #require(file.cases[0].input.split(separator: "\n").first?.wholeMatch(of: /# passes: (.*)/)?.1)
    let pipeline = try Pipeline(names: String(names))
    let isExact = pipeline.passes.allSatisfy { $0.preserves == .exactly }
    let isApproximate = pipeline.passes.contains { $0.preserves == .approximately }
    var batch = ModelBatch()
    var results: [String] = []
    var checks: [(place: Int, inputs: [String: Tensor], expected: [Tensor])] = []
    for golden in file.cases {
      let before = try file.graph(golden)
      let samples = try file.samples(golden, before)
      let after = try pipeline.run(before, context: PassContext(calibration: samples.map { Calibration(samples: $0) }))
      results.append(after.description)
      let inputs = try file.inputs(golden, before)
      let expected = try before.evaluate(inputs)
      if isApproximate {
        // Only that the C computes what the graph after the pass says.
        checks.append((try batch.add(after, name: "after"), inputs, try after.evaluate(inputs)))
        continue
      }
      for (a, b) in zip(try after.evaluate(inputs), expected) {
        #expect(isExact ? a == b : isClose(a, b), "\(before.name) after \(names): \(a.reals) is not \(b.reals)")
      }
      // Some passes make C possible that was not before.
      if let place = try? batch.add(before, name: "before") { checks.append((place, inputs, expected)) }
      checks.append((try batch.add(after, name: "after"), inputs, expected))
    }
    try file.check(results)
    let models = try batch.compiled()
    for check in checks {
      for (a, b) in zip(try models[check.place](check.inputs), check.expected) {
        #expect(isClose(a, b), "the C of case \(check.place / 2) of \(file.name): \(a.reals) is not \(b.reals)")
      }
    }
  }

  @Test(arguments: allPasses.map(\.name))
  func everyPassHasAGoldenFile(name: String) {
    #expect(GoldenFile.all(in: "Passes").contains { $0.name == name })
  }
}
