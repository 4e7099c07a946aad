import IR

/// Writes the source file: weights, a function for each step, and the function that runs them.
struct SourceWriter {
  let name: String
  let plan: MemoryPlan
  private(set) var steps: [(function: String, node: Int)] = []
  private(set) var flashByteCount = 0
  private let graph: Graph
  private let displayNames: [[String]]
  private var scope = CIdentifiers()
  private var functions = CWriter()
  private var calls: [(node: Int, call: String)] = []
  private var constantNames: [WrittenConstant: String] = [:]
  private var missing: [String] = []
  private(set) var constants: [(name: String, written: WrittenConstant, tensor: Tensor)] = []

  init(_ graph: Graph, _ options: CModel.Options) throws {
    self.graph = graph
    name = CIdentifiers().prefix(for: options.name ?? graph.name)
    plan = try MemoryPlan(graph)
    displayNames = graph.displayNames
    for suffix in ["run", "inputs", "outputs", "descriptor", "state", "reset"] { _ = scope.unique("\(name)_\(suffix)") }
  }

  /// Writes the functions of all steps.
  ///
  /// - Throws: One diagnostic that lists all steps for whose types of element there is no kernel.
  mutating func writeSteps() throws {
    let live = graph.liveNodes
    for (index, node) in graph.nodes.enumerated() where live[index] {
      guard let emission = emission(of: node.op) else { continue }
      do { try write(node, index, emission) } catch let error as Diagnostic {
        throw Diagnostic("\(node.op.opName): \(error.message)", at: error.location ?? node.location)
      }
    }
    for (index, output) in graph.outputs.enumerated() { writeCopy(to: index, of: output.value) }
    if !missing.isEmpty { throw Diagnostic("there is no C for these types of element:" + missing.joined()) }
  }

  private mutating func write(_ node: Node, _ index: Int, _ emission: any CEmission) throws {
    let operands = graph.operands(of: node)
    // Results that are not used, or are views of operands, are not computed.
    let results: [CArray?] = try node.types.indices.map { result in
      guard plan.place(of: Value(node: index, result: result)) != nil else { return nil }
      if case .view = try emission.placement(of: result, node, operands) { return nil }
      return CArray(name: "y\(result)", type: node.types[result])
    }
    if results.allSatisfy({ $0 == nil }) { return }
    let site = Site(
      node: node, operands: operands, operandNames: node.inputs.enumerated().map(operandName),
      constants: node.inputs.map { $0.flatMap { (graph[$0].op as? Constant)?.value } }, results: results,
      alreadyPlaced: try alreadyPlaced(node, index, emission, operands),
      scratch: plan.scratch[index].map { _ in "scratch" })
    var body = CWriter()
    try emission.emit(site, into: &body)
    // Nothing remains to be done where all operands of a concatenation lie in it already.
    if body.text.isEmpty { return }
    if let kernel = body.kernels.sorted().first(where: { !KernelLibrary.shared.isDefined($0) }) {
      let types = operands.compactMap { $0?.type.description }.joined(separator: ", ")
      missing.append(
        "\n  \(node.op.opName)(\(types)), which needs \(kernel)" + (node.location.map { " (\($0))" } ?? ""))
      return
    }
    flashByteCount += body.tableByteCount
    writeFunction(site, index, body)
  }

  private func operandName(_ index: Int, _ value: Value?) -> String? {
    value.map { graph[$0].op is Constant ? "w\(index)" : "x\(index)" }
  }

  /// Which operands lie inside the result already.
  private func alreadyPlaced(
    _ node: Node, _ index: Int, _ emission: any CEmission, _ operands: Operands<Operand>
  ) throws -> [Bool] {
    guard case .around(let offsets) = try emission.placement(of: 0, node, operands),
      let result = plan.place(of: Value(node: index))
    else { return node.inputs.map { _ in false } }
    return zip(node.inputs, offsets).map { input, offset in
      let place = plan.place(of: input!)!
      return place.buffer == result.buffer
        && place.offset == result.offset + offset * node.types[0].element.cByteWidth
    }
  }
}

