import CodegenC
import Foundation
import Host
import IR
import Passes
import Testing

/// That layers in fixed point compute the same bits in C as in the interpreter, and nearly what they compute in floats.
@Suite struct FixedPointTests {
  /// A layer that takes %x [2, 5, 6, 3], with weights %w of a shape, and as many products to a sum as said.
  struct Layer: CustomTestStringConvertible, Sendable {
    let nodes: String
    let weights: Shape
    let biasCount: Int
    let productCount: Int
    var testDescription: String { nodes }

    /// The layer in floats.
    func graph(bias factor: Double) throws -> Graph {
      let bias = (0..<biasCount).map { "\($0 == 1 ? 0 : Float((Double($0) - 1.3) * factor))" }.joined(separator: ", ")
      let b = biasCount > 0 ? "%b = Constant [\(bias)] : f32[\(biasCount)]" : ""
      return try Graph(
        parsing: """
          graph g {
            %x = Input : f32[2x5x6x3]
            %w = Constant random(1) : f32[\(weights)]
            \(b)
            \(nodes)
            return %y
          }
          """, file: "layer")
    }
  }

  private static let layers = [
    Layer(
      nodes: "%y = Conv2D(%x, %w, %b) {output_channels: 6, kernel_shape: [3, 3], pads: [1, 1, 1, 1], panel: 8}",
      weights: [162], biasCount: 6, productCount: 27),
    Layer(
      nodes: "%y = Conv2D(%x, %w) {output_channels: 5, kernel_shape: [2, 2], strides: [2, 3], activation: relu}",
      weights: [60], biasCount: 0, productCount: 12),
    Layer(
      nodes: "%y = Conv2D(%x, %w, %b) {output_channels: 3, kernel_shape: [2, 2], dilations: [2, 3], "
        + "pads: [0, 2, 1, 1], group: 3, pool: max, pool_shape: [2, 2], pool_strides: [2, 3]}",
      weights: [12], biasCount: 3, productCount: 4),
    Layer(
      nodes: "%y = DepthwiseConv2D(%x, %w, %b) {kernel_shape: [3, 5], pads: [2, 1, 0, 3], activation: clip, beta: 0.5}",
      weights: [3, 5, 3], biasCount: 3, productCount: 15),
    Layer(
      nodes: "%y = DepthwiseConv2D(%x, %w) {kernel_shape: [6, 1], pads: [3, 0, 3, 0], "
        + "activation: leaky_relu, alpha: 0.25}",
      weights: [6, 1, 3], biasCount: 0, productCount: 6),
    Layer(
      nodes: "%s = Constant [2, 90] : i64[2]\n%r = Reshape(%x, %s)\n"
        + "%y = Dense(%r, %w, %b) {output_features: 7, panel: 8}",
      weights: [630], biasCount: 7, productCount: 90),
    // A single row.
    Layer(
      nodes: "%s = Constant [2, 1, 30, 3] : i64[4]\n%r = Reshape(%x, %s)\n%y = Conv2D(%r, %w, %b) {output_channels: 4, "
        + "kernel_shape: [1, 6], pads: [0, 3, 0, 1], panel: 4, activation: relu, pool: max, pool_shape: [1, 2]}",
      weights: [72], biasCount: 4, productCount: 18),
  ]

  /// By what inputs between -1 and 1 are multiplied, and biases of about 1.
  private static let scales: [(input: Double, bias: Double)] = [
    (1, 1), (0, 1), (0, 0), (1e-41, 1e-40), (1e-38, 1), (1e-6, 1), (1e-15, 1), (1e6, 1e-6), (1e20, 1), (3e38, 3e37),
  ]

  private static func compiled(_ graph: Graph, options: [String] = []) throws -> CompiledModel {
    let model = try CModel(graph, options: .init(name: "layer"))
    let library = try CompiledLibrary(
      [model], compiler: .system(),
      options: ["-std=c99", "-O1", "-fsanitize=undefined", "-fsanitize-trap=undefined"] + options)
    return try CompiledModel(model, of: graph, in: library)
  }

  @Test(arguments: layers)
  func bitsAreThoseOfTheInterpreter(_ layer: Layer) throws {
    for bias in Set(Self.scales.map(\.bias)).sorted() {
      let before = try layer.graph(bias: bias)
      let after = try Pipeline(names: "use-fixed-point").run(before)
      #expect(after != before)
      let model = try Self.compiled(after)
      for scale in Self.scales where scale.bias == bias {
        let reals = Tensor(random: TensorType(.f32, [2, 5, 6, 3]), seed: 3).reals
        let x = Tensor(TensorType(.f32, [2, 5, 6, 3]), reals: reals.map { $0 * scale.input })
        let result = try after.evaluate(["x": x])
        #expect(try model(["x": x]) == result, "with inputs of \(scale.input) and a bias of \(scale.bias)")
        // Beyond that a sum may be infinite before the activation makes it finite again.
        if scale.input < 1e38 { try checkError(result[0], before.evaluate(["x": x])[0], layer, scale.input) }
      }
    }
  }

  /// What docs/output.md states. Weights are at most 1, so a sum of magnitudes is at most the number of products.
  private func checkError(_ found: Tensor, _ exact: Tensor, _ layer: Layer, _ largest: Double) throws {
    let bits = FixedPoint(productCount: layer.productCount).dataBits
    let magnitudes = largest * Double(layer.productCount)
    for (a, b) in zip(found.reals, exact.reals) {
      let bound = magnitudes * exp2(Double(1 - bits)) + Double(Float(max(a.magnitude, b.magnitude)).ulp)
      #expect((a - b).magnitude <= bound, "\(a) is not \(b)")
    }
  }

  /// The function for processors without floating point, which this one need not be.
  @Test func exponentialInIntegers() throws {
    let special: [Float] = [88.72283, 88.72284, -87.4, -103.97, -104, 128, -128, .infinity, -.infinity]
    let numbers = (0..<(1 << 18)).map { Float(bitPattern: $0 << 14 | $0 & 0x3fff) }.filter { !$0.isNaN } + special
    let graph = try Graph(
      parsing: "graph g {\n%x = Input : f32[\(numbers.count)]\n%y = Exp(%x)\nreturn %y\n}", file: "exponential")
    let model = try Self.compiled(graph, options: ["-DNNC_SOFT_FLOAT=1"])
    let found: [Float] = try model(["x": Tensor(numbers)])[0].elements()
    let wrong = zip(numbers, found).filter { x, y in
      let exact = exp(Double(x))
      return Float(exact) != y && !((Double(y) - exact).magnitude <= Double(Float(exact).ulp))
    }
    #expect(wrong.isEmpty)
  }

  @Test(arguments: layers)
  func infinityAndNaNSpoilTheirImage(_ layer: Layer) throws {
    let graph = try Pipeline(names: "use-fixed-point").run(layer.graph(bias: 1))
    let model = try Self.compiled(graph)
    for special in [Float.infinity, -.infinity, .nan] {
      var numbers: [Float] = Tensor(random: TensorType(.f32, [2, 5, 6, 3]), seed: 3).elements()
      numbers[numbers.count - 1] = special
      let x = Tensor(numbers, shape: [2, 5, 6, 3])
      let expected = try graph.evaluate(["x": x])[0].reals
      let found = try model(["x": x])[0].reals
      let second = found.indices.map { $0 >= found.count / 2 }
      #expect(found.map { $0.isNaN } == second)
      #expect(expected.map { $0.isNaN } == second)
    }
  }
}
