import Foundation
import IR
import Testing

/// Operators of com.microsoft, against recorded results of the runtime that they come from.
@Suite struct ContributedTests {
  /// A call, its operands, and its results of which some may be unknown.
  struct Case: CustomTestStringConvertible, Sendable {
    var call: String
    var operands: [String] = []
    var results: [String?] = []

    var testDescription: String { call }

    /// All cases of the file.
    static let all: [Case] = {
      let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Reference/contributed.txt")
      let lines = (try? String(contentsOf: file, encoding: .utf8))?.split(separator: "\n") ?? []
      var cases: [Case] = []
      for line in lines where !line.hasPrefix("#") {
        if line.hasPrefix("  ") {
          cases[cases.count - 1].operands.append(String(line.dropFirst(2)))
        } else if line.hasPrefix("= ") {
          cases[cases.count - 1].results.append(line == "= _" ? nil : String(line.dropFirst(2)))
        } else {
          cases.append(Case(call: String(line)))
        }
      }
      return cases
    }()
  }

  @Test(arguments: Case.all)
  func reference(_ testCase: Case) throws {
    var lines = zip("abcdefghij", testCase.operands).map { "%\($0) = Constant \($1)" }
    let names = testCase.results.indices.map { "%y\($0)" }
    let given = testCase.results.indices.filter { testCase.results[$0] != nil }
    lines.append("\(names.joined(separator: ", ")) = \(testCase.call)")
    lines += given.map { "%e\($0) = Constant \(testCase.results[$0]!)" }
    let outputs = given.map { "%y\($0)" } + given.map { "%e\($0)" }
    let text = "graph g {\n\(lines.joined(separator: "\n"))\nreturn \(outputs.joined(separator: ", "))\n}"
    let tensors = try Graph(parsing: text, file: "contributed.txt").evaluate([:])
    for (found, expected) in zip(tensors, tensors[given.count...]) {
      #expect(found.type == expected.type)
      for (a, b) in zip(found.reals, expected.reals) {
        #expect(abs(a - b) <= 1e-5 * max(1, abs(b)), "\(found.reals) is not \(expected.reals)")
      }
    }
  }

  @Test func allAreThere() {
    let names = allOperations.map { $0.name }.filter { $0.hasPrefix("com.microsoft.") }
    #expect(names.filter { name in !Case.all.contains { $0.call.hasPrefix("\(name)(") } }.isEmpty)
  }

  private static let rows = "splat(1) : f32[1x2x4]"

  @Test(arguments: [
    OperationCase("com.microsoft.MultiHeadAttention(%a, %a, %a)", rows, gives: "attribute 'num_heads' is missing"),
    OperationCase("com.microsoft.MultiHeadAttention(%a) {num_heads: 2}", rows, gives: "key and value are needed"),
    OperationCase(
      "com.microsoft.MultiHeadAttention(%a, %a, %a, %b) {num_heads: 2}", rows, "splat(1) : f32[13]",
      gives: "bias has shape [13], but should have the 12 sums"),
    OperationCase(
      "com.microsoft.MultiHeadAttention(%a, %a, %a, _, %b) {num_heads: 2}", rows, "splat(1) : i32[3]",
      gives: "the mask has shape [3], but should be [1], [1x2] or [1x2x2]"),
    OperationCase(
      "com.microsoft.Attention(%a, %b) {num_heads: 2, qkv_hidden_sizes: [4, 9223372036854775807, 4]}", rows,
      "splat(1) : f32[4x12]", gives: "should make the 12 columns of weights"),
    OperationCase(
      "com.microsoft.RotaryEmbedding(%a, %b, %a, %a)", rows, "[0] : i64[1]",
      gives: "cos_cache [1x2x4] has a wrong shape"),
    OperationCase("com.microsoft.SkipLayerNormalization(%a, %b, %b)", "[1] : f32[1]", rows, gives: "should not extend"),
    OperationCase(
      "com.microsoft.EmbedLayerNormalization(%a, _, %b, %c, _, %c, %c)", "[0, 0] : i32[1x2]", "splat(1) : f32[3x1]",
      "[1] : f32[1x1]", gives: "should have a row for each of 2 positions"),
    OperationCase(
      "com.microsoft.FusedGemm(%a, %a) {activation: Clip}", "[1] : f32[1x1]", gives: "a least and a greatest number"),
    OperationCase(
      "com.microsoft.QLinearConcat(%a, %b, %b) {axis: 0}", "[1] : f32[]", "[1] : u8[]",
      gives: "a scale and a zero point"),
    OperationCase(
      "com.microsoft.QLinearSoftmax(%a, %b, _, %b)", "[1] : u8[1]", "[1] : f32[]", gives: "attribute 'opset' is missing"
    ),
  ])
  func faults(_ testCase: OperationCase) { testCase.checkFault() }
}
