import IR
import Passes
import Testing

/// The pass prune-layers: which residual branches go, and in which order.
@Suite struct PruneLayersTests {
  /// Three branches that add a hundredth, a tenth and half of what they are added to.
  private static let network = """
    graph network {
      %x = Input : f32[1x8]
      %half = Constant [0.5] : f32[1]
      %tenth = Constant [0.1] : f32[1]
      %hundredth = Constant [0.01] : f32[1]
      %p = Mul(%x, %tenth)
      %first = Add(%x, %p)
      %q = Mul(%first, %half)
      %second = Add(%q, %first)
      %r = Mul(%second, %hundredth)
      %third = Add(%second, %r)
      return %third
    }
    """

  private func pruned(_ options: String, withData: Bool = true) throws -> (names: [String], notes: [String]) {
    var notes: [String] = []
    let samples = (0..<4).map { ["x": Tensor(random: TensorType(.f32, [1, 8]), seed: UInt64($0) + 1)] }
    let graph = try Pipeline(names: "prune-layers{\(options)}").run(
      Graph(parsing: Self.network, file: "network.nnc"),
      context: PassContext(calibration: withData ? Calibration(samples: samples) : nil), didRun: { notes = $0.notes })
    return (graph.nodes.filter { $0.op is Add }.compactMap { $0.names[0] }, notes)
  }

  @Test func theLeastGoesFirst() throws {
    let (names, notes) = try pruned("count: 3")
    #expect(names.isEmpty)
    #expect(notes.map { $0.prefix { $0 != ":" } } == ["third", "first", "second"], "\(notes)")
    #expect(notes[0].contains("output 'third' error 0.01 on 4 samples"), "\(notes)")
  }

  @Test(arguments: [
    ("error: 0.05", ["first", "second"]), ("error: 0.2", ["second"]), ("error: 0.005", ["first", "second", "third"]),
  ])
  func theBudgetIsKept(options: String, left: [String]) throws {
    let (names, notes) = try pruned(options)
    #expect(names == left, "\(notes)")
    #expect(notes.contains { $0.contains("stays: ") && $0.contains("is allowed") }, "\(notes)")
  }

  @Test func optionsNameBranches() throws {
    #expect(try pruned("count: 1, skip: [third]").names == ["second", "third"])
    #expect(try pruned("count: 1, layers: [second]").names == ["first", "third"])
    let failure = #expect(throws: Pipeline.Failure.self) { try pruned("count: 1, layers: [nothing]") }
    #expect(failure?.faultOfTheModel?.message.contains("there are first, second, third") == true)
  }

  @Test func dataAreAskedFor() {
    let failure = #expect(throws: Pipeline.Failure.self) { try pruned("count: 1", withData: false) }
    #expect(failure?.faultOfTheModel?.message.contains("prune-layers needs calibration data") == true)
  }
}
