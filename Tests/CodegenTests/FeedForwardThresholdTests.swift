import IR
import Passes
import Testing

/// The pass ffn-threshold, and what options of the passes on feed-forward blocks and branches may be.
@Suite struct FeedForwardThresholdTests {
  /// Two blocks, of which the first has few neurons that are not 0.
  private static let network = """
    graph network {
      %x = Input : f32[3x8]
      %w1 = Constant random(1) : f32[8x64]
      %b1 = Constant [-1.5] : f32[1]
      %u = MatMul(%x, %w1)
      %a = Add(%u, %b1)
      %h = Relu(%a)
      %w2 = Constant random(2) : f32[64x32]
      %first = MatMul(%h, %w2)
      %w3 = Constant random(3) : f32[32x64]
      %v = MatMul(%first, %w3)
      %i = Swish(%v)
      %w4 = Constant random(4) : f32[64x32]
      %second = MatMul(%i, %w4)
      return %second
    }
    """

  private static let samples = (0..<32).map { seed in
    ["x": Tensor(random: TensorType(.f32, [3, 8]), seed: UInt64(seed) + 1)]
  }

  private func changed(_ options: String) throws -> (before: Graph, after: Graph, notes: [String]) {
    var notes: [String] = []
    let graph = try Graph(parsing: Self.network, file: "network.nnc")
    let context = PassContext(calibration: Calibration(samples: Self.samples))
    let after = try Pipeline(names: "ffn-threshold{\(options)}").run(
      graph, context: context, didRun: { notes = $0.notes })
    return (graph, after, notes)
  }

  /// The layers that skip, and whether they have thresholds.
  private func skipping(_ graph: Graph) -> [String: Bool] {
    let nodes = graph.nodes.filter { $0.op is SkippingDense }
    return Dictionary(uniqueKeysWithValues: nodes.map { ($0.names[0]!, $0.inputs.count == 4) })
  }

  /// The norm of the difference of outputs relative to that of the outputs.
  private func error(_ before: Graph, _ after: Graph) throws -> Double {
    var (difference, square) = (0.0, 0.0)
    for sample in Self.samples {
      for (a, b) in zip(try before.evaluate(sample)[0].reals, try after.evaluate(sample)[0].reals) {
        difference += (a - b) * (a - b)
        square += a * a
      }
    }
    return (difference / square).squareRoot()
  }

  @Test func zerosAreSkippedExactly() throws {
    let (before, after, notes) = try changed("")
    #expect(skipping(after) == ["first": false], "\(notes)")
    #expect(notes.contains { $0.hasPrefix("second: ") && $0.hasSuffix("; left as it is") }, "\(notes)")
    #expect(try error(before, after) < 1e-6)
  }

  @Test func aBudgetSkipsMoreAndIsKept() throws {
    let exact = try changed("layers: [first]")
    let (before, after, notes) = try changed("layers: [first], error: 0.2")
    #expect(skipping(after) == ["first": true], "\(notes)")
    func share(_ notes: [String]) throws -> Double {
      try #require(Double(notes[0].dropFirst("first: ".count).prefix { $0 != " " }))
    }
    #expect(try share(notes) > share(exact.notes), "\(notes) \(exact.notes)")
    let measured = try #require(Double(notes[0].split(separator: "error ")[1].prefix { $0 != ":" }))
    #expect(measured > 0.05 && measured <= 0.2, "\(notes)")
    // What is noted of the output is what the interpreter finds.
    let noted = try #require(Double(notes.last!.split(separator: "error ")[1].prefix { $0 != " " }))
    #expect(try abs(error(before, after) - noted) < 0.001, "\(notes)")
  }

  @Test func optionsNameBlocks() throws {
    #expect(try skipping(changed("skip: [first]").after).isEmpty)
    #expect(try changed("skip: [first]").notes.allSatisfy { !$0.hasPrefix("first") })
    let failure = #expect(throws: Pipeline.Failure.self) { try changed("layers: [nothing]") }
    let message = failure?.faultOfTheModel?.message
    #expect(message?.contains("ends with 'nothing'; there are first, second") == true, "\(message ?? "nothing")")
  }

  @Test(arguments: [
    ("ffn-threshold{error: -1}", "option 'error' should be 0 or more"),
    ("moefy{active: 0}", "option 'active' should be above 0 and at most 1"),
    ("moefy{experts: -1}", "option 'experts' should be 0 or more"),
    ("moefy{shared: -1}", "option 'shared' should be 0 or more"),
    ("moefy{error: 0}", "option 'error' should be greater than 0"),
    ("prune-layers{count: 0}", "option 'count' should be 1 or more"),
    ("prune-layers{error: 0}", "option 'error' should be greater than 0"),
    ("prune-layers{count: 1, error: 0.1}", "options 'count' and 'error' exclude each other"),
  ])
  func optionsAreChecked(pass: String, message: String) {
    let error = #expect(throws: Diagnostic.self) { try Pipeline(names: pass) }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "nothing")")
  }
}
