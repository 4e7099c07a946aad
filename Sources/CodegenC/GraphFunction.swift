import IR
import Targets

/// The C function that runs a graph: a model, a branch, or the body of a loop.
struct GraphFunction {
  let graph: Graph
  let plan: MemoryPlan
  let displayNames: [[String]]
  /// Whether the function is a part of another: it takes each input and output as an argument, and then its arena.
  let isBody: Bool
  /// Whether it gets the address of the weights.
  let takesWeights: Bool
  /// The expressions for the inputs.
  let inputs: [String]
  /// The expressions for the outputs.
  let outputs: [String]
  /// The calls of the steps, and copies at the end.
  var calls: [Call] = []

  /// A statement of the function.
  struct Call {
    /// The node that it computes; the number of nodes for a copy.
    let node: Int
    /// The number of the step, from 1 on; nil for a copy, and in branches and bodies.
    var number: Int?
    /// The C.
    let statement: String
    /// The results that it computes, each with the expression for its first element.
    var results: [(value: Value, pointer: String)] = []
  }

  /// For the numbers of inputs that are states those of the outputs that take their place.
  let states: [Int: Int]

  /// The function of a branch or the body of a loop.
  init(body: Graph, takesWeights: Bool, target: Target) throws {
    graph = body
    isBody = true
    self.takesWeights = takesWeights
    states = [:]
    plan = try MemoryPlan(graph, target: target)
    displayNames = graph.displayNames
    inputs = graph.inputs.indices.map { "in\($0)" }
    outputs = graph.outputs.indices.map { "out\($0)" }
  }

  /// The function of a model.
  init(_ interface: CInterface, target: Target) throws {
    graph = interface.graph
    isBody = false
    takesWeights = interface.takesWeights
    states = interface.states
    plan = try MemoryPlan(graph, states: states, target: target)
    displayNames = graph.displayNames
    inputs = interface.inputExpressions
    outputs = interface.outputExpressions
  }

  /// The elements of `value`, if it is a constant.
  func constant(_ value: Value) -> Tensor? { (graph[value].op as? Constant)?.value }

  /// The C expression for the first element of a value that is not in read-only memory.
  func pointer(to value: Value) -> String {
    let place = plan.place(of: value)!
    let type = graph.type(of: value).element.cType
    let width = graph.type(of: value).element.cByteWidth
    switch plan.buffers[place.buffer].home {
    case .input(let index): return place.offset == 0 ? inputs[index] : "\(inputs[index]) + \(place.offset / width)"
    case .output(let index):
      if graph.type(of: graph.outputs[index].value).element.cType == type {
        return place.offset == 0 ? outputs[index] : "\(outputs[index]) + \(place.offset / width)"
      }
      return "(\(type) *)(void *)((unsigned char *)(void *)\(outputs[index]) + \(place.offset))"
    case .arena: return "(\(type) *)(void *)(memory + \(plan.buffers[place.buffer].offset + place.offset))"
    case .constant: fatalError("internal error: a constant has no memory")
    }
  }
}

extension GraphFunction {
  private var usesArena: Bool { calls.contains { $0.statement.contains("memory + ") } }

  /// The function that the user calls.
  func definition(of interface: CInterface) -> CWriter {
    let name = interface.name
    var c = CWriter()
    if !states.isEmpty { c.append(interface.resetDefinition) }
    c.block("int \(name)_run(\(interface.runParameters))") { c in
      if usesArena { c.line("unsigned char *const memory = (unsigned char *)arena;") } else { c.line("(void)arena;") }
      let given = interface.givenInputs.map { inputs[$0] }
      let wanted = interface.wantedOutputs.map { outputs[$0] }
      var missing = given.isEmpty ? [] : ["inputs == NULL"] + given.map { "\($0) == NULL" }
      missing += wanted.isEmpty ? [] : ["outputs == NULL"] + wanted.map { "\($0) == NULL" }
      if !states.isEmpty { missing.append("state == NULL") }
      if takesWeights { missing.append("weights == NULL") }
      if usesArena { missing.append("arena == NULL") }
      if given.isEmpty { c.line("(void)inputs;") }
      if wanted.isEmpty { c.line("(void)outputs;") }
      c.block("if (\(missing.joined(separator: " || ")))") { $0.line("return 1;") }
      if usesArena {
        c.block("if ((uintptr_t)arena % \(plan.alignment) != 0)") { $0.line("return 2;") }
      }
      if takesWeights {
        c.line("const int error = \(interface.weightsError(&c));")
        c.block("if (error != 0)") { $0.line("return error;") }
      }
      writeCalls(into: &c) { call, c in
        if let number = call.number {
          c.line("\(c.kernel("NNC_RUN_STEP"))(\(name), \(number), \(call.statement.dropLast()));")
        } else {
          c.line(call.statement)
        }
      }
      c.line("return 0;")
    }
    return c
  }

  /// The function of a branch or the body of a loop.
  func definition(of function: String) -> CWriter {
    let types = (graph.inputs + graph.outputs).map { graph.type(of: $0.value).element.cType }
    let parameters =
      zip(inputs, types).map { "const \($1) *\($0)" }
      + zip(outputs, types.dropFirst(inputs.count)).map { "\($1) *\($0)" }
      + (takesWeights ? ["const void *weights"] : []) + ["unsigned char *memory"]
    var c = CWriter()
    c.block("\(c.kernel("NNC_STEP")) void \(function)(\(parameters.joined(separator: ", ")))") { c in
      for input in inputs where !calls.contains(where: { $0.statement.mentions(input) }) { c.line("(void)\(input);") }
      if takesWeights && !calls.contains(where: { $0.statement.mentions("weights") }) { c.line("(void)weights;") }
      if !usesArena { c.line("(void)memory;") }
      writeCalls(into: &c) { $1.line($0.statement) }
    }
    return c
  }

  /// Adds what `write` makes of each call, with what must stand between them.
  func writeCalls(into c: inout CWriter, _ write: (Call, inout CWriter) -> Void) {
    var reuse = ReuseTracker(plan, graph)
    for call in calls {
      if reuse.needsBarrier(before: call.node) { c.line("NNC_BARRIER();") }
      write(call, &c)
    }
  }
}

extension String {
  /// Whether the C identifier `name` stands in the text.
  fileprivate func mentions(_ name: String) -> Bool {
    split { !$0.isLetter && !$0.isNumber && $0 != "_" }.contains { $0 == name }
  }
}
