import IR
import Testing

/// What is wrong with operands and attributes is said, whatever they are.
@Suite struct OperationFaultTests {
  private static let matrix = "splat(1) : f32[2x3]"

  @Test(arguments: [
    OperationCase("Add(%a, %b)", matrix, "[1, 2] : f32[2]", gives: "shapes [2x3] and [2] cannot be broadcast together"),
    OperationCase("Mod(%a, %a)", matrix, gives: "is defined for elements of type f32 only with fmod: true"),
    OperationCase("Neg(%a)", "[1] : u8[1]", gives: "is not defined for elements of type u8"),
    OperationCase("Where(%a, %a, %a)", matrix, gives: "operand 'condition' has elements of type f32, not bool"),
    OperationCase("Clip(%a, %b)", matrix, "[1, 2, 3] : f32[3]", gives: "operand 'min' should be a scalar, not f32[3]"),
    OperationCase("PRelu(%a, %b)", "[1] : f32[1]", matrix, gives: "cannot be broadcast to shape [1] of 'X'"),
    OperationCase("Cast(%a)", matrix, gives: "attribute 'to' is missing"),
    OperationCase("BitShift(%a, %a)", "[1] : u8[1]", gives: "attribute 'direction' is missing"),
    OperationCase("Celu(%a) {alpha: 0}", matrix, gives: "'alpha' divides, so it cannot be 0"),
    OperationCase("ReduceSum(%a, %b)", matrix, "[1, -1] : i64[2]", gives: "axis -1 is named twice"),
    OperationCase("ReduceSum(%a, %b)", matrix, "[2] : i64[1]", gives: "axis 2 does not exist in shape [2x3]"),
    OperationCase("ArgMax(%a)", "[] : f32[0]", gives: "axis 0 of f32[0] has no elements to choose from"),
    OperationCase(
      "TopK(%a, %b)", matrix, "[4] : i64[1]", gives: "operand 'K' is 4, but axis 1 of f32[2x3] has 3 elements"),
    OperationCase("CumSum(%a, %b)", "[1] : f32[]", "[0] : i64[]", gives: "axis 0 does not exist in a scalar"),
  ])
  func computing(_ testCase: OperationCase) { testCase.checkFault() }

  /// Weights in fixed point.
  @Test(arguments: [
    OperationCase(
      "Dense(%a, %b, _, %c) {output_features: 1}", matrix, "[1, 2, 3] : f32[3]", "[0] : i16[1]",
      gives: "X, W, B and E should have f32, i32, f32, i16"),
    OperationCase(
      "Dense(%a, %b, _, %c) {output_features: 1}", matrix, "[1, 2, 3] : i32[3]", "[0, 0] : i16[2]",
      gives: "E has shape [2], but should have [1]"),
    OperationCase(
      "Dense(%a, %b, _, %c) {output_features: 1}", matrix, "[2147483647, 2147483647, 2147483647] : i32[3]",
      "[0] : i16[1]", gives: "channel 0 add up to 6442450941.0, but should to at most 2^32"),
    OperationCase(
      "Dense(%a, %b, %d, %c) {output_features: 1}", matrix, "[1, 2, 3] : i32[3]", "[0] : i16[1]", "[inf] : f32[1]",
      gives: "B should have neither infinities nor NaN"),
  ])
  func inFixedPoint(_ testCase: OperationCase) { testCase.checkFault() }

  private static let bits = ["splat(1) : bit[1x2x2x3]", "splat(-1) : bit[1x32]", "[0] : i16[1]"]

  /// Sums of products of +1 and -1, and their thresholds.
  @Test(arguments: [
    OperationCase(
      "BinaryConv2D(%a, %b) {output_channels: 1, kernel_shape: [1, 1]}", bits[0], "splat(1) : bit[1x32]",
      gives: "W has bits set behind the 3 weights of a row, which should be -1"),
    OperationCase(
      "BinaryConv2D(%a, %b) {output_channels: 2, kernel_shape: [1, 1]}", bits,
      gives: "W has shape [1x32], but should have [2x32], because 2 rows of 3 bits lie in words"),
    OperationCase(
      "BinaryConv2D(%a, %b, _, %c) {output_channels: 1, kernel_shape: [1, 1]}", bits[0], bits[1], "[1] : bit[1]",
      gives: "there are flips or a pool, but no thresholds"),
    OperationCase(
      "BinaryConv2D(%a, %b, %c) {output_channels: 1, kernel_shape: [1, 1]}", bits[0], bits[1], "[0] : f32[1]",
      gives: "thresholds have elements of type f32, but should have i16"),
    OperationCase(
      "BinaryConv2D(%a, %b, %c) {output_channels: 1, kernel_shape: [1, 1], padding: 2}", bits,
      gives: "padding is 2, but should be -1, 0 or 1"),
    OperationCase(
      "BinaryConv2D(%a, %b, %c) {output_channels: 1, kernel_shape: [1, 1], pool_shape: [2, 2], pool_strides: [1, 1]}",
      bits, gives: "windows of a fused pool do not overlap"),
    OperationCase(
      "PlaneConv2D(%a, %b, %c) {image_shape: [2, 2], output_channels: 1, kernel_shape: [3, 3], pads: [1, 1, 1, 1], "
        + "padding: 0}", "splat(1) : bit[1x3x4]", bits[1], bits[2],
      gives: "padding is 0, but should be -1 or 1"),
    OperationCase(
      "PlaneConv2D(%a, %b, %c) {image_shape: [2, 3], output_channels: 1, kernel_shape: [1, 1]}",
      "splat(1) : bit[1x3x4]", bits[1], bits[2],
      gives: "X has shape [1x3x4], but should have [N, C, H * W], where image_shape [2, 3] is [H, W]"),
  ])
  func inBits(_ testCase: OperationCase) { testCase.checkFault() }

