import CodegenC
import Host
import IR
import TestSupport
import Testing

/// The kernels of quantized layers beside each other: those for vectors of this machine, plain C, and plain C as it is on
/// processors without an FPU.
@Suite struct QuantizedKernelTests {
  private static let options: [[String]] = [[], ["-U__SSE2__"], ["-U__SSE2__", "-DNNC_SOFT_FLOAT=1"]]

  /// Multipliers of which some make many sums halves, and one is too large for integers; odd numbers of inputs.
  private static let dense = """
    graph dense {
      %x = Input : i8[96x21]
      %w = Constant random(1) : i8[231]
      %b = Constant [0, 1, -2, 3, 1000, -5, 16777217, 7, -8, 9, 10] : i32[11]
      %m = Constant [0.5, 0.25, 0.0625, 0.001, 0.75, 0.0009765625, 0.00001, 0.33333334, 0.125, 0.00024414062, 0.003] : f32[11]
      %y = QuantizedDense(%x, %w, %b, %m) {output_features: 11, x_zero: -7, y_zero: 3, low: -100}
      return %y
    }
    """
  private static let convolutions = """
    graph convolutions {
      %x = Input : u8[2x7x6x9]
      %w = Constant random(1) : i8[486]
      %b = Constant [1, 2, 3, 4, 5, 6] : i32[6]
      %m = Constant [0.0078125, 0.001, 0.00048828125, 0.002, 0.003, 0.004] : f32[6]
      %c = QuantizedConv2D(%x, %w, %b, %m) {output_channels: 6, kernel_shape: [3, 3], pads: [1, 1, 1, 1], x_zero: 120}
      %v = Constant random(2) : i8[5x3x6]
      %n = Constant [0.00390625] : f32[1]
      %y = QuantizedDepthwiseConv2D(%c, %v, %b, %n) {kernel_shape: [5, 3], strides: [2, 1], pads: [2, 1, 2, 1]}
      return %c, %y
    }
    """

  @Test(arguments: [dense, convolutions])
  func allKernelsComputeTheSame(text: String) throws {
    let graph = try Graph(parsing: text, file: "quantized.nnc")
    let input = try #require(graph.inputs.first)
    let inputs = [input.name: Tensor(random: graph.type(of: input.value), seed: 3)]
    let expected = try graph.evaluate(inputs)
    for options in Self.options {
      let options = ["-std=c99", "-O1"] + CompilerMatrix.warnings + options
      let model = try CompiledModel(graph, compiler: .system(), options: options)
      #expect(try model(inputs) == expected, "\(options)")
    }
  }
}
