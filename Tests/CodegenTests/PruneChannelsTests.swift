import IR
import Passes
import Targets
import Testing

/// The pass prune-channels on small networks: how its choices follow from its options and its data.
@Suite struct PruneChannelsTests {
  /// A residual block, then a layer behind a flattened pool.
  private static let network = """
    graph network {
      %x = Input : f32[1x4x4x4]
      %w1 = Constant random(1) : f32[16x4x1x1]
      %b1 = Constant random(2) : f32[16]
      %stem = Conv(%x, %w1, %b1)
      %r = Relu(%stem)
      %w2 = Constant random(3) : f32[12x16x3x3]
      %b2 = Constant random(4) : f32[12]
      %inner = Conv(%r, %w2, %b2) {strides: [2, 2], pads: [1, 1, 1, 1]}
      %q = Relu(%inner)
      %w3 = Constant random(5) : f32[16x12x1x1]
      %b3 = Constant random(6) : f32[16]
      %outer = Conv(%q, %w3, %b3)
      %p = MaxPool(%r) {kernel_shape: [2, 2], strides: [2, 2]}
      %s = Add(%outer, %p)
      %f = Flatten(%s)
      %w4 = Constant random(7) : f32[64x10]
      %hidden = MatMul(%f, %w4)
      %t = Relu(%hidden)
      %w5 = Constant random(8) : f32[5x10]
      %b5 = Constant random(9) : f32[5]
      %scores = Gemm(%t, %w5, %b5) {transB: true}
      return %scores
    }
    """

  /// Images whose channels and pixels are alike, as those of real data are; labels are what the network answers.
  private static let calibration: Calibration = {
    let samples = (0..<48).map { seed -> [String: Tensor] in
      let noise = Tensor(random: TensorType(.f32, [4, 16]), seed: UInt64(seed) + 1).reals
      let shared = Tensor(random: TensorType(.f32, [16]), seed: UInt64(seed) + 1001).reals
      let reals = noise.indices.map { 0.3 * noise[$0] + shared[$0 % 16] + shared[($0 + 1) % 16] }
      return ["x": Tensor(TensorType(.f32, [1, 4, 4, 4]), reals: reals)]
    }
    let graph = try? Graph(parsing: network, file: "network.nnc")
    let labels = samples.compactMap { sample -> Int? in
      let scores = try? graph?.evaluate(sample)[0].reals
      return scores.flatMap { scores in scores.firstIndex(of: scores.max()!) }
    }
    return Calibration(samples: samples, labels: labels)
  }()

  private func pruned(
    _ options: String, text: String = network, calibration: Calibration? = calibration, target: Target = .generic
  ) throws -> (before: Graph, after: Graph, notes: [String]) {
    var notes: [String] = []
    let graph = try Pipeline.canonicalize.run(Graph(parsing: text, file: "network.nnc"))
    let after = try Pipeline(names: "prune-channels{\(options)}").run(
      graph, context: PassContext(target: target, calibration: calibration), didRun: { notes = $0.notes })
    return (graph, after, notes)
  }

  /// The number behind a word in the first line with some words.
  private func number(after word: String, _ line: String, _ notes: [String]) throws -> Double {
    let text = try #require(notes.first { $0.hasPrefix(line) })
    let rest = try #require(text.split(separator: "\(word) ", maxSplits: 1).dropFirst().first)
    return try #require(Double(rest.prefix { $0.isNumber || $0 == "." }))
  }

  @Test(arguments: ["norm", "activation", "reconstruction", "random"], [0.25, 0.5])
  func asManyProductsGoAsAskedFor(score: String, share: Double) throws {
    let (before, after, notes) = try pruned("macs: \(share), round: 1, score: \(score)")
    let left = Double(after.multiplyAccumulates) / Double(before.multiplyAccumulates)
    #expect(left <= 1 - share && left > 0.7 - share, "\(notes)")
    #expect(notes.contains { $0.hasPrefix("\(before.multiplyAccumulates) -> \(after.multiplyAccumulates) products") })
  }

