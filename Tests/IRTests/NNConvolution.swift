import IR
import Testing

/// The outputs of a graph whose nodes are `text`, without inputs.
private func outputs(_ text: String) throws -> [Tensor] {
  try Graph(parsing: "graph test {\n\(text)\n}", file: "test").evaluate([:])
}

/// The message with which `text` is refused.
private func message(_ text: String) -> String {
  do {
    _ = try outputs(text)
    return "accepted"
  } catch {
    return "\(error)".split(separator: "\n").first.map(String.init) ?? ""
  }
}

/// The numbers 1, 2, … as a constant of type f32 and the given shape.
private func counting(_ shape: Int...) -> String {
  "Constant [\((1...shape.reduce(1, *)).map(String.init).joined(separator: ", "))] : f32[\(Shape(shape))]"
}

@Suite struct NNConvolution {
  @Test func samePaddingPutsTheOddElementBehindOrBefore() throws {
    for (autoPad, expected) in [("SAME_UPPER", [3.0, 7, 5]), ("SAME_LOWER", [1, 5, 9])] {
      let result = try outputs(
        """
          %x = \(counting(1, 1, 5))
          %w = Constant splat(1) : f32[1x1x2]
          %y = Conv(%x, %w) {auto_pad: \(autoPad), strides: [2]}
          return %y
        """)
      #expect(result[0].reals == expected)
    }
  }

  @Test func samePaddingIsNeverNegative() throws {
    let result = try outputs(
      """
        %x = \(counting(1, 1, 6))
        %w = Constant [1] : f32[1x1x1]
        %y = Conv(%x, %w) {auto_pad: SAME_UPPER, strides: [3]}
        %p = AveragePool(%x) {auto_pad: SAME_UPPER, strides: [3], kernel_shape: [1]}
        return %y, %p
      """)
    #expect(result.map(\.reals) == [[1, 4], [1, 4]])
  }

  @Test func groupsTakeTheirOwnChannels() throws {
    let result = try outputs(
      """
        %x = \(counting(1, 4, 2))
        %w = Constant [1, 10, 100, 1000] : f32[2x2x1]
        %b = Constant [0.5, -0.5] : f32[2]
        %y = Conv(%x, %w, %b) {group: 2}
        return %y
      """)
    #expect(result[0].reals == [31.5, 42.5, 7499.5, 8599.5])
  }

  @Test func transposedConvolutionIsTheTransposeOfConvolution() throws {
    // <Conv(x), y> equals <x, ConvTranspose(y)> for the same weights, whatever padding, strides and groups.
    let attributes = "strides: [2, 3], dilations: [2, 1], pads: [1, 0, 2, 1], group: 2"
    let result = try outputs(
      """
        %x = Constant random(1) : f32[1x4x9x8]
        %w = Constant random(2) : f32[6x2x3x2]
        %y = Conv(%x, %w) {\(attributes)}
        %z = Constant random(3) : f32[1x6x4x3]
        %t = ConvTranspose(%z, %w) {\(attributes), output_padding: [1, 1]}
        return %x, %y, %z, %t
      """)
    #expect(result[1].shape == result[2].shape)
    #expect(result[3].shape == result[0].shape)
    func product(_ a: Tensor, _ b: Tensor) -> Double { zip(a.reals, b.reals).reduce(0) { $0 + $1.0 * $1.1 } }
    #expect(abs(product(result[1], result[2]) - product(result[0], result[3])) < 1e-4)
  }

  @Test func outputShapeOfATransposedConvolutionFixesPadding() throws {
    let result = try outputs(
      """
        %x = \(counting(1, 1, 3))
        %w = Constant splat(1) : f32[1x1x3]
        %y = ConvTranspose(%x, %w) {strides: [3], output_shape: [10]}
        %z = ConvTranspose(%x, %w) {strides: [2], output_shape: [6]}
        %u = ConvTranspose(%x, %w) {strides: [2], auto_pad: SAME_UPPER}
        return %y, %z, %u
      """)
    #expect(result[0].reals == [1, 1, 1, 2, 2, 2, 3, 3, 3, 0])
    #expect(result[1].reals == [1, 3, 2, 5, 3, 3])
    #expect(result[2].reals == [1, 1, 3, 2, 5, 3])
  }

  @Test(arguments: [(1, 4, 3, 8), (2, 4, 6, 2), (4, 4, 4, 1)])
  func loweredConvolutionIsTheConvolution(group: Int, inputs: Int, outputs: Int, panel: Int) throws {
    let x = Tensor(random: TensorType(.f32, [2, inputs, 7, 6]), seed: 1)
    let w = Tensor(random: TensorType(.f32, [outputs, inputs / group, 3, 2]), seed: 2)
    let b = Tensor(random: TensorType(.f32, [outputs]), seed: 3)
    var conv = Conv()
    (conv.group, conv.strides, conv.dilations, conv.pads) = (group, [1, 2], [2, 1], [2, 1, 0, 1])
    let expected = try evaluate(conv, [x, w, b])
    var lowered = Conv2D()
    (lowered.group, lowered.strides, lowered.dilations, lowered.pads) = (group, [1, 2], [2, 1], [2, 1, 0, 1])
    (lowered.outputChannels, lowered.kernelShape, lowered.panel) = (outputs, [3, 2], panel)
    let packed = Conv2D.pack(w, group: group, panel: panel)
    let result = try evaluate(lowered, [channelsLast(x), packed, b])
    #expect(result == channelsLast(expected))
    if group == inputs {
      var depthwise = DepthwiseConv2D()
      (depthwise.strides, depthwise.dilations, depthwise.pads) = ([1, 2], [2, 1], [2, 1, 0, 1])
      depthwise.kernelShape = [3, 2]
      #expect(try evaluate(depthwise, [channelsLast(x), DepthwiseConv2D.pack(w), b]) == result)
    }
  }

