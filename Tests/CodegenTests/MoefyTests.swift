import Foundation
import IR
import Passes
import Testing

/// The pass moefy on small feed-forward blocks.
@Suite struct MoefyTests {
  /// What `options` make of a graph, and what the pass notes.
  private func changed(_ text: String, _ options: String, _ samples: [[String: Tensor]]? = nil) throws -> (
    before: Graph, after: Graph, notes: [String]
  ) {
    var notes: [String] = []
    let graph = try Pipeline.canonicalize.run(Graph(parsing: text, file: "block.nnc"))
    let context = PassContext(calibration: samples.map { Calibration(samples: $0) })
    let after = try Pipeline(names: "moefy{\(options)}").run(graph, context: context, didRun: { notes = $0.notes })
    return (graph, after, notes)
  }

  private func hasExperts(_ graph: Graph) -> Bool { graph.nodes.contains { $0.op is MixtureOfExperts } }

  private func random(_ shape: Shape, _ seed: UInt64) -> Tensor { Tensor(random: TensorType(.f32, shape), seed: seed) }

  /// A block with an activation, written in `lines` that make `%h` of `%a`.
  private static func plain(_ lines: String) -> String {
    """
    graph block {
      %x = Input : f32[2x3x6]
      %w1 = Constant random(1) : f32[6x16]
      %b1 = Constant random(2) : f32[16]
      %u = MatMul(%x, %w1)
      %a = Add(%b1, %u)
      \(lines)
      %w2 = Constant random(3) : f32[16x5]
      %down = MatMul(%h, %w2)
      %b2 = Constant random(4) : f32[5]
      %y = Add(%down, %b2)
      return %y
    }
    """
  }

  private static let gated = """
    graph block {
      %x = Input : f32[4x6]
      %w1 = Constant random(1) : f32[16x6]
      %u = Gemm(%x, %w1) {transB: true}
      %a = Swish(%u)
      %w3 = Constant random(2) : f32[6x16]
      %b3 = Constant random(5) : f32[16]
      %g = Gemm(%x, %w3, %b3)
      %h = Mul(%g, %a)
      %w2 = Constant random(3) : f32[16x5]
      %y = MatMul(%h, %w2)
      return %y
    }
    """

  @Test(
    arguments: [
      plain("%h = Relu(%a)"), plain("%h = Gelu(%a)"), plain("%h = Swish(%a)"),
      plain("%h = LeakyRelu(%a) {alpha: 0.25}"),
      plain("%h = HardSwish(%a)"), plain("%h = Tanh(%a)"), plain("%h = Sigmoid(%a)"),
      plain("%s = Sigmoid(%a)\n  %h = Mul(%a, %s)"), gated,
    ], [1, 2, 4, 16])
  func allExpertsTogetherComputeTheBlock(text: String, experts: Int) throws {
    let (before, after, notes) = try changed(text, "experts: \(experts), active: 1")
    #expect(hasExperts(after), "\(notes)")
    let x = ["x": random(before.type(of: before.inputs[0].value).shape, 9)]
    let (a, b) = (try before.evaluate(x)[0].reals, try after.evaluate(x)[0].reals)
    #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(after.multiplyAccumulates == before.multiplyAccumulates)
  }

  /// Data of which a row has one of four parts only, and neurons that look at one part each.
  private static let planted: (text: String, samples: [[String: Tensor]]) = {
    var weights: [Double] = []
    for row in 0..<16 {
      for neuron in 0..<32 {
        let number = Double((row * 7 + neuron * 5) % 11)
        weights.append(row / 4 == neuron % 4 ? (number + 1) / 8 : 0)
      }
    }
    let text = """
      graph block {
        %x = Input : f32[8x16]
        %w1 = Constant \(weights) : f32[16x32]
        %u = MatMul(%x, %w1)
        %h = Relu(%u)
        %w2 = Constant random(3) : f32[32x5]
        %y = MatMul(%h, %w2)
        return %y
      }
      """
    let samples = (0..<24).map { seed -> [String: Tensor] in
      let noise = Tensor(random: TensorType(.f32, [8, 16]), seed: UInt64(seed) + 1).reals
      let reals = noise.enumerated().map { place, value -> Double in
        place % 16 / 4 == (place / 16 + seed) % 4 ? abs(value) : 0
      }
      return ["x": Tensor(TensorType(.f32, [8, 16]), reals: reals)]
    }
    return (text, samples)
  }()

  @Test(arguments: ["auto", "coactivation", "kmeans"], ["auto", "linear", "neurons", "similarity", "representative"])
  func expertsThatAreThereAreFound(partition: String, router: String) throws {
    let options = "experts: 4, active: 0.25, partition: \(partition), router: \(router)"
    let (before, after, notes) = try changed(Self.planted.text, options, Self.planted.samples)
    #expect(hasExperts(after), "\(notes)")
    #expect(notes[0].contains("100 % found") && notes[0].contains("at best 100 %"), "\(notes)")
    for sample in Self.planted.samples {
      let (a, b) = (try before.evaluate(sample)[0].reals, try after.evaluate(sample)[0].reals)
      #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-4 }, "\(notes)")
    }
    #expect(after.multiplyAccumulates < before.multiplyAccumulates)
  }

