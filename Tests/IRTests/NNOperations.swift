import IR
import Testing

/// The outputs of a graph whose nodes are `text`, without inputs.
private func outputs(_ text: String) throws -> [Tensor] {
  try Graph(parsing: "graph test {\n\(text)\n}", file: "test").evaluate([:])
}

/// The output of one operation on one operand, a constant of type f32.
private func apply(_ op: String, _ shape: Shape, _ numbers: [Int]? = nil) throws -> [Double] {
  let numbers = numbers ?? Array(1...shape.elementCount)
  let text = "  %x = Constant [\(numbers.map(String.init).joined(separator: ", "))] : f32[\(shape)]\n"
  let parts = op.split(separator: " ", maxSplits: 1)
  return try outputs(text + "  %y = \(parts[0])(%x) \(parts.count > 1 ? parts[1] : "")\n  return %y")[0].reals
}

/// The first line of the message with which `text` is refused.
private func message(_ text: String) -> String {
  do {
    _ = try outputs(text)
    return "accepted"
  } catch {
    return "\(error)".split(separator: "\n").first.map(String.init) ?? ""
  }
}

@Suite struct NNPools {
  @Test func ceilModeKeepsALastWindowThatStartsInTheData() throws {
    #expect(try apply("MaxPool {kernel_shape: [2], strides: [2]}", [1, 1, 5]) == [2, 4])
    #expect(try apply("MaxPool {kernel_shape: [2], strides: [2], ceil_mode: true}", [1, 1, 5]) == [2, 4, 5])
    // A last window that would start in the padding behind the data does not count.
    #expect(
      try apply("MaxPool {kernel_shape: [1], strides: [2], pads: [0, 0], ceil_mode: true}", [1, 1, 2]) == [1])
    #expect(
      try apply("MaxPool {kernel_shape: [2], strides: [2], pads: [1, 1], ceil_mode: true}", [1, 1, 3]) == [1, 3])
  }

  @Test func meansCountWhatTheAttributeSays() throws {
    let attributes = "kernel_shape: [3], strides: [2], pads: [1, 0], ceil_mode: true"
    #expect(try apply("AveragePool {\(attributes)}", [1, 1, 4], [3, 6, 9, 12]) == [4.5, 9])
    // Padding counts, but not what lies beyond it in ceil mode.
    #expect(
      try apply("AveragePool {\(attributes), count_include_pad: 1}", [1, 1, 5], [3, 6, 9, 12, 15]) == [3, 9, 13.5])
  }

  @Test func indicesAreThoseOfTheWholeTensor() throws {
    for (order, expected) in [(0, [4.0, 5, 10, 11]), (1, [2, 5, 8, 11])] {
      let result = try outputs(
        """
          %x = Constant [1, 2, 3, 4, 5, 6, 6, 5, 4, 3, 9, 9] : f32[1x2x3x2]
          %y, %i = MaxPool(%x) {kernel_shape: [3, 1], storage_order: \(order)}
          return %i
        """)
      #expect(result[0].element == .i64)
      #expect(result[0].reals == expected)
    }
  }

  @Test func theFirstOfEqualElementsCounts() throws {
    let result = try outputs(
      """
        %x = Constant [7, 7, 7] : u8[1x1x3]
        %y, %i = MaxPool(%x) {kernel_shape: [3]}
        return %y, %i
      """)
    #expect(result.map(\.reals) == [[7], [0]])
    #expect(result[0].element == .u8)
  }

  @Test func normsAndGlobalPools() throws {
    #expect(try apply("LpPool {kernel_shape: [2]}", [1, 1, 2], [3, -4]) == [5])
    #expect(try apply("LpPool {kernel_shape: [2], p: 1}", [1, 1, 2], [3, -4]) == [7])
    #expect(try apply("GlobalLpPool {p: 1}", [1, 2, 2], [3, -4, 5, 6]) == [7, 11])
    #expect(try apply("GlobalAveragePool", [1, 2, 2], [3, -4, 5, 6]) == [-0.5, 5.5])
    #expect(try apply("GlobalMaxPool", [1, 2, 1, 2], [-3, -4, 5, 6]) == [-3, 6])
  }

  @Test func loweredPoolTakesItsExtents() throws {
    let text = "  %x = Constant [1, 9, 2, 8, 3, 7] : f32[1x1x3x2]\n"
    let pool =
      "  %y = Pool2D(%x) {kind: average, kernel_shape: [1, 2], strides: [1, 2], output_shape: [1, 2]}\n  return %y"
    #expect(try outputs(text + pool)[0].reals == [1.5, 8.5, 3, 7])
    #expect(
      message(text + "  %y = Pool2D(%x) {kernel_shape: [1, 2], strides: [1, 2], output_shape: [1, 3]}\n  return %y")
        == "test:3:3: error: Pool2D: output_shape is [1, 3], but there are [1, 1] windows, or [1, 2] in ceil mode")
  }

  @Test func windowsOfNothingButPaddingAreRefused() {
    let text = "  %x = Constant [1, 2] : f32[1x1x2]\n  %y = MaxPool(%x) "
    let expected =
      "test:3:3: error: MaxPool: a window along spatial axis 0 has nothing but padding: kernel 2, pads 2 and 0, "
      + "extent 2; make pads smaller than the kernel"
    #expect(message(text + "{kernel_shape: [2], pads: [2, 0]}\n  return %y") == expected)
    // Taps at -1 and 2 step over both elements.
    #expect(
      message(text + "{kernel_shape: [2], dilations: [3], pads: [1, 1]}\n  return %y").contains("nothing but padding"))
    #expect(message(text + "{}\n  return %y") == "test:3:3: error: MaxPool: attribute kernel_shape is missing")
  }
}

