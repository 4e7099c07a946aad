import Testing

@Suite struct ReductionTests {
  private static let matrix = "[1, 2, 3, 4, 5, 6] : f32[2x3]"

  @Test(arguments: [
    OperationCase("ReduceSum(%a)", matrix, gives: "[21.0] : f32[1x1]"),
    OperationCase("ReduceSum(%a, %b) {keepdims: 0}", matrix, "[-1] : i64[1]", gives: "[6.0, 15.0] : f32[2]"),
    OperationCase("ReduceSum(%a, %b) {keepdims: 0}", matrix, "[1, 0] : i64[2]", gives: "[21.0] : f32[]"),
    OperationCase("ReduceSum(%a, %b)", matrix, "[] : i64[0]", gives: "[21.0] : f32[1x1]"),
    OperationCase(
      "ReduceSumSquare(%a) {noop_with_empty_axes: 1}", matrix, gives: "[1.0, 4.0, 9.0, 16.0, 25.0, 36.0] : f32[2x3]"),
    OperationCase("ReduceMean(%a)", "[-1, -2] : i32[2]", gives: "[-1] : i32[1]"),
    OperationCase("ReduceProd(%a)", "[100, 100] : i8[2]", gives: "[16] : i8[1]"),
    OperationCase("ReduceL1(%a)", "[-3, 4] : f32[2]", gives: "[7.0] : f32[1]"),
    OperationCase("ReduceL2(%a)", "[-3, 4] : i32[2]", gives: "[5] : i32[1]"),
    OperationCase("ReduceLogSumExp(%a)", "[1000, 1000] : f64[2]", gives: "[1000.6931471805599] : f64[1]"),
    OperationCase("ReduceLogSumExp(%a)", "[-inf, -inf] : f32[2]", gives: "[-inf] : f32[1]"),
    OperationCase("ReduceMax(%a)", "[false, true] : bool[2]", gives: "[true] : bool[1]"),
  ])
  func reductions(_ testCase: OperationCase) throws { try testCase.check() }

  @Test(arguments: [
    OperationCase("ReduceSum(%a)", "[] : f32[0]", gives: "[0.0] : f32[1]"),
    OperationCase("ReduceProd(%a)", "[] : i32[0]", gives: "[1] : i32[1]"),
    OperationCase("ReduceMax(%a)", "[] : f32[0]", gives: "[-inf] : f32[1]"),
    OperationCase("ReduceMax(%a)", "[] : i8[0]", gives: "[-128] : i8[1]"),
    OperationCase("ReduceMax(%a)", "[] : bool[0]", gives: "[false] : bool[1]"),
    OperationCase("ReduceMin(%a)", "[] : u64[0]", gives: "[18446744073709551615] : u64[1]"),
    OperationCase("ReduceLogSum(%a)", "[] : f32[0]", gives: "[-inf] : f32[1]"),
    OperationCase("ReduceMin(%a, %b)", "[] : f32[2x0]", "[1] : i64[1]", gives: "[inf, inf] : f32[2x1]"),
    OperationCase("ReduceMin(%a, %b)", "[] : f32[2x0]", "[0] : i64[1]", gives: "[] : f32[1x0]"),
  ])
  func reductionsOfNothing(_ testCase: OperationCase) throws { try testCase.check() }

  @Test(arguments: [
    OperationCase("ArgMax(%a) {axis: 1}", "[1, 3, 3, 5, 4, 5] : f32[2x3]", gives: "[1, 0] : i64[2x1]"),
    OperationCase(
      "ArgMax(%a) {axis: -1, select_last_index: 1, keepdims: 0}", "[1, 3, 3, 5, 4, 5] : f32[2x3]",
      gives: "[2, 2] : i64[2]"),
    OperationCase("ArgMin(%a)", "[18446744073709551615, 18446744073709551614] : u64[2]", gives: "[1] : i64[1]"),
    OperationCase(
      "TopK(%a, %b)", "[1, 3, 2, 3] : i8[4]", "[3] : i64[1]", gives: "[3, 3, 2] : i8[3]; [1, 3, 2] : i64[3]"),
    OperationCase(
      "TopK(%a, %b) {axis: 0, largest: 0}", "[4, 1, 3, 2] : f32[2x2]", "[1] : i64[1]",
      gives: "[3.0, 1.0] : f32[1x2]; [1, 0] : i64[1x2]"),
    OperationCase("CumSum(%a, %b)", "[1, 2, 3] : f32[3]", "[0] : i32[]", gives: "[1.0, 3.0, 6.0] : f32[3]"),
    OperationCase(
      "CumSum(%a, %b) {exclusive: 1, reverse: 1}", "[1, 2, 3, 4] : i32[2x2]", "[-1] : i32[]",
      gives: "[2, 0, 4, 0] : i32[2x2]"),
  ])
  func alongAnAxis(_ testCase: OperationCase) throws { try testCase.check() }
}
