import IR
import Testing

@Suite struct MovementTests {
  private static let six = "[0, 1, 2, 3, 4, 5] : i8[6]"
  private static let matrix = "[0, 1, 2, 3, 4, 5] : i8[2x3]"

  @Test(arguments: [
    OperationCase("Slice(%a, %b, %c)", six, "[-2] : i64[1]", "[9223372036854775807] : i64[1]", gives: "[4, 5] : i8[2]"),
    OperationCase(
      "Slice(%a, %b, %c, _, %d)", six, "[9] : i64[1]", "[-9223372036854775808] : i64[1]", "[-2] : i64[1]",
      gives: "[5, 3, 1] : i8[3]"),
    OperationCase(
      "Slice(%a, %b, %c, _, %d)", six, "[4] : i64[1]", "[-6] : i64[1]", "[-1] : i64[1]", gives: "[4, 3, 2, 1] : i8[4]"),
    OperationCase(
      "Slice(%a, %b, %c, _, %d)", six, "[1] : i64[1]", "[6] : i64[1]", "[9223372036854775807] : i64[1]",
      gives: "[1] : i8[1]"),
    OperationCase("Slice(%a, %b, %c)", six, "[4] : i32[1]", "[2] : i32[1]", gives: "[] : i8[0]"),
    OperationCase(
      "Slice(%a, %b, %c, %d)", matrix, "[1] : i64[1]", "[3] : i64[1]", "[-1] : i64[1]", gives: "[1, 2, 4, 5] : i8[2x2]"),
    OperationCase(
      "Split(%a) {num_outputs: 3}", "[0, 1, 2, 3] : i8[4]", gives: "[0, 1] : i8[2]; [2, 3] : i8[2]; [] : i8[0]"),
    OperationCase(
      "Split(%a, %b) {axis: -1}", matrix, "[1, 2] : i64[2]", gives: "[0, 3] : i8[2x1]; [1, 2, 4, 5] : i8[2x2]"),
    OperationCase(
      "Concat(%a, %b) {axis: -1}", matrix, "[8, 9] : i8[2x1]", gives: "[0, 1, 2, 8, 3, 4, 5, 9] : i8[2x4]"),
  ])
  func parts(_ testCase: OperationCase) throws { try testCase.check() }

  @Test(arguments: [
    OperationCase("Pad(%a, %b)", "[1, 2] : i8[2]", "[1, 2] : i64[2]", gives: "[0, 1, 2, 0, 0] : i8[5]"),
    OperationCase("Pad(%a, %b, %c)", "[1, 2] : i8[2]", "[-1, 2] : i64[2]", "[9] : i8[]", gives: "[2, 9, 9] : i8[3]"),
    OperationCase(
      "Pad(%a, %b, _, %c)", matrix, "[1, 0] : i64[2]", "[-1] : i64[1]", gives: "[0, 0, 1, 2, 0, 3, 4, 5] : i8[2x4]"),
    OperationCase(
      "Pad(%a, %b) {mode: reflect}", "[1, 2, 3] : i8[3]", "[3, 5] : i64[2]",
      gives: "[2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2] : i8[11]"),
    OperationCase("Pad(%a, %b) {mode: reflect}", "[7] : i8[1]", "[1, 1] : i64[2]", gives: "[7, 7, 7] : i8[3]"),
    OperationCase("Pad(%a, %b) {mode: edge}", "[1, 2] : i8[2]", "[2, 1] : i64[2]", gives: "[1, 1, 1, 2, 2] : i8[5]"),
    OperationCase(
      "Pad(%a, %b) {mode: wrap}", "[1, 2, 3] : i8[3]", "[4, 1] : i64[2]", gives: "[3, 1, 2, 3, 1, 2, 3, 1] : i8[8]"),
    OperationCase("Pad(%a, %b) {mode: reflect}", six, "[-3, 2] : i64[2]", gives: "[3, 4, 5, 4, 3] : i8[5]"),
  ])
  func padding(_ testCase: OperationCase) throws { try testCase.check() }