  private static func tree(_ tree: String, gives message: String) -> OperationCase {
    OperationCase(
      "PlaneConv2D(%a, %b, %c, _, %d) {image_shape: [2, 2], output_channels: 2, kernel_shape: [1, 1]}",
      "splat(1) : bit[1x3x4]", "bytes(0300000005000000) : bit[2x32]", "[0, 0] : i16[2]", tree, gives: message)
  }

  @Test(arguments: [
    tree("[0, 0] : i32[2]", gives: "tree has type i32[2], but should be a list of i16 or u8"),
    tree("[0, 0] : i16[2]", gives: "the tree leaves out channel 1"),
    tree("[0, 0, 0, 1] : i16[4]", gives: "step 1 of the tree computes channel 0 again"),
    tree("[0, 0, 0, 4] : i16[4]", gives: "step 1 of the tree has channel 2, but there are 2"),
    tree("[1, 0, 0, 2] : i16[4]", gives: "step 0 of the tree goes on from slot 1, in which there is nothing yet"),
    tree("[128, 0, 0, 2] : i16[4]", gives: "step 0 of the tree leaves out a slot before 2"),
    tree("[0, 0, 4096, 0, 2] : i16[5]", gives: "the tree has no step 1: 4096 0 2"),
    tree("[0, 0, 0, 0, 2, 0, 0, 0, 0] : u8[9]", gives: "the tree ends within step 0"),
    tree(
      "[0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 0, 0, 2] : u8[18]",
      gives: "step 0 of the tree does not make the weights of channel 0"),
    tree(
      "[0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0] : u8[17]",
      gives: "step 0 of the tree changes weight 0, which there is not, or which has that value"),
  ])
  func inTrees(_ testCase: OperationCase) { testCase.checkFault() }

  private static let quantized = ["[1, 2] : i8[1x2]", "[3, 4] : i8[2]", "[5] : i32[1]", "[0.5] : f32[1]"]

  @Test(arguments: [
    OperationCase(
      "QuantizedDense(%a, %b, %c, %d) {output_features: 2}", quantized,
      gives: "W has shape [2], but should have [4], because 2 columns of 2 weights are packed"),
    OperationCase(
      "QuantizedDense(%a, %b, %c, %d) {output_features: 1, x_zero: 200}", quantized,
      gives: "x_zero is 200, but X has elements of type i8"),
    OperationCase(
      "QuantizedDense(%a, %b, %c, %d) {output_features: 1, low: 5, high: 4}", quantized,
      gives: "low is 5, but should not be greater than high, which is 4"),
    OperationCase(
      "QuantizedDense(%a, %b, %c, %d) {output_features: 1, output_dtype: i16}", quantized,
      gives: "output_dtype is i16, but should be i8 or u8"),
    OperationCase(
      "QuantizedDense(%a, %b, %c, %d) {output_features: 1}", Array(quantized[..<3]) + ["[-0.5] : f32[1]"],
      gives: "multiplier has the element -0.5, but should have positive ones"),
    OperationCase(
      "QuantizedAdd(%a, %a) {a_multiplier: 8000000, b_multiplier: 8000000}", "[1] : i8[1]",
      gives: "make sums beyond 32 bits"),
    OperationCase(
      "QuantizedAveragePool2D(%a) {kernel_shape: [1, 1], output_shape: [1, 1], scale: 0}", "[1] : i8[1x1x1x1]",
      gives: "scale is 0.0, but should be a positive number"),
  ])
  func quantizing(_ testCase: OperationCase) { testCase.checkFault() }

