import CodegenC
import Host
import IR
import Passes
import Targets
import TestSupport
import Testing

/// Channels of binary layers that are computed one from another.
@Suite struct MSTTests {
  /// The C adds planes of 32 pixels, and of as many as this machine can.
  private static let options = [["-march=native"], ["-U__SSE2__", "-DNNC_LANE_BITS=32", "-O3"]]

  @Test(arguments: SimilarWeights.all)
  func resultsAreTheSame(weights: SimilarWeights) throws {
    let graph = try weights.graph()
    let inputs = ["x": Tensor(random: graph.type(of: graph.inputs[0].value), seed: 2)]
    let expected = try graph.evaluate(inputs)
    for options in ["growth: 99", "growth: 99, steiner: false", "growth: 0.6", "growth: 0.6, steiner: false"] {
      let changed = try Pipeline(names: "mst-reorder{\(options)}").run(graph)
      #expect(try changed.evaluate(inputs) == expected)
      for flags in Self.options {
        let model = try CModel(changed)
        let library = try CompiledLibrary(
          [model], compiler: .system(), options: ["-std=c99", "-O1"] + CompilerMatrix.warnings + flags)
        #expect(try CompiledModel(model, of: changed, in: library)(inputs) == expected, "\(options) \(flags)")
      }
    }
  }

  /// C for a microcontroller must not take more memory than it has for a few pixels at once.
  @Test(arguments: ["growth: 99", "growth: 0.6"])
  func memoryIsForThePixelsOfTheTarget(options: String) throws {
    let target = try #require(Target.all.first { $0.name == "cortex-m4" })
    let weights = try #require(SimilarWeights.all.first { $0.name == "similar or opposite" })
    let graph = try weights.graph()
    let inputs = ["x": Tensor(random: graph.type(of: graph.inputs[0].value), seed: 2)]
    let changed = try Pipeline(names: "mst-reorder{\(options)}").run(graph, context: PassContext(target: target))
    let model = try CModel(changed, options: .init(target: target))
    #expect(changed.nodes.contains { $0.op is PlaneConv2D && $0.inputs.count == 5 })
    #expect(model.source.contains("\n#define NNC_MOST_LANE_BITS 32\n"))
    let library = try CompiledLibrary(
      [model], compiler: .system(), options: ["-std=c99", "-O1"] + CompilerMatrix.warnings)
    #expect(try CompiledModel(model, of: changed, in: library)(inputs) == graph.evaluate(inputs))
  }

  @Test(arguments: SimilarWeights.all)
  func treesAreMinimal(weights: SimilarWeights) throws {
    let tree = try #require(try tree(weights, "growth: 99, steiner: false"))
    #expect(tree.changeCount == weights.leastChangeCount)
    let shorter = try #require(try self.tree(weights, "growth: 99"))
    #expect(shorter.changeCount <= tree.changeCount)
    #expect(try ChannelTree(shorter.tensor, channels: weights.outputs) == shorter)
  }

  @Test func layersOfVeryManyChannelsAreLeftAlone() throws {
    let weights = SimilarWeights(name: "many", inputs: 2, outputs: 4097, kernel: [1, 1]) { _, _, random in
      random % 2 == 0
    }
    #expect(try tree(weights, "growth: 99") == nil)
  }

  @Test func growthIsNotNegative() {
    #expect(throws: Diagnostic.self) { try Pipeline(names: "mst-reorder{growth: -0.1}") }
  }

  private func tree(_ weights: SimilarWeights, _ options: String) throws -> ChannelTree? {
    let graph = try Pipeline(names: "mst-reorder{\(options)}").run(try weights.graph())
    return try graph.channelTrees.first
  }
}
