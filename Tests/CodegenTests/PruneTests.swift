import IR
import Passes
import Testing

/// The pass prune on small layers: how its choices follow from its options and its data.
@Suite struct PruneTests {
  /// Two convolutions with an activation between them, then a matrix product.
  private static let network = """
    graph network {
      %x = Input : f32[1x4x6x6]
      %w = Constant random(1) : f32[8x4x3x3]
      %b = Constant random(2) : f32[8]
      %conv = Conv(%x, %w, %b) {pads: [1, 1, 1, 1]}
      %r = Relu(%conv)
      %v = Constant random(3) : f32[4x8x1x1]
      %point = Conv(%r, %v)
      %f = Flatten(%point)
      %m = Constant random(4) : f32[144x5]
      %dense = MatMul(%f, %m)
      return %dense
    }
    """

  private static let names = ["conv", "point", "dense"]

  /// Images whose channels and pixels are alike, as those of real data are.
  private static let calibration = Calibration(
    samples: (0..<48).map { seed in
      let noise = Tensor(random: TensorType(.f32, [4, 36]), seed: UInt64(seed) + 1).reals
      let shared = Tensor(random: TensorType(.f32, [36]), seed: UInt64(seed) + 1001).reals
      let reals = noise.indices.map { 0.3 * noise[$0] + shared[$0 % 36] + shared[($0 + 1) % 36] }
      return ["x": Tensor(TensorType(.f32, [1, 4, 6, 6]), reals: reals)]
    })

  private func pruned(_ options: String, withData: Bool = true) throws -> (graph: Graph, notes: [String]) {
    var notes: [String] = []
    let graph = try Pipeline(names: "prune{\(options)}").run(
      Graph(parsing: Self.network, file: "network.nnc"),
      context: PassContext(calibration: withData ? Self.calibration : nil), didRun: { notes = $0.notes })
    return (graph, notes)
  }

  /// The weights of a layer, channel by channel.
  private func weights(_ layer: String, _ graph: Graph) throws -> Tensor {
    let node = try #require(graph.nodes.first { $0.names[0] == layer })
    return try #require(try graph.knownTensor(node.inputs[1]!))
  }

  private func sparsity(_ layer: String, _ graph: Graph) throws -> Double {
    let reals = try weights(layer, graph).reals
    return Double(reals.count { $0 == 0 }) / Double(reals.count)
  }

  /// A number in the line about a layer, or about the output.
  private func number(after word: String, _ line: String, _ notes: [String]) throws -> Double {
    let text = try #require(notes.first { $0.hasPrefix(line) })
    let rest = try #require(text.split(separator: "\(word) ", maxSplits: 1).dropFirst().first)
    return try #require(Double(rest.prefix { $0.isNumber || $0 == "." }))
  }