  @Test func weightsArePackedInPanels() {
    // Five filters of 1x2 on one channel, in panels of two: the last panel is narrower.
    let w = Tensor((0..<10).map { Float($0) }, shape: [5, 1, 1, 2])
    #expect(Conv2D.pack(w, group: 1, panel: 2).reals == [0, 2, 1, 3, 4, 6, 5, 7, 8, 9])
    let matrix = Tensor((0..<6).map { Float($0) }, shape: [2, 3])
    #expect(Dense.pack(matrix, panel: 2).reals == [0, 1, 3, 4, 2, 5])
  }

  @Test func fusedStepsComeInOrder() throws {
    // Sums -3, 1, 2, -1, 9 with bias -1; the activation before the pool, and the last column in no window.
    let result = try outputs(
      """
        %x = Constant [-3, 1, 2, -1, 9] : f32[1x1x5x1]
        %w = Constant [1] : f32[1]
        %b = Constant [-1] : f32[1]
        %m = Conv2D(%x, %w, %b) {output_channels: 1, kernel_shape: [1, 1], activation: leaky_relu, alpha: 0.5, pool: max, pool_shape: [1, 2]}
        %a = Conv2D(%x, %w, %b) {output_channels: 1, kernel_shape: [1, 1], activation: relu, pool: average, pool_shape: [1, 2]}
        return %m, %a
      """)
    #expect(result.map(\.reals) == [[0, 1], [0, 0.5]])
    #expect(result[0].shape == [1, 1, 2, 1])
  }

  @Test func denseAppliesItsActivation() throws {
    let result = try outputs(
      """
        %x = Constant [1, 2, 3, 4] : f32[2x1x2]
        %w = Constant [1, -1, 2, 1, 5, 6] : f32[6]
        %b = Constant [0, 0, -20] : f32[3]
        %y = Dense(%x, %w, %b) {output_features: 3, panel: 2, activation: clip, alpha: 0, beta: 10}
        return %y
      """)
    #expect(result[0].type == TensorType(.f32, [2, 1, 3]))
    #expect(result[0].reals == [5, 1, 0, 10, 1, 10])
  }

  @Test(arguments: [
    ("strides: [0]", "test:4:3: error: Conv: strides [0] should have elements in 1...16777216"),
    (
      "strides: [1, 1]",
      "test:4:3: error: Conv: strides has 2 elements, but the data have 1 spatial axes; give one for each"
    ),
    (
      "pads: [1]",
      "test:4:3: error: Conv: pads has 1 elements, but for 1 spatial axes it needs 2: all begins, then all ends"
    ),
    ("pads: [-1, 0]", "test:4:3: error: Conv: pads [-1, 0] should have elements in 0...16777216"),
    ("group: 2", "test:4:3: error: Conv: X has 3 channels in 2 groups, but W takes 3 channels in each group"),
    ("group: 0", "test:4:3: error: Conv: group is 0, but should be at least 1"),
    ("kernel_shape: [3]", "test:4:3: error: Conv: kernel_shape is [3], but W has the shape [4x3x2]"),
    (
      "dilations: [5]",
      "test:4:3: error: Conv: a kernel of 2 elements at distances of 5 does not fit into spatial axis 0 of extent 5 with padding 0 and 0"
    ),
    (
      "auto_pad: SAME_UPPER, pads: [1, 1]",
      "test:4:3: error: Conv: has both auto_pad: SAME_UPPER and pads: [1, 1]; remove one of them"
    ),
    (
      "auto_pad: SAME",
      "test:4:3: error: attribute 'auto_pad' should be one of NOTSET, SAME_UPPER, SAME_LOWER, VALID, not SAME"
    ),
  ])
  func faultsAreExplained(attributes: String, expected: String) {
    let text = "  %x = Constant splat(1) : f32[1x3x5]\n  %w = Constant splat(1) : f32[4x3x2]\n"
    #expect(message(text + "  %y = Conv(%x, %w) {\(attributes)}\n  return %y") == expected)
  }

  @Test func activationsAreTheirFormulas() {
    func value(_ activation: Activation, _ x: Double, _ alpha: Double = 0, _ beta: Double = 0) -> Double {
      activation(x, alpha: alpha, beta: beta)
    }
    #expect(value(.relu, -2) == 0)
    #expect(value(.leakyRelu, -2, 0.25) == -0.5)
    #expect(value(.clip, 7, 0, 6) == 6)
    #expect(value(.sigmoid, 0) == 0.5)
    #expect(value(.hardSigmoid, 1, 0.25, 0.5) == 0.75)
    #expect(value(.hardSwish, -4) == 0)
    #expect(value(.hardSwish, 3) == 3)
    #expect(abs(value(.gelu, 1) - 0.841_344_746_068_543) < 1e-15)
    #expect(abs(value(.silu, 1) - 0.731_058_578_630_005) < 1e-15)
    #expect(abs(value(.tanh, 0.5) - 0.462_117_157_260_010) < 1e-15)
  }
}

/// The first result of `op` for known operands.
private func evaluate(_ op: some Operation, _ operands: [Tensor]) throws -> Tensor {
  let types = try op.resultTypes(Operands(operands.map { tensor in Operand(tensor.type) { tensor } }))
  return try op.evaluate(Operands(operands), types)[0]
}

/// A tensor [N, C, H, W] as [N, H, W, C].
private func channelsLast(_ x: Tensor) -> Tensor {
  let strides = x.shape.strides
  let shape: Shape = [x.shape[0], x.shape[2], x.shape[3], x.shape[1]]
  return x.gathering(
    shape.offsets(strides: [strides[0], strides[2], strides[3], strides[1]]).map { $0 }, shape: shape)
}
