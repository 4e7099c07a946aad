import CodegenC
import Host
import IR
import Testing

/// That values which share memory keep their contents as long as they are needed.
@Suite struct MemoryTests {
  /// The arena holds NaNs before each run, so memory that is read before it is written shows too.
  @Test func randomGraphsComputeTheSameInC() throws {
    let graphs = try (0..<80).map(RandomGraph.make)
    let models = try graphs.enumerated().map { try CModel($1, options: .init(name: "graph\($0)")) }
    let library = try CompiledLibrary(models, compiler: .system(), options: ["-std=c99", "-O1"])
    for (graph, model) in zip(graphs, models) {
      let inputs = Dictionary(
        uniqueKeysWithValues: graph.inputs.enumerated().map { index, input in
          (input.name, Tensor(random: graph.type(of: input.value), seed: UInt64(index)))
        })
      let results = try CompiledModel(model, of: graph, in: library)(inputs)
      #expect(try results == graph.evaluate(inputs), "\(graph)")
    }
  }

  @Test func arenaIsNotBelowItsBound() throws {
    for seed in 0..<40 {
      let plan = try MemoryPlan(RandomGraph.make(seed: seed))
      #expect(plan.arenaByteCount >= plan.lowerBound)
    }
  }

  /// The 28x28 network: conv 1→8 3x3, relu, pool, conv 8→16 3x3, relu, global pool, dense 16→10, softmax.
  @Test func arenaOfASmallNetwork() throws {
    let unfused = try MemoryPlan(SmallNetwork.graph(fused: false))
    #expect(unfused.arenaByteCount <= 31_360)
    #expect(unfused.arenaByteCount == unfused.lowerBound)
    let fused = try MemoryPlan(SmallNetwork.graph(fused: true))
    #expect(fused.arenaByteCount <= 18_900)
    #expect(fused.arenaByteCount == fused.lowerBound)
  }
}