extension SourceWriter {
  private mutating func writeFunction(_ site: Site, _ index: Int, _ body: CWriter) {
    let node = site.node
    var (parameters, arguments): ([String], [String]) = ([], [])
    let restrict = overlaps(node, index) ? "" : "NNC_RESTRICT "
    for operand in site.usedOperands.sorted() {
      let value = node.inputs[operand]!
      if graph[value].op is Constant { continue }
      parameters.append("const \(graph.type(of: value).element.cType) *\(restrict)x\(operand)")
      arguments.append(pointer(to: value))
    }
    for result in node.types.indices where site.optionalResult(result) != nil {
      let value = Value(node: index, result: result)
      parameters.append("\(node.types[result].element.cType) *\(restrict)y\(result)")
      arguments.append(pointer(to: value))
    }
    if let scratch = plan.scratch[index] {
      parameters.append("void *NNC_RESTRICT scratch")
      arguments.append("memory + \(plan.buffers[scratch].offset)")
    }
    let label = node.names[0] ?? node.op.opName.kernelName
    let function = scope.unique("\(name)_\(steps.count + 1)_\(label)")
    steps.append((function, index))
    calls.append((index, "\(function)(\(arguments.joined(separator: ", ")));"))
    var weights = site.usedOperands.sorted().filter { site.constant($0) != nil }.map { operand in
      let value = node.inputs[operand]!
      return "const \(graph.type(of: value).element.cType) *const w\(operand) = \(constantName(value));"
    }
    weights += site.packedOperands.sorted().map { operand in
      "const uint8_t *const p\(operand) = \(constantName(node.inputs[operand]!, isPacked: true));"
    }
    functions.line()
    functions.line("/* \(description(of: node, index).safeInComment) */")
    functions.block("static void \(function)(\(parameters.isEmpty ? "void" : parameters.joined(separator: ", ")))") {
      c in
      for weight in weights { c.line(weight) }
      c.append(body)
    }
  }

  /// Adds the copy of an output that was computed elsewhere.
  private mutating func writeCopy(to index: Int, of value: Value) {
    let place = plan.place(of: value)!
    guard plan.buffers[place.buffer].home != .output(index) || place.offset != 0 else { return }
    let type = graph.type(of: value)
    let kernel = functions.kernel("nnc_copy_\(type.element)")
    let source = graph[value].op is Constant ? constantName(value) : pointer(to: value)
    calls.append(
      (
        graph.nodes.count,
        "\(kernel)(\(source), outputs->\(CInterface.outputNames(of: graph)[index]), \(type.elementCount));"
      ))
  }

  private mutating func constantName(_ value: Value, isPacked: Bool = false) -> String {
    let written = WrittenConstant(node: value.node, isPacked: isPacked)
    if let name = constantNames[written] { return name }
    let tensor = (graph[value].op as! Constant).value
    let constant = scope.unique("\(name)_\(displayNames[value.node][0])")
    constantNames[written] = constant
    constants.append((constant, written, tensor))
    flashByteCount += written.byteCount(tensor.type)
    return constant
  }

  /// Whether a result shares memory with an operand or another result, or one array is two operands, which compilers
  /// hold to be a mistake where pointers promise not to be alike.
  private func overlaps(_ node: Node, _ index: Int) -> Bool {
    let results = node.types.indices.compactMap { plan.place(of: Value(node: index, result: $0))?.buffer }
    let operands = node.operands.filter { !(graph[$0].op is Constant) }.compactMap { plan.place(of: $0) }
    return Set(results).count < results.count || !Set(results).isDisjoint(with: operands.map(\.buffer))
      || Set(operands.map { [$0.buffer, $0.offset] }).count < operands.count
  }

  /// The C expression for the first element of a value that is not a constant.
  private mutating func pointer(to value: Value) -> String {
    let place = plan.place(of: value)!
    let type = graph.type(of: value).element.cType
    let width = graph.type(of: value).element.cByteWidth
    switch plan.buffers[place.buffer].home {
    case .input(let index):
      let input = "inputs->\(CInterface.inputNames(of: graph)[index])"
      return place.offset == 0 ? input : "\(input) + \(place.offset / width)"
    case .output(let index):
      let output = "outputs->\(CInterface.outputNames(of: graph)[index])"
      if graph.type(of: graph.outputs[index].value).element.cType == type {
        return place.offset == 0 ? output : "\(output) + \(place.offset / width)"
      }
      return "(\(type) *)(void *)((unsigned char *)(void *)\(output) + \(place.offset))"
    case .arena: return "(\(type) *)(void *)(memory + \(plan.buffers[place.buffer].offset + place.offset))"
    case .constant:
      let constant = constantName(plan.buffers[place.buffer].owner!)
      return place.offset == 0 ? constant : "\(constant) + \(place.offset / width)"
    }
  }

