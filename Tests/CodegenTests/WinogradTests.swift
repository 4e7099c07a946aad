import CodegenC
import Host
import IR
import Passes
import Targets
import TestSupport
import Testing

/// Convolutions by tiles: which are, for which targets, and what their C computes beside convolutions by windows.
@Suite struct WinogradTests {
  private static let vectors = Target.all.first { $0.name == "x86-64-v3" }!

  /// [N, C, H, W], channels of the result, padding, and what follows the convolution %c and makes the result %y.
  private static let layers: [(x: Shape, outputs: Int, pads: String, rest: String)] = [
    ([1, 8, 16, 16], 8, "1, 1, 1, 1", "%y = Relu(%c)"),
    ([2, 16, 13, 19], 8, "0, 2, 1, 0", "%y = LeakyRelu(%c) {alpha: 0.1}"),
    ([1, 24, 9, 33], 16, "1, 1, 1, 1", "%y = HardSwish(%c)"),
    ([3, 16, 12, 9], 16, "1, 1, 1, 1", "%s = Add(%c, %x)\n  %y = Relu(%s)"),
    ([1, 8, 18, 21], 24, "1, 1, 1, 1", "%r = Relu(%c)\n  %y = MaxPool(%r) {kernel_shape: [3, 2], strides: [3, 2]}"),
    ([2, 8, 14, 14], 8, "0, 0, 0, 0", "%y = GlobalAveragePool(%c)"),
    ([1, 32, 11, 10], 32, "1, 1, 1, 1", "%y = Relu(%c)"),
  ]

  private func graph(_ number: Int) throws -> Graph {
    let (x, outputs, pads, rest) = Self.layers[number]
    return try Graph(
      parsing: """
        graph layer\(number) {
          %x = Input : f32[\(x.map(String.init).joined(separator: "x"))]
          %w = Constant random(1) : f32[\(outputs)x\(x[1])x3x3]
          %b = Constant random(2) : f32[\(outputs)]
          %c = Conv(%x, %w, %b) {pads: [\(pads)]}
          \(rest)
          return %y
        }
        """, file: "layer.nnc")
  }

  private func lowered(_ graph: Graph, for target: Target) throws -> Graph {
    let pipeline = Pipeline(Pipeline.canonicalize.passes + Pipeline.lower(for: target).passes)
    return try pipeline.run(graph, context: PassContext(target: target))
  }

  private func operations(_ graph: Graph) -> [String] {
    zip(graph.nodes, graph.liveNodes).filter(\.1).map(\.0.op.opName)
  }

  @Test(arguments: [vectors, KernelBuild.widest], [[], ["-march=native"], ["-march=native", "-O3"], ["-U__SSE2__"]])
  func tilesComputeWhatWindowsDo(target: Target, flags: [String]) throws {
    let graphs = try Self.layers.indices.map { try lowered(graph($0), for: target) }
    let models = try graphs.map { try CModel($0, options: .init(target: target)) }
    let library = try CompiledLibrary(
      models, compiler: .system(), options: ["-std=c99", "-O1"] + CompilerMatrix.warnings + flags)
    for index in graphs.indices {
      // Windows in panels of 16 channels cost less than tiles of 24, which lie in panels of 8.
      let hasTiles = target.panelWidth == 8 || ![2, 4].contains(index)
      #expect(operations(graphs[index]).contains("WinogradConv2D") == hasTiles, "layer \(index)")
      let inputs = ["x": Tensor(random: TensorType(.f32, Self.layers[index].x), seed: 7)]
      let found = try CompiledModel(models[index], of: graphs[index], in: library)(inputs)[0].reals
      let expected = try graph(index).evaluate(inputs)[0].reals
      let largest = expected.map(\.magnitude).max()!
      let isNear = zip(found, expected).allSatisfy { abs($0 - $1) <= 1e-5 * largest }
      #expect(isNear, "layer \(index) for \(target.name) \(flags)")
    }
  }

  @Test func onlyTargetsWithRoomGetTiles() throws {
    for target in Target.all {
      let hasTiles = try operations(lowered(graph(0), for: target)).contains("WinogradConv2D")
      #expect(hasTiles == ["x86-64-v3", "x86-64-v4", "aarch64"].contains(target.name), "\(target.name)")
    }
  }

  @Test(arguments: [(0.5, "WinogradConv2D"), (0.95, "SparseConv2D")])
  func layersWithZerosGetTheFasterForm(sparsity: Double, operation: String) throws {
    let text = """
      graph g {
        %x = Input : f32[1x32x16x16]
        %w = Constant random(1) : f32[32x32x3x3]
        %y = Conv(%x, %w) {pads: [1, 1, 1, 1]}
        return %y
      }
      """
    let pruned = try Pipeline(names: "prune{method: magnitude, sparsity: \(sparsity)}").run(
      Graph(parsing: text, file: "g.nnc"))
    #expect(try operations(lowered(pruned, for: Self.vectors)).contains(operation))
    // By windows half of the products would take longer than the others alone.
    #expect(try operations(lowered(pruned, for: .generic)).contains("SparseConv2D"))
  }
}