  @Test(arguments: [
    OperationCase("Reshape(%a, %b)", matrix, "[0, -1, 1] : i64[3]", gives: "[0, 1, 2, 3, 4, 5] : i8[2x3x1]"),
    OperationCase("Reshape(%a, %b) {allowzero: 1}", "[] : i8[0x3]", "[3, 0] : i64[2]", gives: "[] : i8[3x0]"),
    OperationCase("Flatten(%a) {axis: 0}", matrix, gives: "[0, 1, 2, 3, 4, 5] : i8[1x6]"),
    OperationCase("Flatten(%a) {axis: 0}", "[3] : i8[]", gives: "[3] : i8[1x1]"),
    OperationCase("Squeeze(%a)", "[3, 4] : i8[1x2x1]", gives: "[3, 4] : i8[2]"),
    OperationCase("Unsqueeze(%a, %b)", "[3, 4] : i8[2]", "[-1, 0] : i64[2]", gives: "[3, 4] : i8[1x2x1]"),
    OperationCase("Transpose(%a)", matrix, gives: "[0, 3, 1, 4, 2, 5] : i8[3x2]"),
    OperationCase("Expand(%a, %b)", "[1, 2] : i8[2x1]", "[1, 3] : i64[2]", gives: "[1, 1, 1, 2, 2, 2] : i8[2x3]"),
    OperationCase("Tile(%a, %b)", "[1, 2] : i8[1x2]", "[2, 2] : i64[2]", gives: "[1, 2, 1, 2, 1, 2, 1, 2] : i8[2x4]"),
    OperationCase(
      "DepthToSpace(%a) {blocksize: 2}", "[0, 1, 2, 3, 4, 5, 6, 7] : i8[1x8x1x1]",
      gives: "[0, 2, 4, 6, 1, 3, 5, 7] : i8[1x2x2x2]"),
    OperationCase(
      "DepthToSpace(%a) {blocksize: 2, mode: CRD}", "[0, 1, 2, 3, 4, 5, 6, 7] : i8[1x8x1x1]",
      gives: "[0, 1, 2, 3, 4, 5, 6, 7] : i8[1x2x2x2]"),
    OperationCase(
      "SpaceToDepth(%a) {blocksize: 2}", "[0, 2, 4, 6, 1, 3, 5, 7] : i8[1x2x2x2]",
      gives: "[0, 1, 2, 3, 4, 5, 6, 7] : i8[1x8x1x1]"),
    OperationCase("Trilu(%a, %b) {upper: 0}", matrix, "[-1] : i64[]", gives: "[0, 0, 0, 3, 0, 0] : i8[2x3]"),
    OperationCase("Dropout(%a)", "[3] : f32[1]", gives: "[3.0] : f32[1]; [true] : bool[1]"),
  ])
  func shapes(_ testCase: OperationCase) throws { try testCase.check() }

  @Test(arguments: [
    OperationCase("Gather(%a, %b) {axis: 1}", matrix, "[-1, 0] : i64[2]", gives: "[2, 0, 5, 3] : i8[2x2]"),
    OperationCase("Gather(%a, %b)", matrix, "[1] : i32[]", gives: "[3, 4, 5] : i8[3]"),
    OperationCase("GatherElements(%a, %b) {axis: 1}", matrix, "[2, -3] : i64[2x1]", gives: "[2, 3] : i8[2x1]"),
    OperationCase("GatherND(%a, %b)", matrix, "[1, 0, 0, -1] : i64[2x2]", gives: "[3, 2] : i8[2]"),
    OperationCase("GatherND(%a, %b) {batch_dims: 1}", matrix, "[1, 0] : i64[2x1]", gives: "[1, 3] : i8[2]"),
    OperationCase(
      "ScatterElements(%a, %b, %c)", "[1, 2, 3] : i8[3]", "[2, 2] : i64[2]", "[8, 9] : i8[2]",
      gives: "[1, 2, 9] : i8[3]"),
    OperationCase(
      "ScatterElements(%a, %b, %c) {reduction: add}", "[1, 2, 3] : i8[3]", "[-1, 2] : i64[2]", "[8, 9] : i8[2]",
      gives: "[1, 2, 20] : i8[3]"),
    OperationCase(
      "ScatterND(%a, %b, %c) {reduction: max}", "[1, 2, 3, 4] : f32[2x2]", "[1, 1] : i64[2x1]",
      "[0, 9, 5, 6] : f32[2x2]",
      gives: "[1.0, 2.0, 5.0, 9.0] : f32[2x2]"),
    OperationCase(
      "OneHot(%a, %b, %c) {axis: 0}", "[1, -1, 7] : i64[3]", "[2] : i64[]", "[0, 5] : f32[2]",
      gives: "[0.0, 0.0, 0.0, 5.0, 5.0, 0.0] : f32[2x3]"),
    OperationCase("NonZero(%a)", "[0, 1, 0, 2, 0, 0] : i8[2x3]", gives: "[0, 1, 1, 0] : i64[2x2]"),
    OperationCase("Range(%a, %b, %c)", "[10] : i32[]", "[4] : i32[]", "[-3] : i32[]", gives: "[10, 7] : i32[2]"),
    OperationCase(
      "Range(%a, %b, %c)", "[0] : f32[]", "[1] : f32[]", "[0.4] : f32[]", gives: "[0.0, 0.4, 0.8] : f32[3]"),
    OperationCase("ConstantOfShape(%a)", "[2] : i64[1]", gives: "[0.0, 0.0] : f32[2]"),
    OperationCase("ConstantOfShape(%a) {value: tensor([7] : i8[1])}", "[] : i64[0]", gives: "[7] : i8[]"),
  ])
  func indexing(_ testCase: OperationCase) throws { try testCase.check() }

  @Test func shapesAreKnownFromTypes() throws {
    let text = """
      graph g {
        %x = Input : f32[2x3x4]
        %shape = Shape(%x) {start: -2, end: 9}
        %size = Size(%x)
        %axes = Constant [0] : i64[1]
        %list = Unsqueeze(%size, %axes)
        %all = Concat(%shape, %list) {axis: 0}
        %y = Reshape(%x, %list)
        return %all, %y
      }
      """
    let graph = try Graph(parsing: text, file: "shapes.nnc")
    #expect(try graph.knownTensor(graph.outputs[0].value) == Tensor([3, 4, 24] as [Int64]))
    #expect(graph.type(of: graph.outputs[1].value) == TensorType(.f32, [24]))
  }
}
