import CodegenC
import Host
import IR
import Passes
import Targets
import TestSupport
import Testing

/// A convolution of integers in floats, whose sums are the same in any order.
private struct FloatLayer: CustomTestStringConvertible {
  /// [N, C, H, W]
  var x: Shape
  /// [outputs, channels of a group, height, width]
  var weights: Shape
  var attributes = ""
  /// What follows the convolution %c and makes the result %y.
  var rest = "%y = Relu(%c)"

  var testDescription: String { "\(x) by \(weights) {\(attributes)} \(rest)" }

  static let all = [
    FloatLayer(x: [1, 8, 9, 13], weights: [16, 8, 3, 3], attributes: "pads: [1, 1, 1, 1]"),
    FloatLayer(x: [2, 3, 11, 10], weights: [8, 3, 3, 3], attributes: "pads: [0, 1, 2, 1], strides: [2, 2]"),
    FloatLayer(x: [1, 8, 19, 12], weights: [19, 8, 3, 3], attributes: "dilations: [2, 3]"),
    FloatLayer(x: [1, 4, 4, 3], weights: [8, 4, 5, 5], attributes: "pads: [2, 2, 2, 2]"),
    FloatLayer(x: [1, 1, 40, 2], weights: [8, 1, 3, 1], attributes: "pads: [1, 0, 1, 0]"),
    FloatLayer(x: [1, 5, 1, 1], weights: [16, 5, 1, 1]),
    FloatLayer(x: [3, 9, 5, 7], weights: [17, 9, 1, 1]),
    FloatLayer(x: [1, 9, 7, 7], weights: [8, 9, 1, 1], attributes: "strides: [2, 2]"),
    FloatLayer(x: [1, 6, 10, 9], weights: [16, 3, 3, 2], attributes: "group: 2, pads: [0, 1, 0, 0]"),
    FloatLayer(x: [2, 16, 12, 11], weights: [16, 1, 3, 3], attributes: "group: 16, pads: [1, 1, 1, 1]"),
    FloatLayer(
      x: [1, 19, 9, 9], weights: [19, 1, 5, 3], attributes: "group: 19, pads: [2, 1, 2, 1], strides: [2, 1]"),
    FloatLayer(
      x: [1, 3, 14, 23], weights: [8, 3, 3, 3], attributes: "pads: [1, 1, 1, 1]",
      rest: "%r = Relu(%c)\n  %y = MaxPool(%r) {kernel_shape: [2, 2], strides: [2, 2]}"),
    FloatLayer(
      x: [1, 8, 9, 20], weights: [8, 1, 2, 2], attributes: "group: 8",
      rest: "%y = MaxPool(%c) {kernel_shape: [2, 3], strides: [3, 4]}"),
    FloatLayer(x: [1, 4, 6, 8], weights: [8, 4, 3, 3], rest: "%y = GlobalAveragePool(%c)"),
    // Pools of many windows: with borders and rests of tiles, of pixels in one line, of parts of an image.
    FloatLayer(
      x: [2, 3, 11, 13], weights: [11, 3, 3, 5], attributes: "pads: [1, 2, 1, 2]",
      rest: "%r = Relu(%c)\n  %y = GlobalMaxPool(%r)"),
    FloatLayer(x: [2, 6, 5, 7], weights: [9, 6, 1, 1], rest: "%y = GlobalAveragePool(%c)"),
    FloatLayer(
      x: [1, 10, 17, 19], weights: [10, 1, 3, 3], attributes: "group: 10, pads: [1, 1, 1, 1], strides: [1, 2]",
      rest: "%y = MaxPool(%c) {kernel_shape: [8, 10], strides: [9, 10]}"),
    // Panels of 1 to 7 channels.
    FloatLayer(x: [1, 2, 9, 12], weights: [1, 2, 3, 3], attributes: "pads: [1, 1, 1, 1]"),
    FloatLayer(x: [1, 1, 9, 12], weights: [11, 1, 1, 2]),
    FloatLayer(x: [1, 12, 6, 4], weights: [12, 4, 3, 3], attributes: "group: 3, strides: [1, 2]"),
    FloatLayer(x: [1, 5, 8, 9], weights: [7, 5, 1, 1]),
    FloatLayer(x: [1, 3, 8, 9], weights: [3, 1, 3, 3], attributes: "group: 3"),
    FloatLayer(x: [1, 30, 8, 9], weights: [30, 1, 5, 5], attributes: "group: 30, pads: [2, 2, 2, 2]"),
    // Tiles of two and three panels, some with a panel that is left.
    FloatLayer(x: [1, 8, 9, 11], weights: [24, 8, 3, 3], attributes: "pads: [1, 1, 1, 1]"),
    FloatLayer(x: [1, 9, 5, 7], weights: [40, 9, 1, 1]),
    FloatLayer(
      x: [1, 24, 6, 5], weights: [24, 24, 3, 3], attributes: "pads: [1, 1, 1, 1]", rest: "%y = Add(%c, %x)"),
    FloatLayer(
      x: [1, 4, 6, 13], weights: [48, 2, 2, 2], attributes: "group: 2",
      rest: "%y = AveragePool(%c) {kernel_shape: [1, 3], strides: [1, 3]}"),
    // Sums that begin with other data.
    FloatLayer(
      x: [2, 13, 9, 10], weights: [13, 13, 3, 3], attributes: "pads: [1, 1, 1, 1]",
      rest: "%z = Add(%c, %x)\n  %y = Relu(%z)"),
    FloatLayer(x: [1, 8, 5, 3], weights: [8, 8, 1, 1], rest: "%y = Add(%x, %c)"),
    // Rows of a matrix as pixels.
    FloatLayer(
      x: [1, 1, 7, 19], weights: [19, 24, 1, 1],
      rest: "%m = Reshape(%x, %rows)\n  %v = Reshape(%w, %columns)\n  %y = MatMul(%m, %v)"),
    FloatLayer(
      x: [1, 1, 9, 19], weights: [19, 19, 1, 1],
      rest: "%m = Reshape(%x, %rows)\n  %v = Reshape(%w, %columns)\n  %p = MatMul(%m, %v)\n  %y = Add(%p, %m)"),
    FloatLayer(
      x: [1, 1, 1, 19], weights: [19, 19, 1, 1],
      rest: "%m = Reshape(%x, %rows)\n  %v = Reshape(%w, %columns)\n  %p = MatMul(%m, %v)\n  %y = Add(%m, %p)"),
    // Matrices that are both computed: 19 and 24 columns.
    FloatLayer(
      x: [1, 1, 7, 19], weights: [1, 1, 1, 1],
      rest: "%m = Reshape(%x, %rows)\n  %t = Transpose(%m)\n  %y = MatMul(%t, %m)"),
    FloatLayer(
      x: [1, 1, 24, 19], weights: [1, 1, 1, 1],
      rest: "%m = Reshape(%x, %rows)\n  %t = Transpose(%m)\n  %y = MatMul(%m, %t)"),
    // Bits of sums: pixels in tiles and at borders, and of a pool.
    FloatLayer(
      x: [1, 9, 15, 3], weights: [19, 3, 3, 3],
      rest: """
        %v = Reshape(%w, %all)
          %t = Constant random(97) : f32[19]
          %b = BinarizedConv2D(%x, %v, _, %t) {output_channels: 19, kernel_shape: [3, 3], pads: [1, 1, 1, 1], panel: PANEL}
          %y = UnpackBits(%b)
        """),
    FloatLayer(
      x: [2, 7, 9, 6], weights: [40, 3, 3, 3],
      rest: """
        %v = Reshape(%w, %all)
          %t = Constant random(96) : f32[40]
          %b = BinarizedConv2D(%x, %v, _, %t) {output_channels: 40, kernel_shape: [3, 3], strides: [1, 2], group: 2, panel: PANEL}
          %y = UnpackBits(%b)
        """),
    FloatLayer(
      x: [1, 8, 8, 2], weights: [16, 2, 3, 3],
      rest: """
        %v = Reshape(%w, %all)
          %t = Constant random(95) : f32[16]
          %b = BinarizedConv2D(%x, %v, _, %t) {output_channels: 16, kernel_shape: [3, 3], pool_shape: [2, 2], pool_strides: [2, 2], panel: PANEL}
          %y = UnpackBits(%b)
        """),
    // Zeros that are skipped, and experts of which rows use two.
    FloatLayer(
      x: [1, 1, 6, 19], weights: [77, 19, 1, 1],
      rest: """
        %m = Reshape(%x, %rows)
          %r = Relu(%m)
          %v = Reshape(%w, %all)
          %y = SkippingDense(%r, %v) {output_features: 77, panel: PANEL}
        """),
    FloatLayer(
      x: [1, 1, 13, 19], weights: [4, 19, 4, 4],
      rest: """
        %m = Reshape(%x, %rows)
          %u = Constant random(98) : f32[19x4]
          %s = MatMul(%m, %u)
          %w1 = Reshape(%w, %all)
          %v = Constant random(99) : f32[1536]
          %vs = Mul(%v, %factor)
          %w2 = Round(%vs)
          %y = MixtureOfExperts(%m, %s, %w1, _, _, _, %w2) {experts: 4, active: 2, size: 16, output_features: 24, panel: PANEL, band: 6, activation: relu}
        """),
  ]