  @Test func groupsAreToldWithTheirChannels() throws {
    let notes = try pruned("channels: 0.5, round: 2").notes
    #expect(notes.contains("stem, outer: 16 -> 8 channels"), "\(notes)")
    #expect(notes.contains("inner: 12 -> 6 channels"), "\(notes)")
    #expect(notes.contains { $0.hasPrefix("hidden: 10 -> ") }, "\(notes)")
    #expect(notes.contains("scores: all channels stay: they are those of the output 'scores'"), "\(notes)")
  }

  @Test(arguments: [1, 2, 4, 8, 16]) func groupsAreRounded(round: Int) throws {
    let (_, after, notes) = try pruned("channels: 0.4, round: \(round), score: norm", calibration: nil)
    for name in ["stem", "inner"] {
      let node = try #require(after.nodes.first { $0.names[0] == name })
      #expect(node.types[0].shape[1] % round == 0 || round == 16, "\(notes)")
    }
    #expect(notes.contains("hidden: 10 channels stay: there are no fewer in multiples of 16") == (round == 16))
  }

  @Test func kernelsOfTheTargetAreFilled() throws {
    let found = try Target.all.map { target in
      (target.panelWidth, try pruned("channels: 0.4, score: norm", calibration: nil, target: target).notes)
    }
    #expect(Set(found.map(\.0)) == [8, 16])
    for (width, notes) in found {
      let stays = notes.contains("stem, outer: 16 channels stay: there are no fewer in multiples of \(width)")
      #expect(stays == (width == 16) && notes.contains("stem, outer: 16 -> 8 channels") == (width == 8), "\(notes)")
    }
  }

  @Test func dataBeatWeightsAndWeightsBeatChance() throws {
    func error(_ score: String, _ reconstruct: Bool) throws -> Double {
      let options = "channels: 0.4, round: 1, score: \(score), reconstruct: \(reconstruct)"
      return try number(after: "error", "output", pruned(options).notes)
    }
    let fitted = try error("reconstruction", true)
    #expect(try fitted < error("reconstruction", false))
    #expect(try fitted < error("norm", true))
    #expect(try error("norm", true) < error("norm", false))
    #expect(try error("activation", false) < error("random", false))
    let notes = try pruned("channels: 0.4, round: 1").notes
    #expect(try number(after: "error", "output", notes) < number(after: "error", "as many channels at random", notes))
  }

  /// Of two branches one counts a hundredth of the other: what is measured says so, the norms of weights do not.
  @Test func groupsThatMatterLittleLoseMost() throws {
    let text = """
      graph branches {
        %x = Input : f32[1x4x4x4]
        %w1 = Constant random(1) : f32[10x4x1x1]
        %little = Conv(%x, %w1)
        %r1 = Relu(%little)
        %v1 = Constant random(2) : f32[6x10x1x1]
        %d1 = Conv(%r1, %v1)
        %k = Constant [0.01] : f32[1]
        %m = Mul(%d1, %k)
        %w2 = Constant random(3) : f32[10x4x1x1]
        %much = Conv(%x, %w2)
        %r2 = Relu(%much)
        %v2 = Constant random(4) : f32[6x10x1x1]
        %d2 = Conv(%r2, %v2)
        %y = Add(%m, %d2)
        return %y
      }
      """
    func left(_ allocation: String, _ options: String = "macs: 0.3, round: 1") throws -> [Int] {
      let (_, graph, _) = try pruned(
        "\(options), allocation: \(allocation)", text: text,
        calibration: Calibration(samples: Self.calibration.samples))
      return ["little", "much"].map { name in graph.nodes.first { $0.names[0] == name }!.types[0].shape[1] }
    }
    let (measured, uniform) = (try left("measured"), try left("uniform"))
    #expect(uniform[0] == uniform[1])
    #expect(measured[0] < 6 && measured[1] > 8, "\(measured)")
    // Where both could lose half of their channels at the same share, one is enough.
    let coarse = try left("uniform", "macs: 0.2, round: 5")
    #expect(coarse.reduce(0, +) == 15, "\(coarse)")
  }