  private func description(of node: Node, _ index: Int) -> String {
    let operands = node.inputs.map { $0.map { displayNames[$0.node][$0.result] } ?? "_" }.joined(separator: ", ")
    let attributes = node.op.changedAttributes.entries.map { "\($0.name): \($0.value)" }.joined(separator: ", ")
    return "\(displayNames[index][0]) = \(node.op.opName)(\(operands))" + (attributes.isEmpty ? "" : " {\(attributes)}")
      + " : \(node.types[0])"
  }
}

extension SourceWriter {
  /// The whole file, once the steps are written.
  func source(_ interface: CInterface, _ options: CModel.Options) -> String {
    var kernels = functions.kernels.union(["nnc_index"])
    if functions.text.contains("NNC_RESTRICT") { kernels.insert("NNC_RESTRICT") }
    let body = runFunction(interface)
    for macro in ["NNC_BARRIER", "NNC_INFINITY_f32", "NNC_NAN_f32", "NNC_INFINITY_f64", "NNC_NAN_f64"]
    where body.contains(macro) || functions.text.contains(macro)
      || constants.contains(where: { $0.tensor.hasNonFiniteElements })
    {
      kernels.insert(macro)
    }
    var text = interface.banner(options)
    text += "#include \"\(options.headerName ?? "\(name).h")\"\n\n#include <stddef.h>\n#include <stdint.h>\n\n"
    text += "/* Kernels. */\n\n" + KernelLibrary.shared.text(of: kernels) + "\n"
    if !constants.isEmpty {
      text += "\n/* Weights: \(constants.reduce(0) { $0 + $1.written.byteCount($1.tensor.type) }) bytes. */\n"
    }
    for (name, written, tensor) in constants { text += "\n" + definition(of: name, tensor, written) }
    return text + "\n/* Steps. */\n" + functions.text + "\n" + body + "\n" + interface.descriptorDefinition
  }

  private func definition(of name: String, _ tensor: Tensor, _ written: WrittenConstant) -> String {
    let literals = written.isPacked ? tensor.byteLiterals : tensor.cLiterals
    let rows = cRows(of: literals.isEmpty ? ["0"] : literals)
    let count = 8 / tensor.element.bitWidth
    let packing =
      !tensor.element.isPacked
      ? ""
      : written.isPacked ? ", \(count) elements to a byte, the first in the lowest bits" : ", one element to a byte"
    let type = written.isPacked ? "uint8_t" : tensor.element.cType
    return "/* \(tensor.type)\(packing) */\nstatic const \(type) \(name)[\(max(1, literals.count))] = {\n"
      + rows.map { "  " + $0 + "\n" }.joined() + "};\n"
  }

  private func runFunction(_ interface: CInterface) -> String {
    var c = CWriter()
    c.block("int \(name)_run(const \(name)_inputs *inputs, const \(name)_outputs *outputs, void *arena)") { c in
      let usesArena = calls.contains { $0.call.contains("memory + ") }
      if usesArena { c.line("unsigned char *const memory = (unsigned char *)arena;") } else { c.line("(void)arena;") }
      var missing =
        graph.inputs.isEmpty
        ? [] : ["inputs == NULL"] + CInterface.inputNames(of: graph).map { "inputs->\($0) == NULL" }
      missing += ["outputs == NULL"] + CInterface.outputNames(of: graph).map { "outputs->\($0) == NULL" }
      if usesArena { missing.append("arena == NULL") }
      if graph.inputs.isEmpty { c.line("(void)inputs;") }
      c.block("if (\(missing.joined(separator: " || ")))") { $0.line("return 1;") }
      if usesArena {
        c.block("if ((uintptr_t)arena % \(MemoryPlan.alignment) != 0)") { $0.line("return 2;") }
      }
      var reuse = ReuseTracker(plan, graph)
      for (node, call) in calls {
        if reuse.needsBarrier(before: node) { c.line("NNC_BARRIER();") }
        c.line(call)
      }
      c.line("return 0;")
    }
    return c.text
  }
}

/// A constant in the source; one of a packed type may be there in two forms.
struct WrittenConstant: Hashable {
  var node: Int
  /// Whether elements share bytes.
  var isPacked: Bool

  /// The bytes that it takes.
  func byteCount(_ type: TensorType) -> Int { isPacked ? type.byteCount : type.cByteCount }
}