  @Test func neighboursAreWorseThanExpertsThatAreThere() throws {
    let options = "experts: 4, active: 0.25, router: neurons"
    let notes = try ["coactivation", "contiguous"].map {
      try changed(Self.planted.text, options + ", partition: \($0)", Self.planted.samples).notes[0]
    }
    let errors = try notes.map { try #require(Double($0.split(separator: "error ")[1].prefix { $0 != "," })) }
    #expect(errors[0] < 0.001 && errors[1] > 0.1, "\(notes)")
  }

  @Test func sharedExpertsServeAllRows() throws {
    let (_, after, notes) = try changed(
      Self.planted.text, "experts: 4, shared: 1, active: 0.5", Self.planted.samples)
    let op = try #require(after.nodes.lazy.compactMap { $0.op as? MixtureOfExperts }.first, "\(notes)")
    #expect(op.experts == 4 && op.shared == 1 && op.active == 1)
  }

  @Test(arguments: [(172, 4), (512, 16), (96, 3), (37, 1)])
  func expertsHaveAbout32Neurons(neurons: Int, experts: Int) throws {
    let text = """
      graph block {
        %x = Input : f32[1x4]
        %w1 = Constant random(1) : f32[4x\(neurons)]
        %u = MatMul(%x, %w1)
        %h = Relu(%u)
        %w2 = Constant random(2) : f32[\(neurons)x4]
        %y = MatMul(%h, %w2)
        return %y
      }
      """
    let (_, after, notes) = try changed(text, "active: 1")
    let op = try #require(after.nodes.lazy.compactMap { $0.op as? MixtureOfExperts }.first, "\(notes)")
    #expect(op.experts == experts)
  }

  @Test func sharedExpertsCountAsActive() throws {
    let (before, after, notes) = try changed(
      Self.planted.text, "experts: 4, shared: 2, active: 0.5", Self.planted.samples)
    #expect(after == before)
    #expect(notes[0].contains("leaves none to choose beside 2 shared ones"), "\(notes)")
  }

  @Test func onlyBlocksThatAreNamedChange() throws {
    let text = Self.plain("%h = Relu(%a)")
    #expect(try hasExperts(changed(text, "experts: 4, active: 1, layers: [down]").after))
    #expect(try !hasExperts(changed(text, "experts: 4, active: 1, skip: [down]").after))
  }

  @Test func aBlockBeyondTheBudgetStays() throws {
    // All rows use all neurons.
    let text = Self.plain("%h = Tanh(%a)")
    let samples = (0..<64).map { ["x": random([2, 3, 6], UInt64($0) + 1)] }
    let (before, after, notes) = try changed(text, "experts: 4, error: 0.001", samples)
    #expect(after == before)
    #expect(notes[0].contains("left as it is: 4 experts of 4 neurons"), "\(notes)")
  }

  @Test(arguments: [
    ("%h = Gelu(%a) {approximate: \"tanh\"}", "experts: 4, active: 1", "there is no kernel for experts with Gelu"),
    ("%h = Relu(%a)", "experts: 5, active: 1", "its 16 neurons cannot be divided into 5 experts"),
  ])
  func unsuitableBlocksStay(lines: String, options: String, reason: String) throws {
    let (before, after, notes) = try changed(Self.plain(lines), options)
    #expect(after == before)
    #expect(notes.contains { $0.contains(reason) }, "\(notes)")
  }

  @Test func aValueThatIsUsedElsewhereIsNoBlock() throws {
    let text = Self.plain("%h = Relu(%a)").replacingOccurrences(of: "return %y", with: "return %y, %h")
    let (before, after, _) = try changed(text, "experts: 4, active: 1")
    #expect(after == before)
  }

  @Test func productsWithoutAnActivationAreNoBlock() throws {
    let (before, after, _) = try changed(Self.plain("%h = Neg(%a)"), "experts: 4, active: 1")
    #expect(after == before)
    let text = Self.plain("").replacingOccurrences(of: "%h", with: "%a")
    let linear = try changed(text, "experts: 4, active: 1")
    #expect(linear.after == linear.before)
  }

  @Test(arguments: [
    ("experts: 4", "moefy without active: 1 needs calibration data; pass --calibration"),
    ("experts: 4, active: 1, skip: [\"up\"]", "there is no feed-forward block that ends with 'up'; there are down"),
  ])
  func refusals(options: String, message: String) throws {
    let failure = #expect(throws: Pipeline.Failure.self) { try changed(Self.plain("%h = Relu(%a)"), options) }
    #expect(failure?.faultOfTheModel?.message.contains(message) ?? false, "\(String(describing: failure))")
  }
}