@Suite struct NNResize {
  private func resize(_ attributes: String, scales: String? = nil, sizes: String? = nil, input: [Int]) throws
    -> [Double]
  {
    let x = "  %x = Constant [\(input.map(String.init).joined(separator: ", "))] : f32[\(input.count)]\n"
    let operand = scales.map { "Constant [\($0)] : f32[1]" } ?? "Constant [\(sizes!)] : i64[1]"
    let call = scales != nil ? "(%x, _, %s)" : "(%x, _, _, %s)"
    return try outputs(x + "  %s = \(operand)\n  %y = Resize\(call) {\(attributes)}\n  return %y")[0].reals
  }

  @Test func nearestModesDifferHalfWay() throws {
    for (mode, expected) in [
      ("round_prefer_floor", [1.0, 1, 2, 2]), ("round_prefer_ceil", [1, 2, 2, 2]), ("floor", [1, 1, 2, 2]),
      ("ceil", [1, 2, 2, 2]),
    ] {
      let attributes = "nearest_mode: \(mode), coordinate_transformation_mode: asymmetric"
      #expect(try resize(attributes, scales: "2", input: [1, 2]) == expected)
    }
  }

  @Test func linearRepeatsTheBorder() throws {
    #expect(try resize("mode: linear", scales: "2", input: [0, 4, 8]) == [0, 1, 3, 5, 7, 8])
    #expect(
      try resize("mode: linear, coordinate_transformation_mode: align_corners", sizes: "5", input: [0, 4, 8])
        == [0, 2, 4, 6, 8])
    #expect(try resize("mode: linear, antialias: true", sizes: "1", input: [3, 3, 6, 6]) == [4.5])
  }

  @Test func cubicExcludesWhatLiesOutside() throws {
    // A constant remains constant only if the weights sum to 1.
    for attributes in ["", ", exclude_outside: true", ", antialias: true", ", cubic_coeff_a: -0.5"] {
      #expect(try resize("mode: cubic" + attributes, sizes: "7", input: [2, 2, 2, 2]) == [2, 2, 2, 2, 2, 2, 2])
    }
  }

  @Test func extentsAreRoundedInSinglePrecision() throws {
    // 0.7 is less than seven tenths in single precision, but the product is rounded to 7.
    #expect(try resize("", scales: "0.7", input: Array(1...10)).count == 7)
  }

  @Test func integersKeepAllTheirBits() throws {
    let result = try outputs(
      """
        %x = Constant [9007199254740993, -1] : i64[2]
        %s = Constant [4] : i64[1]
        %y = Resize(%x, _, _, %s)
        return %y
      """)
    #expect(result[0].integers == [9_007_199_254_740_993, 9_007_199_254_740_993, -1, -1])
  }

  @Test func croppingExtrapolatesAndPoliciesKeepRatios() throws {
    let result = try outputs(
      """
        %x = Constant [1, 2, 3] : f32[1x3]
        %r = Constant [0, 1.5] : f32[2]
        %s = Constant [4] : i64[1]
        %y = Resize(%x, %r, _, %s) {axes: [-1], mode: linear, coordinate_transformation_mode: tf_crop_and_resize, extrapolation_value: 9}
        %z = Constant splat(1) : f32[4x6]
        %t = Constant [7, 8] : i64[2]
        %l = Resize(%z, _, _, %t) {keep_aspect_ratio_policy: not_larger}
        %m = Resize(%z, _, _, %t) {keep_aspect_ratio_policy: not_smaller}
        return %y, %l, %m
      """)
    #expect(result[0].reals == [1, 2, 3, 9])
    #expect(result[1].shape == [5, 8])
    #expect(result[2].shape == [7, 11])
  }

  @Test func operandsAreVerified() {
    let x = "  %x = Constant [1, 2] : f32[2]\n  %s = Constant "
    let y = " : f32[1]\n  %y = Resize(%x, _, %s)\n  return %y"
    #expect(
      message(x + "[-1]" + y)
        == "test:4:3: error: Resize: scale -1.0 of axis 0 of extent 2 should be positive and not too large")
    #expect(message(x + "[nan]" + y).contains("should be positive"))
    #expect(
      message("  %x = Constant [1] : f32[1]\n  %y = Resize(%x)\n  return %y")
        == "test:3:3: error: Resize: takes either scales or sizes, but has neither")
  }
}