  /// - Parameters:
  ///   - largest: The largest weight.
  ///   - panel: The width of panels where the text says PANEL.
  func graph(_ number: Int, largest: Int, panel: Int) throws -> Graph {
    let convolution = rest.contains(/%c[,)]/) ? "%c = Conv(%x, %w) {\(attributes)}" : ""
    return try Graph(
      parsing: """
        graph layer\(number) {
          %x = Input : f32[\(x.map(String.init).joined(separator: "x"))]
          %random = Constant random(\(number + 1)) : f32[\(weights.map(String.init).joined(separator: "x"))]
          %factor = Constant [\(largest)] : f32[1]
          %scaled = Mul(%random, %factor)
          %w = Round(%scaled)
          %rows = Constant [-1, 19] : i64[2]
          %columns = Constant [19, -1] : i64[2]
          %all = Constant [-1] : i64[1]
          \(convolution)
          \(rest.replacing("PANEL", with: "\(panel)"))
          return %y
        }
        """, file: "layer.nnc")
  }

  var input: Tensor {
    let random = Tensor(random: TensorType(.f32, x), seed: 7)
    return Tensor(random.type, reals: random.reals.map { ($0 * 4).rounded() })
  }
}

/// A target and how C for it is compiled.
struct KernelBuild: CustomTestStringConvertible, Sendable {
  var target: Target
  var flags: [String]

