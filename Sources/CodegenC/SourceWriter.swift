import IR
import Targets

/// Writes the source file: weights, a function for each step, and the function that runs them.
struct SourceWriter {
  private(set) var steps: [(function: String, node: Int)] = []
  var constants: ConstantPool
  /// The bytes of the tables that steps have for themselves.
  private var tableByteCount = 0
  /// The bytes of all constants in the program.
  var flashByteCount: Int { constants.flashByteCount + tableByteCount }
  /// The function that runs the model, or while its step is written that of a branch or the body of a loop.
  var current: GraphFunction
  var scope = CIdentifiers()
  var functions = CWriter()
  private var missing: [String] = []
  /// The node of the model that is being written.
  private(set) var step = 0
  let interface: CInterface
  let target: Target
  private let selfTestInputs: SelfTest?
  /// The functions and tables of the self-test, if there is one.
  private(set) var selfTest: CWriter?
  private(set) var selfTestLayout: SelfTestLayout?

  var name: String { interface.name }
  var graph: Graph { current.graph }
  var displayNames: [[String]] { current.displayNames }
  var plan: MemoryPlan { current.plan }

  init(_ interface: CInterface, _ options: CModel.Options) throws {
    self.interface = interface
    target = options.target
    current = try GraphFunction(interface, target: options.target)
    for suffix in ["run", "inputs", "outputs", "descriptor", "state", "reset"] {
      _ = scope.unique("\(interface.name)_\(suffix)")
    }
    if interface.takesWeights {
      for suffix in CInterface.weightsSuffixes { _ = scope.unique("\(interface.name)_\(suffix)") }
    }
    constants = ConstantPool(options.weights, for: options.target, model: interface.name, scope: &scope)
    selfTestInputs = options.selfTest
    if selfTestInputs != nil {
      for suffix in SelfTestWriter.suffixes(for: interface.graph) {
        _ = scope.unique("\(interface.name)_\(suffix)")
      }
    }
  }

  /// Writes the functions of all steps.
  ///
  /// - Throws: One diagnostic that lists all steps for whose types of element there is no kernel.
  mutating func writeSteps() throws {
    try writeNodes()
    if !missing.isEmpty { throw Diagnostic("there is no C for these types of element:" + missing.joined()) }
    if let selfTestInputs {
      var writer = try SelfTestWriter(current, interface, test: selfTestInputs, target: target)
      selfTest = writer.written()
      selfTestLayout = writer.layout
    }
  }

  private mutating func writeNodes() throws {
    let live = graph.liveNodes
    for (index, node) in graph.nodes.enumerated() where live[index] {
      if !current.isBody { step = index }
      guard let emission = emission(of: node.op) else { continue }
      do { try write(node, index, emission) } catch let error as Diagnostic {
        throw Diagnostic("\(node.op.opName): \(error.message)", at: error.location ?? node.location)
      }
    }
    if !current.isBody { step = graph.nodes.count }
    for index in try copyOrder() { writeCopy(to: index, of: graph.outputs[index].value) }
  }