@Suite struct NNMatrices {
  @Test func vectorsAreRowsOnTheLeftAndColumnsOnTheRight() throws {
    let result = try outputs(
      """
        %m = Constant [1, 2, 3, 4, 5, 6] : f32[2x3]
        %r = Constant [1, 10] : f32[2]
        %c = Constant [1, 10, 100] : f32[3]
        %b = Constant [1, 10, 100, 2, 20, 200] : f32[2x3x1]
        %y = MatMul(%r, %m)
        %z = MatMul(%m, %c)
        %d = MatMul(%c, %c)
        %w = MatMul(%m, %b)
        return %y, %z, %d, %w
      """)
    #expect(result.map(\.reals) == [[41, 52, 63], [321, 654], [10101], [321, 654, 642, 1308]])
    #expect(result.map(\.shape) == [[3], [2], [], [2, 2, 1]])
  }

  @Test func integersWrap() throws {
    let result = try outputs(
      """
        %a = Constant [4294967296, 3] : i64[1x2]
        %b = Constant [4294967296, 5] : i64[2x1]
        %y = MatMul(%a, %b)
        %c = Constant [100, 100] : u32[1x2]
        %d = Constant [42949673, 1] : u32[1x2]
        %z = Gemm(%c, %d) {transB: true, alpha: 2}
        return %y, %z
      """)
    #expect(result.map(\.integers) == [[15], [208]])
  }

  @Test func gemmScalesAndBroadcasts() throws {
    let result = try outputs(
      """
        %a = Constant [1, 2, 3, 4, 5, 6] : f32[3x2]
        %b = Constant [1, 0, 1, 0, 1, 1] : f32[2x3]
        %c = Constant [10, 20] : f32[2x1]
        %y = Gemm(%a, %b, %c) {transA: true, transB: true, alpha: 0.5, beta: 2}
        return %y
      """)
    #expect(result[0].reals == [23, 24, 44, 45])
    #expect(
      message("  %a = Constant splat(1) : f32[2x3]\n  %y = Gemm(%a, %a)\n  return %y")
        == "test:3:3: error: Gemm: cannot multiply A [2x3] by B [2x3]: the inner extents 3 and 2 differ")
  }
}