  /// In vectors of this machine and of each x86-64, and in plain C; for AVX-512 also where there is none.
  static let all = [[], ["-march=native"], ["-march=native", "-mno-fma", "-O3"], ["-U__SSE2__"]].flatMap { flags in
    [Target.generic, widest].map { KernelBuild(target: $0, flags: flags) }
  }

  /// The passes of a build that lower graphs, but for tiles of convolutions: sums of integers by those are not exact.
  var passes: [Pass] {
    Pipeline.canonicalize.passes + Pipeline.lower(for: target).passes.filter { $0.name != "use-winograd" }
  }

  static let widest = Target.all.first { $0.name == "x86-64-v4" }!

  var testDescription: String { "\(target.name) \(flags)" }
}

/// The kernels of layers in floats beside each other.
@Suite struct FloatKernelTests {
  @Test(arguments: KernelBuild.all)
  func resultsAreTheSame(build: KernelBuild) throws {
    try expectSameResults(Pipeline(build.passes), largest: 4, build)
  }

  /// The same with weights that are stored in 4 bits, and in 8.
  @Test(arguments: KernelBuild.all, [4, 100])
  func resultsAreTheSameWithNarrowWeights(build: KernelBuild, largest: Int) throws {
    try expectSameResults(Pipeline(build.passes + Pipeline.store.passes), largest: largest, build)
  }

  private func expectSameResults(_ pipeline: Pipeline, largest: Int, _ build: KernelBuild) throws {
    let (target, context) = (build.target, PassContext(target: build.target))
    let graphs = try FloatLayer.all.enumerated().map {
      try pipeline.run($1.graph($0, largest: largest, panel: target.panelWidth), context: context)
    }
    let models = try graphs.map { try CModel($0, options: .init(target: target)) }
    let library = try CompiledLibrary(
      models, compiler: .system(), options: ["-std=c99", "-O1"] + CompilerMatrix.warnings + build.flags)
    for (index, layer) in FloatLayer.all.enumerated() {
      let inputs = ["x": layer.input]
      let found = try CompiledModel(models[index], of: graphs[index], in: library)(inputs)
      let expected = try layer.graph(index, largest: largest, panel: target.panelWidth).evaluate(inputs)
      #expect(zip(found, expected).allSatisfy { $0.reals == $1.reals }, "\(layer) \(build.testDescription)")
    }
  }

  /// Compilers warn of nothing in code for AVX-512, which not every machine runs.
  @Test func codeForAVX512IsClean() throws {
    #if arch(x86_64)
      let target = KernelBuild.widest
      let passes = Pipeline.canonicalize.passes + Pipeline.lower(for: target).passes + Pipeline.store.passes
      let models = try FloatLayer.all.enumerated().map { index, layer in
        let graph = try layer.graph(index, largest: 4, panel: target.panelWidth)
        let lowered = try Pipeline(passes).run(graph, context: PassContext(target: target))
        return try CModel(lowered, options: .init(name: "layer\(index)", target: target))
      }
      for compiler in ["clang", "gcc", "clang-14"].compactMap({ CCompiler($0) }) {
        _ = try CompiledLibrary(
          models, compiler: compiler, options: ["-std=c99", "-O2", "-march=x86-64-v4"] + CompilerMatrix.warnings)
      }
    #else
      print("skipped: compilers of this machine know no AVX-512")
    #endif
  }
}
