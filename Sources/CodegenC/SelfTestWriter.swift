import IR
import Targets

/// Writes the self-test of a model: tables of known answers, and the function that runs the steps and compares each.
///
///     int32_t NAME_self_test(void *arena) {
///       for each test {
///         NAME_1_conv(inputs->image, …);
///         if (NAME_test_differs_f32(…, sums + 0)) return 1;
///         …
struct SelfTestWriter {
  private let interface: CInterface
  private let function: GraphFunction
  private let test: SelfTest
  /// Where everything lies during the test.
  private(set) var layout: SelfTestLayout
  /// The results of all nodes for each test.
  private let answers: [[[Tensor]]]
  private let roundings: [Rounding]
  /// What the table of sums has for each test, and what that of hashes has.
  private var sums: [[String]]
  private var hashes: [[String]]
  /// The types for which there is a function that compares, in the order of use.
  private var functions: [(name: String, kind: Comparison, element: ElementType)] = []

  private enum Comparison: String {
    case differs, hash
    case isFar = "is_far"
  }

  /// Computes the known answers by the definitions of the operations.
  init(_ function: GraphFunction, _ interface: CInterface, test: SelfTest, target: Target) throws {
    (self.function, self.interface, self.test) = (function, interface, test)
    layout = SelfTestLayout(interface, function.plan, copiesTables: target.hasSeparateProgramMemory)
    answers = try test.inputs.map { try function.graph.evaluateAll($0) }
    roundings = function.graph.roundings
    sums = test.inputs.map { _ in [] }
    hashes = sums
  }

  private var graph: Graph { function.graph }
  private var name: String { interface.name }

  /// What follows the name of the model and `_` in the symbols of a self-test.
  static func suffixes(for graph: Graph) -> [String] {
    ["self_test", "step_name", "test_inputs", "test_sums", "test_hashes"]
      + graph.inputs.indices.map { "test_input_\($0)" } + graph.outputs.indices.map { "test_output_\($0)" }
      + ElementType.allCases.flatMap { element in
        [Comparison.differs, .hash, .isFar].map { "test_\($0.rawValue)_\(element)" }
      }
  }

  /// The tables and functions.
  mutating func written() -> CWriter {
    let loop = loopBody()
    layout.addTables(sums: sums[0].count, hashes: hashes[0].count)
    var c = CWriter()
    c.line()
    c.line("/* Known answers, for \(name)_self_test. */")
    writeInputs(into: &c)
    for (index, output) in graph.outputs.enumerated() where isReal(output.value) {
      table("test_output_\(index)", graph.type(of: output.value).element.cType, literals(of: output.value), &c)
    }
    if !sums[0].isEmpty { table("test_sums", "float", sums.flatMap { $0 }, &c) }
    if !hashes[0].isEmpty { table("test_hashes", "uint32_t", hashes.flatMap { $0 }, &c) }
    for function in functions { write(function.name, function.kind, function.element, into: &c) }
    writeStepNames(into: &c)
    writeTest(loop, into: &c)
    return c
  }

  private func table(_ suffix: String, _ type: String, _ literals: [String], _ c: inout CWriter) {
    c.line("static const \(type) \(name)_\(suffix)[] \(c.kernel("NNC_WEIGHTS")) = {")
    for row in cRows(of: literals.isEmpty ? ["0"] : literals) { c.line("  " + row) }
    c.line("};")
    c.line()
  }

  /// The elements that a value has in all tests.
  private func literals(of value: Value) -> [String] { answers.flatMap { $0[value.node][value.result].cLiterals } }

  private func isReal(_ value: Value) -> Bool {
    let element = graph.type(of: value).element
    return AnswerCheck.isReal(element, roundings[value.node])
  }
}

extension SelfTestWriter {
  private func writeInputs(into c: inout CWriter) {
    for (index, input) in graph.inputs.enumerated() {
      table("test_input_\(index)", graph.type(of: input.value).element.cType, literals(of: input.value), &c)
    }
    if layout.copiesTables { return }
    c.line("const \(name)_inputs \(name)_test_inputs[] = {")
    for test in answers.indices {
      let pointers = interface.givenInputs.map { index in
        "\(name)_test_input_\(index) + \(test * interface.allInputs[index].type.cElementCount)"
      }
      c.line("  {\(pointers.isEmpty ? "0" : pointers.joined(separator: ", "))},")
    }
    c.line("};")
    c.line()
  }