  /// Half of the channels are copies of others, which data show and norms do not.
  @Test func copiesGoForNothing() throws {
    let text = """
      graph copies {
        %x = Input : f32[1x4x4x4]
        %w = Constant random(1) : f32[6x4x3x3]
        %c = Conv(%x, %w)
        %j = Concat(%c, %c) {axis: 1}
        %r = Relu(%j)
        %v = Constant random(2) : f32[12x12x1x1]
        %d = Conv(%r, %v)
        %one = Constant random(3) : f32[3x12x1x1]
        %y = Conv(%d, %one)
        return %y
      }
      """
    // The 12 channels of the second layer have rank 6, of which the third layer takes 3 sums.
    let (before, after, notes) = try pruned(
      "channels: 0.5, round: 1, layers: [d]", text: text, calibration: Calibration(samples: Self.calibration.samples))
    #expect(after.multiplyAccumulates < before.multiplyAccumulates)
    #expect(try number(after: "error", "output", notes) < 0.05, "\(notes)")
  }

  @Test(arguments: ["error: 0.3, round: 1", "accuracy: 10, round: 1", "error: 0.3, allocation: uniform, round: 1"])
  func theBudgetIsUsedAndKept(options: String) throws {
    let (before, after, notes) = try pruned(options)
    #expect(after.multiplyAccumulates < before.multiplyAccumulates, "\(notes)")
    if options.contains("error") { #expect(try number(after: "error", "output", notes) <= 0.3) }
    if options.contains("accuracy") { #expect(try number(after: "% ->", "output", notes) >= 90) }
  }

  @Test func whatExceedsTheBudgetStays() throws {
    let (before, after, notes) = try pruned("macs: 0.6, error: 0.0001, round: 1")
    #expect(after == before)
    #expect(notes.contains { $0.hasPrefix("left as it is: ") && $0.hasSuffix("where an error of 0.0001 is allowed") })
  }

  @Test func namedLayersOnly() throws {
    #expect(try pruned("channels: 0.5, round: 1, layers: [inner]").notes.contains("inner: 12 -> 6 channels"))
    let notes = try pruned("channels: 0.5, round: 1, skip: [outer]").notes
    #expect(notes.contains("stem, outer: 16 channels stay: the options say so"), "\(notes)")
    #expect(notes.contains("inner: 12 -> 6 channels"), "\(notes)")
  }

  @Test func withoutDataNothingIsMeasured() throws {
    let (before, after, notes) = try pruned("macs: 0.3, round: 1", calibration: nil)
    #expect(after.multiplyAccumulates < before.multiplyAccumulates)
    #expect(notes.contains("nothing was measured, for there are no calibration data"), "\(notes)")
  }

  @Test(arguments: [
    "round: 1", "macs: 0.2, error: 0.1", "macs: 0.2, score: reconstruction", "macs: 0.2, score: activation",
    "macs: 0.2, allocation: measured", "accuracy: 1",
  ])
  func dataAreAskedFor(options: String) {
    let failure = #expect(throws: Pipeline.Failure.self) { try pruned(options, calibration: nil) }
    let message = failure?.faultOfTheModel?.message ?? "nothing"
    #expect(message.contains("calibration data; pass --calibration FILE.npz"), "\(message)")
  }

  @Test func unknownLayersAreNamed() {
    let failure = #expect(throws: Pipeline.Failure.self) { try pruned("macs: 0.2, skip: [nothing]") }
    let message = failure?.faultOfTheModel?.message ?? "nothing"
    #expect(message.contains("called 'nothing'; there are stem, inner, outer, hidden, scores"), "\(message)")
  }

  @Test(arguments: [
    ("macs: 1", "option 'macs' should be between 0 and 1, as in 0.25"),
    ("channels: -0.5", "option 'channels' should be between 0 and 1, as in 0.25"),
    ("macs: 0.2, channels: 0.2", "options 'macs' and 'channels' exclude each other"),
    ("macs: 0.2, round: 0", "option 'round' should be 1 or more"),
    ("error: 0", "option 'error' should be greater than 0"),
    ("accuracy: 101", "option 'accuracy' should be 0 to 100 points"),
    ("channels: 0.2, allocation: measured", "it needs option 'macs', not 'channels'"),
  ])
  func optionsAreChecked(options: String, message: String) {
    let error = #expect(throws: Diagnostic.self) { try Pipeline(names: "prune-channels{\(options)}") }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "nothing")")
  }
}