@Suite struct NNNormalizations {
  @Test func softmaxesStayFinite() throws {
    #expect(try apply("Softmax", [2, 2], [1000, 1000, 0, -1000]) == [0.5, 0.5, 1, 0])
    #expect(try apply("LogSoftmax {axis: 0}", [2, 1], [0, -1000]) == [0, -1000])
    #expect(try apply("Hardmax {axis: 0}", [2, 2], [3, 1, 3, 2]) == [1, 0, 0, 1])
  }

  @Test func layersGiveTheirStatistics() throws {
    let result = try outputs(
      """
        %x = Constant [1, 3, -2, 2] : f16[2x2]
        %s = Constant [1, 10] : f16[2]
        %b = Constant [100] : f16[1]
        %y, %m, %i = LayerNormalization(%x, %s, %b) {epsilon: 0}
        return %y, %m, %i
      """)
    #expect(result.map(\.reals) == [[99, 110, 99, 110], [2, 0], [1, 0.5]])
    #expect(result.map(\.type) == [TensorType(.f16, [2, 2]), TensorType(.f32, [2, 1]), TensorType(.f32, [2, 1])])
  }

  @Test func channelsHaveTheirOwnStatistics() throws {
    let result = try outputs(
      """
        %x = Constant [1, 3, 5, 9, 2, 6, 0, 4] : f32[1x4x2]
        %s = Constant [1, 2, 3, 4] : f32[4]
        %b = Constant [0, 0, 0, 1] : f32[4]
        %v = Constant [3, 3, 3, 3] : f32[4]
        %i = InstanceNormalization(%x, %s, %b) {epsilon: 0}
        %g = GroupNormalization(%x, %s, %b) {epsilon: 0, num_groups: 4}
        %n = BatchNormalization(%x, %s, %b, %s, %v) {epsilon: 1}
        return %i, %g, %n
      """)
    #expect(result[0].reals == [-1, 1, -2, 2, -3, 3, -3, 5])
    #expect(result[1] == result[0])
    #expect(result[2].reals == [0, 1, 3, 7, -1.5, 4.5, -7, 1])
  }

  @Test func normsOfZeroGiveZero() throws {
    #expect(try apply("LpNormalization", [2, 2], [3, 4, 0, 0]).map { Float($0) } == [0.6, 0.8, 0, 0])
    #expect(try apply("LpNormalization {p: 1, axis: 0}", [2, 1], [-1, 3]) == [-0.25, 0.75])
  }

  @Test func neighbouringChannelsAreSummed() throws {
    // With an even size the larger part lies behind.
    #expect(
      try apply("LRN {size: 2, alpha: 2, beta: 1, bias: 0}", [1, 3, 1], [1, 2, 4]).map { Float($0) } == [
        0.2, 0.1, 0.25,
      ])
    #expect(
      try apply("MeanVarianceNormalization {axes: [-1]}", [2, 2], [1, 3, 5, 9]).map { $0.rounded() } == [-1, 1, -1, 1])
  }

  @Test func trainingMovesStatistics() throws {
    let call = "BatchNormalization(%a, %b, %c, %d, %e) {training_mode: 1, epsilon: 0, momentum: 0.75}"
    let operands = ["[1, 3] : f32[2x1]", "[2] : f32[1]", "[1] : f32[1]", "[10] : f32[1]", "[5] : f32[1]"]
    try OperationCase(call, operands, gives: "[-1.0, 3.0] : f32[2x1]; [8.0] : f32[1]; [4.0] : f32[1]").check()
    OperationCase(call, operands[..<3] + ["[1, 2] : f32[2]"] + operands[4...], gives: "X has 1 channels").checkFault()
    try OperationCase(
      "Dropout(%a, %b, %c)", "[2] : f32[1]", "[0] : f32[]", "[true] : bool[]", gives: "[2.0] : f32[1]; [true] : bool[1]"
    ).check()
  }
}
