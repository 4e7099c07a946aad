import IR
import Passes
import Testing

/// The pass binarize on small layers: how its choices follow from its options and its data.
@Suite struct BinarizeTests {
  /// A convolution with an activation, then a matrix product.
  private func network() throws -> Graph {
    try Graph(
      parsing: """
        graph network {
          %x = Input : f32[1x3x6x6]
          %w = Constant random(1) : f32[4x3x3x3]
          %b = Constant random(2) : f32[4]
          %conv = Conv(%x, %w, %b) {pads: [1, 1, 1, 1]}
          %r = Relu(%conv)
          %f = Flatten(%r)
          %m = Constant random(3) : f32[144x5]
          %dense = MatMul(%f, %m)
          return %dense
        }
        """, file: "network.nnc")
  }

  private func calibration(count: Int = 24, labels: [Int]? = nil) -> Calibration {
    Calibration(
      samples: (0..<count).map { ["x": Tensor(random: TensorType(.f32, [1, 3, 6, 6]), seed: UInt64($0) + 1)] },
      labels: labels)
  }

  private func binarized(_ options: String, _ calibration: Calibration? = nil) throws -> (graph: Graph, notes: [String])
  {
    var notes: [String] = []
    let graph = try Pipeline(names: "binarize{\(options)}").run(
      network(), context: PassContext(calibration: calibration), didRun: { notes = $0.notes })
    return (graph, notes)
  }

  /// The error that the pass notes for a layer.
  private func error(_ layer: String, _ notes: [String]) throws -> Double {
    let line = try #require(notes.first { $0.hasPrefix("\(layer): ") })
    let number = try #require(line.firstMatch(of: /error ([0-9.]+)/)?.1)
    return try #require(Double(number))
  }

  private func count<Op: Operation>(_: Op.Type, _ graph: Graph) -> Int { graph.nodes.count { $0.op is Op } }

