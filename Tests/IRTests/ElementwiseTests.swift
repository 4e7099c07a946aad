import Testing

/// The cases in which elementwise operations are not what the first guess is.
@Suite struct ElementwiseTests {
  @Test(arguments: [
    OperationCase("Add(%a, %b)", "[127, -128] : i8[2]", "[1, -1] : i8[2]", gives: "[-128, 127] : i8[2]"),
    OperationCase("Mul(%a, %a)", "[18446744073709551615] : u64[1]", gives: "[1] : u64[1]"),
    OperationCase("Div(%a, %b)", "[7, -7, 5] : i32[3]", "[2, 2, 0] : i32[3]", gives: "[3, -3, 0] : i32[3]"),
    OperationCase("Div(%a, %b)", "[-128] : i8[1]", "[-1] : i8[1]", gives: "[-128] : i8[1]"),
    OperationCase("Div(%a, %b)", "[1, -1] : f32[2]", "[0] : f32[]", gives: "[inf, -inf] : f32[2]"),
    OperationCase("Mod(%a, %b)", "[-7, 7, 7] : i32[3]", "[3, -3, 0] : i32[3]", gives: "[2, -2, 0] : i32[3]"),
    OperationCase("Mod(%a, %b) {fmod: 1}", "[-7, 7] : i32[2]", "[3, -3] : i32[2]", gives: "[-1, 1] : i32[2]"),
    OperationCase("Mod(%a, %b) {fmod: 1}", "[-7.5] : f32[1]", "[2] : f32[1]", gives: "[-1.5] : f32[1]"),
    OperationCase(
      "Pow(%a, %b)", "[2, -1, 0, 3] : i32[4]", "[-1, -3, -1, 4] : i64[4]", gives: "[0, -1, 0, 81] : i32[4]"),
    OperationCase("Pow(%a, %b)", "[2, 9] : i32[2]", "[0.5, 0.5] : f32[2]", gives: "[1, 3] : i32[2]"),
    OperationCase("Neg(%a)", "[-128, 5] : i8[2]", gives: "[-128, -5] : i8[2]"),
    OperationCase("Sign(%a)", "[-2, 0, 3] : f32[3]", gives: "[-1.0, 0.0, 1.0] : f32[3]"),
    OperationCase("Round(%a)", "[0.5, 1.5, 2.5, -0.5] : f32[4]", gives: "[0.0, 2.0, 2.0, -0.0] : f32[4]"),
    OperationCase("BitwiseNot(%a)", "[5] : u8[1]", gives: "[250] : u8[1]"),
    OperationCase(
      "BitShift(%a, %b) {direction: LEFT}", "[255, 1, 1] : u8[3]", "[1, 8, 200] : u8[3]", gives: "[254, 0, 0] : u8[3]"),
    OperationCase(
      "BitShift(%a, %b) {direction: RIGHT}", "[255, 1] : u8[2]", "[1, 8] : u8[2]", gives: "[127, 0] : u8[2]"),
  ])
  func arithmetic(_ testCase: OperationCase) throws { try testCase.check() }

  @Test(arguments: [
    OperationCase("Clip(%a, %b, %c)", "[1, 5] : i8[2]", "[4] : i8[]", "[2] : i8[]", gives: "[2, 2] : i8[2]"),
    OperationCase("Clip(%a, _, %b)", "[-128, 5] : i8[2]", "[2] : i8[]", gives: "[-128, 2] : i8[2]"),
    OperationCase("Clip(%a)", "[-inf, inf] : f32[2]", gives: "[-inf, inf] : f32[2]"),
    OperationCase("Max(%a, %b, %c)", "[1, 5] : i8[2]", "[4] : i8[]", "[2] : i8[1x1]", gives: "[4, 5] : i8[1x2]"),
    OperationCase(
      "Where(%a, %b, %c)", "[1, 0] : bool[2]", "[9223372036854775807] : i64[]", "[-1] : i64[1]",
      gives: "[9223372036854775807, -1] : i64[2]"),
    OperationCase("Mean(%a, %b)", "[1, 2] : f32[2]", "[4] : f32[]", gives: "[2.5, 3.0] : f32[2]"),
    OperationCase("HardSwish(%a)", "[-4, 0, 3, 4] : f32[4]", gives: "[-0.0, 0.0, 3.0, 4.0] : f32[4]"),
    OperationCase("LeakyRelu(%a)", "[-1] : f32[1]", gives: "[-0.01] : f32[1]"),
    OperationCase("Softplus(%a)", "[1000, -1000] : f32[2]", gives: "[1000.0, 0.0] : f32[2]"),
    OperationCase("Elu(%a) {alpha: 2}", "[-inf, 3] : f32[2]", gives: "[-2.0, 3.0] : f32[2]"),
    OperationCase("Gelu(%a)", "[-1, 0, 1] : f32[3]", gives: "[-0.15865526, 0.0, 0.8413448] : f32[3]"),
    OperationCase("Gelu(%a) {approximate: tanh}", "[-1, 1] : f32[2]", gives: "[-0.15880801, 0.841192] : f32[2]"),
    OperationCase(
      "PRelu(%a, %b)", "[-1, 2, -3, 4] : f32[2x2]", "[10, 20] : f32[2]", gives: "[-10.0, 2.0, -30.0, 4.0] : f32[2x2]"),
    OperationCase(
      "Equal(%a, %b)", "[9223372036854775807] : i64[1]", "[9223372036854775806] : i64[1]", gives: "[false] : bool[1]"),
    OperationCase("IsInf(%a) {detect_negative: 0}", "[-inf, inf, 1] : f32[3]", gives: "[false, true, false] : bool[3]"),
  ])
  func selection(_ testCase: OperationCase) throws { try testCase.check() }

  @Test(arguments: [
    OperationCase("Cast(%a) {to: i8}", "[-1.9, 1.9, 300, -inf] : f32[4]", gives: "[-1, 1, 127, -128] : i8[4]"),
    OperationCase("Cast(%a) {to: i8}", "[300, -129] : i32[2]", gives: "[44, 127] : i8[2]"),
    OperationCase("Cast(%a) {to: bool}", "[0.5, 0, -0.0] : f32[3]", gives: "[true, false, false] : bool[3]"),
    OperationCase("Cast(%a) {to: f16}", "[65519, 65520, 0.1] : f64[3]", gives: "[65504.0, inf, 0.099975586] : f16[3]"),
    OperationCase("Cast(%a) {to: f32}", "[16777217, 16777219] : i64[2]", gives: "[16777216.0, 1.677722e+07] : f32[2]"),
    // Through double precision this would be rounded twice, to 9.007199e+15.
    OperationCase("CastLike(%a, %b)", "[9007199791611905] : i64[1]", "[] : f32[0]", gives: "[9.0072e+15] : f32[1]"),
  ])
  func casts(_ testCase: OperationCase) throws { try testCase.check() }

  @Test(arguments: ["Max", "Min", "Add", "Sum"], ["%nan, %one", "%one, %nan"])
  func nanSpreads(_ op: String, _ operands: String) throws {
    let text = """
      graph g {
        %zero = Constant [0] : f32[1]
        %one = Constant [1] : f32[1]
        %nan = Div(%zero, %zero)
        %y = \(op)(\(operands))
        %z = IsNaN(%y)
        return %z
      }
      """
    #expect(try constantOutputs(of: text) == "[true] : bool[1]")
  }
}
