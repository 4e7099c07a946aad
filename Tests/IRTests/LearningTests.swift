import IR
import Testing

/// The operations of classical machine learning.
@Suite struct LearningTests {
  private static let rows = "[0, 1, 1, 0] : f32[2x2]"
  private static let tree = ["[0, 255, 255] : u8[3]", "[2, 0, 1] : u8[3]", "[0.5, 3, 4] : f32[3]", "[0] : u8[1]"]

  @Test(arguments: [
    OperationCase("SquaredDistances(%a, %b)", rows, "[3, 4] : f32[1x2]", gives: "[18.0, 20.0] : f32[2x1]"),
    OperationCase(
      "Lookup(%a, %b, %c, %d)", "[3, 1, 7] : i64[3]", "[1, 3] : i64[2]", "[10, 30] : i32[2]", "[-1] : i32[]",
      gives: "[30, 10, -1] : i32[3]"),
    OperationCase("ClassLabels(%a) {names: [a, b]}", "[1, 0] : i64[2]", gives: "[1, 0] : i64[2]"),
    // Each class as likely against each other one.
    OperationCase("PairwiseProbabilities(%a) {classes: 2}", "[0.5] : f32[1x1]", gives: "[0.5, 0.5] : f32[1x2]"),
    // 1 2 occurs twice without skips, and once more over the 3.
    OperationCase(
      "GramCounts(%a, %b, %c) {width: 2, skips: 1}", "[1, 2, 1, 3, 2, 1, 2] : i32[7]", "[1, 2] : i32[1x2]",
      "[1] : u16[1]", gives: "[0.0, 3.0] : f32[2]"),
  ])
  func values(_ testCase: OperationCase) throws { try testCase.check() }

  @Test(arguments: [
    OperationCase(
      "SquaredDistances(%a, %b)", rows, "[3] : f32[1x1]", gives: "should be matrices with rows of one length"),
    OperationCase(
      "Lookup(%a, %b, %b, %c)", "[1] : i64[1]", "[3, 1] : i64[2]", "[0] : i64[]", gives: "should have numbers that rise"
    ),
    OperationCase("PairwiseProbabilities(%a) {classes: 3}", rows, gives: "3 classes need rows of 3"),
    OperationCase(
      "GramCounts(%a, %a, %b) {width: 1}", "[1] : i32[1x1]", "[1] : u16[1]",
      gives: "counted at place 1, but a row has 1"
    ),
    OperationCase("ClassLabels(%a)", rows, gives: "should be i32 or i64"),
  ])
  func faults(_ testCase: OperationCase) { testCase.checkFault() }

  /// The tables of a tree with some elements of others, so that a walk would not end or leave the tables.
  @Test(arguments: [
    ("", "", "", "", nil),
    ("[2, 255, 255] : u8[3]", "", "", "", "node 0 compares feature 2, but there are 2"),
    ("[0, 255, 1] : u8[3]", "", "", "", "node 2 leads out of the table of 3 nodes"),
    ("[0, 255, 254] : u8[3]", "", "", "", "node 2 should be followed by another vote"),
    ("[0, 254, 0] : u8[3]", "", "", "", "node 1 should be followed by another vote"),
    ("[0, 1, 1] : i8[3]", "", "", "", "should be a table of unsigned integers"),
    ("", "[0, 0, 1] : u8[3]", "", "", "node 0 leads out of the table of 3 nodes"),
    ("", "[3, 0, 1] : u8[3]", "", "", "node 0 leads out of the table of 3 nodes"),
    ("", "[2, 0, 2] : u8[3]", "", "", "node 2 votes for target 2, but there are 2"),
    ("", "", "[1, 2] : f32[2]", "", "the tables have 3, 3 and 2 elements"),
    ("", "", "", "[3] : u8[1]", "a tree starts at node 3, but there are 3 nodes"),
  ])
  func trees(_ features: String, _ skips: String, _ values: String, _ roots: String, _ fault: String?) throws {
    let tables = zip([features, skips, values, roots], Self.tree).map { $0.isEmpty ? $1 : $0 }
    let constants = zip("bcde", tables).map { "%\($0) = Constant \($1)\n" }.joined()
    let text = """
      graph g {
        %a = Constant \(Self.rows)
        \(constants)%y = DecisionTrees(%a, %b, %c, %d, %e) {targets: 2}
        return %y
      }
      """
    guard let fault else {
      return #expect(try constantOutputs(of: text) == "[3.0, 0.0, 0.0, 4.0] : f32[2x2]")
    }
    let error = #expect(throws: Diagnostic.self) { try constantOutputs(of: text) }
    #expect(error?.message.contains(fault) ?? false, "\(error?.message ?? "no error")")
  }
}