  /// What is done for each test: the steps, each with its comparison.
  private mutating func loopBody() -> CWriter {
    var c = CWriter()
    var checks: [[String]] = []
    for call in function.calls {
      checks.append(call.number.map { step in call.results.compactMap { check($0, step) } } ?? [])
    }
    var next = checks.makeIterator()
    function.writeCalls(into: &c) { call, c in
      c.line(call.statement)
      for check in next.next()! { c.line(check) }
    }
    let lastStep = function.calls.compactMap(\.number).last ?? 0
    for (index, output) in graph.outputs.enumerated() where isReal(output.value) {
      let step = function.calls.first { call in call.results.contains { $0.value == output.value } }?.number
      c.line(outputCheck(index, output.value, step ?? lastStep))
    }
    return c
  }

  /// The comparison of a result of a step; nil where it has none.
  private mutating func check(_ result: (value: Value, pointer: String), _ step: Int) -> String? {
    let type = graph.type(of: result.value)
    let place: String
    let all = answers.map { answers in
      AnswerCheck(
        answers[result.value.node][result.value.result], roundings[result.value.node], tolerance: test.tolerance)
    }
    switch all[0] {
    case nil: return nil
    case .hash:
      place = "hashes[\(hashes[0].count)]"
      for (index, check) in all.enumerated() { if case .hash(let hash)? = check { hashes[index].append("\(hash)U") } }
      return "if (\(use(.hash, type.element))(\(result.pointer), \(type.cElementCount)) != \(place)) return \(step);"
    case .sum:
      place = "sums + \(sums[0].count)"
      for (index, check) in all.enumerated() {
        if case .sum(let sum, let allowed)? = check { sums[index] += ["\(sum)f", "\(allowed)f"] }
      }
      return "if (\(use(.differs, type.element))(\(result.pointer), \(type.cElementCount), \(place))) return \(step);"
    }
  }

  private mutating func outputCheck(_ index: Int, _ value: Value, _ step: Int) -> String {
    let type = graph.type(of: value)
    let place = "sums[\(sums[0].count)]"
    for (index, answers) in answers.enumerated() {
      let tensor = answers[value.node][value.result]
      sums[index].append("\(AnswerCheck.deviation(of: tensor, roundings[value.node], test.tolerance))f")
    }
    let expected =
      layout.answerOffsets[index].map { "(\(type.element.cType) *)(void *)(memory + \($0))" }
      ?? "\(name)_test_output_\(index) + test * \(type.cElementCount)"
    let arguments = "\(function.outputs[index]), \(expected), \(type.cElementCount), \(place)"
    return "if (\(use(.isFar, type.element))(\(arguments))) return \(step);"
  }

  /// The name of the function that compares elements of a type.
  private mutating func use(_ kind: Comparison, _ element: ElementType) -> String {
    let function = "\(name)_test_\(kind.rawValue)_\(element)"
    if !functions.contains(where: { $0.name == function }) { functions.append((function, kind, element)) }
    return function
  }
}

extension SelfTestWriter {
  /// Adds a function that compares elements of a type.
  private func write(_ function: String, _ kind: Comparison, _ element: ElementType, into c: inout CWriter) {
    let x = ElementExpression(text: "x[i]", element: element, constant: nil)
    let type = element.cType
    let loop = "for (\(c.kernel("nnc_index")) i = 0; i < count; ++i)"
    switch kind {
    case .differs:
      c.block("\(c.kernel("NNC_STEP")) int \(function)(const \(type) *x, nnc_index count, const float *expected)") {
        c in
        c.line("\(c.kernel("nnc_signed_sum")) sum = {1, 0.0f};")
        c.line("\(loop) \(c.kernel("nnc_add_signed"))(&sum, \(x.asFloat(&c).text));")
        c.line("return \(c.kernel("nnc_is_far"))(sum.total, expected[0], expected[1]);")
      }
    case .hash:
      c.block("\(c.kernel("NNC_STEP")) uint32_t \(function)(const \(type) *x, nnc_index count)") { c in
        c.line("uint32_t hash = 2166136261U;")
        c.line("\(loop) hash = \(c.kernel("nnc_hashed"))(hash, (uint32_t)x[i]);")
        c.line("return hash;")
      }
    case .isFar:
      let expected = ElementExpression(text: "expected[i]", element: element, constant: nil)
      let parameters = "const \(type) *x, const \(type) *expected, nnc_index count, float allowed"
      c.block("\(c.kernel("NNC_STEP")) int \(function)(\(parameters))") { c in
        c.block(loop) { c in
          let pair = [x.asFloat(&c).text, expected.asFloat(&c).text].joined(separator: ", ")
          c.line("if (\(c.kernel("nnc_is_far"))(\(pair), allowed)) return 1;")
        }
        c.line("return 0;")
      }
    }
    c.line()
  }

