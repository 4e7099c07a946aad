import IR
import Testing

/// An operation applied to constants, and what comes of it.
struct OperationCase: CustomTestStringConvertible, Sendable {
  let call: String
  let operands: [String]
  let expected: String

  /// `call` names its operands `%a`, `%b` and so on; `expected` are the results, or part of the message of an error.
  init(_ call: String, _ operands: String..., gives expected: String) {
    self.init(call, operands, gives: expected)
  }

  /// The same with a list of operands.
  init(_ call: String, _ operands: [String], gives expected: String) {
    self.call = call
    self.operands = operands
    self.expected = expected
  }

  var testDescription: String { "\(call) of \(operands.joined(separator: "; "))" }

  private func results() throws -> String {
    let constants = zip("abcde", operands).map { "%\($0) = Constant \($1)\n" }.joined()
    let outputs = expected.split(separator: ";").indices.map { "%y\($0)" }.joined(separator: ", ")
    return try constantOutputs(of: "graph g {\n\(constants)\(outputs) = \(call)\nreturn \(outputs)\n}")
  }

  func check() throws {
    let found = try results()
    #expect(found == expected)
  }

  func checkFault() {
    let error = #expect(throws: Diagnostic.self) { try results() }
    #expect(error?.message.contains(expected) ?? false, "\(error?.message ?? "no error")")
  }
}

/// The outputs of a graph without inputs as literals, by constant folding.
///
/// The interpreter must agree, and the graph must survive printing.
func constantOutputs(of text: String) throws -> String {
  let graph = try Graph(parsing: text, file: "case.nnc")
  let printed = graph.text(constants: .exact)
  #expect(try Graph(parsing: printed, file: "printed.nnc").text(constants: .exact) == printed)
  let tensors = try graph.outputs.map { try #require(try graph.knownTensor($0.value)) }
  #expect(try graph.evaluate([:]) == tensors)
  return tensors.map { "\($0.literal(.exact)) : \($0.type)" }.joined(separator: "; ")
}