  @Test(arguments: ["magnitude", "wanda", "obs", "random"], [0.3, 0.6, 0.85])
  func asManyWeightsAreZeroAsAskedFor(method: String, share: Double) throws {
    let graph = try pruned("method: \(method), sparsity: \(share)").graph
    for name in Self.names { #expect(try abs(sparsity(name, graph) - share) < 0.02, "\(name)") }
  }

  @Test func compensationBeatsMagnitudeAndMagnitudeBeatsChance() throws {
    for share in [0.3, 0.5, 0.7] {
      let errors = try ["obs", "magnitude", "random"].map {
        try number(after: "error", "output", pruned("method: \($0), sparsity: \(share)").notes)
      }
      #expect(errors[0] < errors[1] && errors[1] < errors[2], "\(share): \(errors)")
    }
  }

  @Test func removalOneByOneFindsTheBestPair() throws {
    // Two of four weights of one channel: all pairs are tried, with the others fitted to the data.
    let text = """
      graph pair {
        %x = Input : f32[16x4]
        %m = Constant [1, -0.8, 0.6, 0.9] : f32[4x1]
        %y = MatMul(%x, %m)
        return %y
      }
      """
    let model = try Graph(parsing: text, file: "pair.nnc")
    let noise = Tensor(random: TensorType(.f32, [16, 4]), seed: 5).reals
    let x = noise.indices.map { $0 % 4 == 1 ? noise[$0 - 1] * 0.95 + 0.2 * noise[$0] : noise[$0] }
    let samples = [["x": Tensor(TensorType(.f32, [16, 4]), reals: x)]]
    var errors: [Double] = []
    func error(_ options: String) throws -> Double {
      var notes: [String] = []
      _ = try Pipeline(names: "prune{\(options)}").run(
        model, context: PassContext(calibration: Calibration(samples: samples)), didRun: { notes = $0.notes })
      return try number(after: "error", "y: 50", notes)
    }
    errors = try ["obs", "magnitude"].map { try error("method: \($0), sparsity: 0.5") }
    #expect(errors[0] < 0.8 * errors[1], "\(errors)")
  }

  @Test func twoOfFourNeighboursStay() throws {
    for method in ["magnitude", "wanda", "obs"] {
      let graph = try pruned("method: \(method), pattern: \"2:4\"").graph
      let conv = try weights("conv", graph).reals
      for row in 0..<8 {
        for tap in 0..<9 { #expect((0..<4).count { conv[(row * 4 + $0) * 9 + tap] == 0 } == 2) }
      }
      let dense = try weights("dense", graph).reals
      for column in 0..<5 {
        for group in 0..<36 { #expect((0..<4).count { dense[(4 * group + $0) * 5 + column] == 0 } == 2) }
      }
    }
  }

  @Test(arguments: ["uniform", "erk", "global", "rate-distortion"])
  func allocationsReachTheShare(allocation: String) throws {
    let (graph, notes) = try pruned("sparsity: 0.6, allocation: \(allocation)")
    let counts = try Self.names.map { try weights($0, graph).reals }
    let share = Double(counts.joined().count { $0 == 0 }) / Double(counts.joined().count)
    #expect(abs(share - 0.6) < 0.02, "\(share) \(notes)")
  }

  @Test func measuredDistortionDividesZerosBest() throws {
    func error(_ allocation: String) throws -> Double {
      try number(after: "error", "output", pruned("method: magnitude, sparsity: 0.5, allocation: \(allocation)").notes)
    }
    #expect(try error("rate-distortion") < error("uniform"))
  }

  @Test func layersKeepWithinTheBudget() throws {
    for budget in [0.02, 0.2] {
      let (graph, notes) = try pruned("error: \(budget)")
      for line in notes where line.contains(", at random ") {
        #expect(try number(after: "error", line, notes) <= budget, "\(line)")
      }
      let zeros = try Self.names.map { try sparsity($0, graph) }
      #expect(budget < 0.1 || zeros.contains { $0 > 0 }, "\(zeros)")
    }
    let notes = try pruned("sparsity: 0.9, error: 0.0001").notes
    #expect(
      notes.contains {
        $0.hasPrefix("conv: left as it is: 89.931 % zero, error ") && $0.hasSuffix("where 0.0001 is allowed")
      })
  }

  @Test func onlyNamedLayersChange() throws {
    let graph = try pruned("sparsity: 0.5, layers: [conv, dense], skip: [dense]").graph
    #expect(try Self.names.map { try sparsity($0, graph) > 0.4 } == [true, false, false])
  }

  @Test(arguments: [
    ("sparsity: 1.5", "option 'sparsity' should be between 0 and 1, as in 0.5"),
    ("pattern: \"2:4\", sparsity: 0.7", "the pattern 2:4 makes half of the weights zero"),
    ("allocation: erk", "option 'allocation' divides a share of zeros, so it needs option 'sparsity'"),
    ("error: 0", "option 'error' should be greater than 0"),
  ])
  func optionsAreChecked(options: String, message: String) {
    let error = #expect(throws: Diagnostic.self) { try Pipeline(names: "prune{\(options)}") }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "nothing")")
  }

  @Test(arguments: [
    "method: obs, sparsity: 0.5", "method: wanda, sparsity: 0.5", "sparsity: 0.5, allocation: rate-distortion",
  ])
  func dataAreAskedFor(options: String) {
    let failure = #expect(throws: Pipeline.Failure.self) { try pruned(options, withData: false) }
    #expect(failure?.faultOfTheModel?.message.contains("needs calibration data; pass --calibration FILE.npz") == true)
  }

  @Test func unknownLayersAreNamed() {
    let failure = #expect(throws: Pipeline.Failure.self) { try pruned("layers: [nothing]") }
    #expect(failure?.faultOfTheModel?.message.contains("there are conv, point, dense") == true)
  }
}