  @Test(arguments: [
    OperationCase(
      "Reshape(%a, %b)", matrix, "[4, -1] : i64[2]", gives: "the 6 elements of f32[2x3] cannot be arranged"),
    OperationCase("Reshape(%a, %b)", matrix, "[-1, -1] : i64[2]", gives: "has -1 more than once"),
    OperationCase("Reshape(%a, %b)", matrix, "[2, 3, 0] : i64[3]", gives: "copies an axis that f32[2x3] does not have"),
    OperationCase("Squeeze(%a, %b)", matrix, "[0] : i64[1]", gives: "axis 0 of f32[2x3] has extent 2"),
    OperationCase("Transpose(%a) {perm: [0, 0]}", matrix, gives: "should name each axis of shape [2x3] once"),
    OperationCase(
      "Concat(%a, %b) {axis: 0}", matrix, "[1] : f32[1]", gives: "operand 1 is f32[1], but should be as f32[2x3]"),
    OperationCase("Concat(%a)", matrix, gives: "attribute 'axis' is missing"),
    OperationCase("Split(%a, %b)", matrix, "[1, 2] : i64[2]", gives: "the parts [1, 2] make 3, but axis 0"),
    OperationCase("Split(%a) {num_outputs: 3}", matrix, gives: "cannot split extent 2 into 3 parts"),
    OperationCase(
      "Slice(%a, %b, %b, %b, %c)", matrix, "[0] : i64[1]", "[0] : i64[1]", gives: "contains 0, with which nothing moves"
    ),
    OperationCase("Pad(%a, %b)", matrix, "[0, -4, 0, 0] : i64[4]", gives: "has fewer elements than 'pads' take away"),
    OperationCase(
      "Pad(%a, %b)", matrix, "[0, 9223372036854775807, 0, 1] : i64[4]", gives: "a number that is too large"),
    OperationCase("Pad(%a, %b) {mode: edge}", "[] : f32[0]", "[1, 0] : i64[2]", gives: "has no elements to repeat"),
    OperationCase("Tile(%a, %b)", matrix, "[1, 9223372036854775807] : i64[2]", gives: "axis 1 is too large"),
    OperationCase("DepthToSpace(%a) {blocksize: 2}", "splat(1) : f32[1x2x1x1]", gives: "are no multiple of 2 * 2"),
    OperationCase("Dropout(%a, _, %b)", matrix, "[true] : bool[]", gives: "only inference is possible"),
    OperationCase("Dropout(%a, %c, %b)", matrix, "[true] : bool[]", "[0.5] : f32[]", gives: "in training is random"),
    OperationCase("Dropout(%a, %c, %b)", matrix, "[true] : bool[]", "[0] : i64[]", gives: "should be one float"),
  ])
  func moving(_ testCase: OperationCase) { testCase.checkFault() }

  @Test(arguments: [
    OperationCase("Gather(%a, %b)", matrix, "[2] : i64[1]", gives: "index 2 is out of range of axis 0 of shape [2x3]"),
    OperationCase("GatherND(%a, %b)", matrix, "[0, -4] : i64[2]", gives: "index -4 is out of range of axis 1"),
    OperationCase("GatherElements(%a, %b)", matrix, "[1] : i64[1x4]", gives: "4 elements"),
    OperationCase(
      "ScatterND(%a, %b, %c)", matrix, "[0] : i64[1]", "[1, 2] : f32[2]",
      gives: "'updates' is f32[2], but should have shape [3]"),
    OperationCase("Range(%a, %a, %b)", "[1] : i32[]", "[0] : i32[]", gives: "operand 'delta' is 0"),
    OperationCase("Range(%a, %b, %a)", "[1] : f32[]", "[inf] : f32[]", gives: "the range has no end"),
    OperationCase(
      "OneHot(%a, %b, %b)", "[1] : i64[1]", "[2] : i64[]", gives: "should have the two elements off and on"),
    OperationCase("ConstantOfShape(%a)", "[-1] : i64[1]", gives: "extent -1 of f32[-1] is negative"),
    OperationCase("ConstantOfShape(%a)", "[4294967296, 4294967296] : i64[2]", gives: "is too large"),
  ])
  func indexing(_ testCase: OperationCase) { testCase.checkFault() }

  @Test(arguments: ["NonZero(%x)", "Reshape(%x, %x)", "OneHot(%x, %x, %y)", "Range(%x, %x, %x)"])
  func shapesThatDependOnInputs(_ call: String) {
    let text = "graph g {\n%x = Input : i64[1]\n%y = Input : f32[2]\n%z = \(call)\nreturn %z\n}"
    let error = #expect(throws: Diagnostic.self) { try Graph(parsing: text, file: "inputs.nnc") }
    #expect(error?.message.contains("must be known when the model is compiled") ?? false)
  }

  @Test(arguments: allOperations.indices)
  func defaultAttributesAreReadBack(_ index: Int) throws {
    func check<Op: Operation>(_: Op.Type) throws { #expect(try Op(Attributes(of: Op())) == Op()) }
    try check(allOperations[index])
  }

  @Test func operationsAreListedInOrder() {
    let names = allOperations.map { $0.name }
    #expect(names == names.sorted() && Set(names).count == names.count)
  }
}