  @Test func errorsFallWithBits() throws {
    for data in [nil, calibration()] {
      for method in data == nil ? ["residual"] : ["residual", "gpfq"] {
        let errors = try (1...4).map { try error("conv", binarized("method: \(method), bits: \($0)", data).notes) }
        for (more, fewer) in zip(errors.dropFirst(), errors) { #expect(more < fewer, "\(method): \(errors)") }
      }
    }
  }

  @Test func choicesByDataAreNoWorseThanSigns() throws {
    let options = "layers: [conv], method: "
    let sign = try error("conv", binarized(options + "sign", calibration()).notes)
    let plain = try error("conv", binarized(options + "sign, correct: false", calibration()).notes)
    #expect(sign <= plain)
    for bits in 1...4 {
      #expect(try error("conv", binarized(options + "gpfq, bits: \(bits)", calibration()).notes) <= sign)
    }
    let ternary = try error("conv", binarized(options + "ternary", calibration()).notes)
    #expect(try error("conv", binarized(options + "gpfq-ternary", calibration()).notes) <= ternary)
  }

  @Test func ternaryWeightsAreTwoPlanesWithOneFactor() throws {
    let graph = try binarized("method: ternary").graph
    for node in graph.nodes where node.op is ScaledBits {
      let scale = try #require(try graph.knownTensor(node.inputs[1]!))
      #expect(scale.shape[0] == 2)
      #expect(Array(scale.reals[..<scale.shape[1]]) == Array(scale.reals[scale.shape[1]...]))
    }
    #expect(count(ScaledBits.self, graph) == 2)
  }

  @Test func balancedWeightsHaveAsManySetBitsAsClearOnes() throws {
    let graph = try binarized("method: balanced").graph
    let node = try #require(graph.nodes.first { ($0.op as? ScaledBits)?.shape == [144] })
    let bits = try #require(try graph.knownTensor(node.inputs[0]!))
    for channel in 0..<5 { #expect(bits.codes[channel * 144..<(channel + 1) * 144].count { $0 == 1 } == 72) }
    #expect(node.inputs.count == 3, "there is an offset")
  }

  @Test func keepsWithinTheBudget() throws {
    let (graph, notes) = try binarized("error: 0.3", calibration())
    #expect(try error("conv", notes) <= 0.3)
    #expect(try error("dense", notes) <= 0.3)
    #expect(count(ScaledBits.self, graph) == 2)
    #expect(notes.contains { $0.contains("output 'dense' error") && $0.hasSuffix("on 24 samples") })
  }

  @Test func leavesALayerThatNoBitsServe() throws {
    let (graph, notes) = try binarized("error: 0.0001", calibration())
    #expect(count(ScaledBits.self, graph) == 0)
    #expect(notes.contains { $0.hasPrefix("conv: left as it is: error ") && $0.hasSuffix("where 0.0001 is allowed") })
  }

  @Test func leavesLayersThatAreNotNamed() throws {
    #expect(count(ScaledBits.self, try binarized("bits: 1, layers: [dense]").graph) == 1)
    #expect(count(ScaledBits.self, try binarized("bits: 1, skip: [dense, conv]").graph) == 0)
    let refusal = #expect(throws: Pipeline.Failure.self) { try binarized("layers: [other]") }
    #expect(
      refusal?.faultOfTheModel?.message
        == "binarize: there is no Conv, Gemm or MatMul called 'other'; there are conv, dense")
  }

  @Test func keepsTheAccuracy() throws {
    let model = try network()
    let labels = try calibration().samples.map { sample in
      let scores = try model.evaluate(sample)[0].reals
      return scores.firstIndex(of: scores.max()!)!
    }
    let (graph, notes) = try binarized("accuracy: 0", calibration(labels: labels))
    for (sample, label) in zip(calibration().samples, labels) {
      let scores = try graph.evaluate(sample)[0].reals
      #expect(scores.firstIndex(of: scores.max()!) == label)
    }
    #expect(notes.contains { $0.contains("accuracy 100 % -> 100 %") })
  }

  @Test func saysWhatDataItNeeds() throws {
    let method = #expect(throws: Pipeline.Failure.self) { try binarized("method: gpfq") }
    #expect(
      method?.faultOfTheModel?.message
        == "binarize: the method gpfq needs calibration data; pass --calibration FILE.npz, with an array for each input "
        + "whose first axis counts samples")
    let accuracy = #expect(throws: Pipeline.Failure.self) { try binarized("accuracy: 1", calibration()) }
    #expect(accuracy?.faultOfTheModel?.message.contains("an array 'labels'") == true)
    let labels = #expect(throws: Pipeline.Failure.self) { try binarized("bits: 1", calibration(labels: [1])) }
    #expect(labels?.faultOfTheModel?.message.contains("have 1 labels, but the output 'dense' has 24 rows") == true)
  }

  @Test(arguments: [
    ("binarize{bits: 7}", "option 'bits' should be auto or a number from 1 to 4; the options are method (auto), bits"),
    ("binarize{bit: 1}", "binarize has no option 'bit'; it has method, bits, error"),
    ("binarize{method: signs}", "option 'method' should be one of auto, sign, balanced, residual, ternary, gpfq"),
    ("binarize{error: -1}", "option 'error' should be greater than 0"),
    ("binarize{method: sign, bits: 2}", "option 'bits' is 2, but the method sign has 1"),
    ("binarize{bits 1}", "expected ':' but found '1'"),
    ("binarize{bits: 1", "should end in }"),
    ("fuse-pad{bits: 1}", "fuse-pad has no options"),
    ("binarise", "there is no pass 'binarise'"),
  ])
  func saysWhatIsWrongWithOptions(names: String, message: String) {
    let error = #expect(throws: Diagnostic.self) { try Pipeline(names: names) }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test func takesListsOfPassesWithOptions() throws {
    let passes = try Pipeline(names: "fuse-pad, binarize{bits: 2, layers: [a, b]} ,fold-constants").passes
    #expect(passes.map(\.name) == ["fuse-pad", "binarize", "fold-constants"])
    #expect(passes[1].options.first { $0.name == "layers" }?.value == "[a, b]")
  }

  @Test func bitsRemainBitsInC() throws {
    let lowered = try Pipeline.lower.run(binarized("bits: 1").graph)
    #expect(count(BitConv2D.self, lowered) == 1)
    #expect(count(BitDense.self, lowered) == 1)
    #expect(count(ScaledBits.self, lowered) == 0)
    #expect(lowered.nodes.allSatisfy { !($0.op is Transpose) || $0.inputs[0]?.node == 0 })
  }
}