  private func writeStepNames(into c: inout CWriter) {
    let names = function.calls.compactMap { $0.number == nil ? nil : function.displayNames[$0.node][0].cString }
    c.block("const char *\(name)_step_name(int32_t step)") { c in
      c.line("static const char *const names[] = {")
      for row in cRows(of: names.isEmpty ? ["\"\""] : names) { c.line("  " + row) }
      c.line("};")
      c.line("return step >= 1 && step <= \(names.count) ? names[step - 1] : \"\";")
    }
    c.line()
  }

  private func writeTest(_ loop: CWriter, into c: inout CWriter) {
    c.block("int32_t \(name)_self_test(\(interface.lastParameters.joined(separator: ", ")))") { c in
      c.line("unsigned char *const memory = (unsigned char *)arena;")
      c.line("\(name)_outputs places;")
      c.line("const \(name)_outputs *const outputs = &places;")
      if !interface.states.isEmpty {
        c.line("\(name)_state *const state = (\(name)_state *)(void *)(memory + \(layout.stateOffset));")
      }
      c.line("if (arena == NULL || (uintptr_t)arena % \(function.plan.alignment) != 0) return -1;")
      if interface.takesWeights { c.line("if (\(interface.weightsError(&c)) != 0) return -1;") }
      for (field, offset) in zip(interface.outputs, layout.outputOffsets) {
        c.line("places.\(field.identifier) = (\(field.type.element.cType) *)(void *)(memory + \(offset));")
      }
      if interface.outputs.isEmpty { c.line("(void)outputs;") }
      c.block("for (\(c.kernel("nnc_index")) test = 0; test < \(answers.count); ++test)") { c in
        writeTestBody(loop, into: &c)
      }
      c.line("return 0;")
    }
  }

  private func writeTestBody(_ loop: CWriter, into c: inout CWriter) {
    if layout.copiesTables { writeCopies(into: &c) } else { writePointers(into: &c) }
    if !loop.text.contains("inputs->") { c.line("(void)inputs;") }
    // What the last test left in the arena may have been of other types.
    c.line("\(c.kernel("NNC_BARRIER"))();")
    for index in interface.stateInputs {
      let field = interface.allInputs[index]
      copy("test_input_\(index)", field.type.cElementCount, to: "state->\(field.identifier)", field.type.cByteCount, &c)
    }
    c.append(loop)
  }

  /// Adds the definition of pointers to what the tables have for the test.
  private func writePointers(into c: inout CWriter) {
    c.line("const \(name)_inputs *const inputs = \(name)_test_inputs + test;")
    if !sums[0].isEmpty { c.line("const float *const sums = \(name)_test_sums + test * \(sums[0].count);") }
    if !hashes[0].isEmpty {
      c.line("const uint32_t *const hashes = \(name)_test_hashes + test * \(hashes[0].count);")
    }
  }

  /// Adds copies of what the tables have for the test, and the definition of pointers to these.
  private func writeCopies(into c: inout CWriter) {
    c.line("\(name)_inputs given;")
    c.line("const \(name)_inputs *const inputs = &given;")
    func pointer(_ type: String, _ offset: Int) -> String { "(\(type) *)(void *)(memory + \(offset))" }
    if !sums[0].isEmpty { c.line("const float *const sums = \(pointer("float", layout.sumsOffset));") }
    if !hashes[0].isEmpty { c.line("const uint32_t *const hashes = \(pointer("uint32_t", layout.hashesOffset));") }
    for (index, offset) in zip(interface.givenInputs, layout.inputOffsets) {
      let field = interface.allInputs[index]
      c.line("given.\(field.identifier) = \(pointer(field.type.element.cType, offset));")
      copy("test_input_\(index)", field.type.cElementCount, to: "memory + \(offset)", field.type.cByteCount, &c)
    }
    for (index, output) in graph.outputs.enumerated() where isReal(output.value) {
      let type = graph.type(of: output.value)
      copy(
        "test_output_\(index)", type.cElementCount, to: "memory + \(layout.answerOffsets[index]!)", type.cByteCount, &c)
    }
    if !sums[0].isEmpty {
      copy("test_sums", sums[0].count, to: "memory + \(layout.sumsOffset)", 4 * sums[0].count, &c)
    }
    if !hashes[0].isEmpty {
      copy("test_hashes", hashes[0].count, to: "memory + \(layout.hashesOffset)", 4 * hashes[0].count, &c)
    }
  }

  /// Adds the copy of what a table has for the test.
  private func copy(_ table: String, _ count: Int, to place: String, _ byteCount: Int, _ c: inout CWriter) {
    c.call("nnc_copy_from_program_memory", ["\(name)_\(table) + test * \(count)", place, "\(byteCount)"])
  }
}