  /// Writes the functions of a branch or the body of a loop, and returns the name of the one that runs it.
  private mutating func write(_ body: Graph) throws -> CBody {
    let outer = current
    defer { current = outer }
    current = try GraphFunction(body: body, takesWeights: interface.takesWeights, target: target)
    try writeNodes()
    let function = scope.unique("\(name)_\(steps.count + 1)_\(body.name)")
    functions.line()
    functions.line("/* Runs \(body.name.safeInComment). */")
    functions.append(current.definition(of: function))
    return CBody(
      function: function, arenaByteCount: plan.arenaByteCount, context: interface.takesWeights ? ["weights"] : [])
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
    let bodies = try (node.op as? any ControlFlowOperation)?.bodies.map { try write($0) } ?? []
    let site = Site(
      node: node, bodies: bodies, operands: operands, operandNames: node.inputs.enumerated().map(operandName),
      constants: node.inputs.map { $0.flatMap(current.constant) }, results: results,
      alreadyPlaced: try alreadyPlaced(node, index, emission, operands),
      scratch: try emission.scratchByteCount(node, operands) > 0 ? "scratch" : nil)
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
    tableByteCount += body.tableByteCount
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
    let passesWeights = needsWeights(site)
    var parameters = passesWeights ? ["const void *weights"] : []
    var arguments = passesWeights ? ["weights"] : []
    var results: [(value: Value, pointer: String)] = []
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
      results.append((value, arguments.last!))
    }
    let copies = site.usedOperands.sorted().compactMap { operand in
      plan.copies[index]?[operand].map { (operand: operand, offset: $0) }
    }
    if let scratch = plan.scratch[index], site.scratch != nil || !copies.isEmpty {
      parameters.append("void *NNC_RESTRICT scratch")
      arguments.append("memory + \(plan.buffers[scratch].offset)")
    }
    let label = node.names[0] ?? node.op.opName.kernelName
    let function = scope.unique("\(name)_\(steps.count + 1)_\(label)")
    if !current.isBody { steps.append((function, index)) }
    current.calls.append(
      GraphFunction.Call(
        node: index, number: current.isBody ? nil : steps.count,
        statement: "\(function)(\(arguments.joined(separator: ", ")));", results: results))
    let copied = Set(copies.map(\.operand))
    var weights = site.usedOperands.sorted().filter { site.constant($0) != nil && !copied.contains($0) }.map {
      operand in
      let value = node.inputs[operand]!
      return "const \(graph.type(of: value).element.cType) *const w\(operand) = \(expression(of: value));"
    }
    weights += site.packedOperands.sorted().map { operand in
      "const uint8_t *const p\(operand) = \(expression(of: node.inputs[operand]!, isPacked: true));"
    }
    weights += copies.flatMap { copy(node.inputs[$0.operand]!, to: $0.operand, at: $0.offset) }
    functions.line()
    functions.line("/* \(description(of: node, index).safeInComment) */")
    functions.block(
      "\(functions.kernel("NNC_STEP")) void \(function)(\(parameters.isEmpty ? "void" : parameters.joined(separator: ", ")))"
    ) {
      c in
      for weight in weights { c.line(weight) }
      c.append(body)
    }
  }

  /// The outputs in an order in which each old state is copied elsewhere before a new one takes its place.
  private func copyOrder() throws -> [Int] {
    let targets = Dictionary(uniqueKeysWithValues: current.states.map { ($1, $0) })
    /// The state that an output reads, unless that is its own.
    func source(_ output: Int) -> Int? {
      let place = plan.place(of: graph.outputs[output].value)!
      guard case .input(let input) = plan.buffers[place.buffer].home, input != targets[output] else { return nil }
      return input
    }
    var order = graph.outputs.indices.filter { targets[$0] == nil }
    var pending = graph.outputs.indices.filter { targets[$0] != nil }
    while !pending.isEmpty {
      guard let next = pending.first(where: { output in !pending.contains { source($0) == targets[output] } }) else {
        let names = pending.map { "'\(graph.outputs[$0].name)'" }.joined(separator: ", ")
        throw Diagnostic("the states behind the outputs \(names) change places, which is not supported")
      }
      order.append(next)
      pending.removeAll { $0 == next }
    }
    return order
  }

  /// Adds the copy of an output that was computed elsewhere.
  private mutating func writeCopy(to index: Int, of value: Value) {
    let place = plan.place(of: value)!
    let home = current.states.first { $0.value == index }.map { MemoryPlan.Home.input($0.key) } ?? .output(index)
    guard plan.buffers[place.buffer].home != home || place.offset != 0 else { return }
    let type = graph.type(of: value)
    if target.hasSeparateProgramMemory, plan.buffers[place.buffer].home == .constant {
      let arguments = "\(pointer(to: value)), \(current.outputs[index]), \(type.cByteCount)"
      let copy = "\(functions.kernel("nnc_copy_from_program_memory"))(\(arguments));"
      return current.calls.append(GraphFunction.Call(node: graph.nodes.count, statement: copy))
    }
    let kernel = functions.kernel("nnc_copy_\(type.element == .bit ? .u32 : type.element)")
    let source = pointer(to: value)
    let statement = "\(kernel)(\(source), \(current.outputs[index]), \(type.cElementCount));"
    current.calls.append(GraphFunction.Call(node: graph.nodes.count, statement: statement))
  }

  /// Whether a result shares memory with an operand or another result, or one array is two operands, which compilers
  /// hold to be a mistake where pointers promise not to be alike.
  private func overlaps(_ node: Node, _ index: Int) -> Bool {
    let results = node.types.indices.compactMap { plan.place(of: Value(node: index, result: $0))?.buffer }
    let operands = node.operands.filter { !(graph[$0].op is Constant) }.compactMap { plan.place(of: $0) }
    return Set(results).count < results.count || !Set(results).isDisjoint(with: operands.map(\.buffer))
      || Set(operands.map { [$0.buffer, $0.offset] }).count < operands.count
  }

  private func description(of node: Node, _ index: Int) -> String {
    let operands = node.inputs.map { $0.map { displayNames[$0.node][$0.result] } ?? "_" }.joined(separator: ", ")
    let attributes = node.op.changedAttributes.entries.map { "\($0.name): \($0.value)" }.joined(separator: ", ")
    return "\(displayNames[index][0]) = \(node.op.opName)(\(operands))" + (attributes.isEmpty ? "" : " {\(attributes)}")
      + " : \(node.types[0])"
  }
}
