import IR

extension If: Emittable {
  public var writesAllResults: Bool { true }

  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) throws -> Int {
    try bodies.map { try MemoryPlan($0).arenaByteCount }.max() ?? 0
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let captured = site.operands.indices.dropFirst().map { site.operand($0).name }
    let arguments = captured + site.node.types.indices.map { site.optionalResult($0)!.name }
    let calls = site.bodies.map { $0.call(arguments, arena: site.arena()) }
    c.block("if (\(site.operand(0).name)[0])") { $0.line(calls[0]) }
    c.block("else") { $0.line(calls[1]) }
  }
}

extension Loop: Emittable {
  public var writesAllResults: Bool { true }

  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) throws -> Int {
    try nextOffsets(node, operands.count).last! + MemoryPlan(body).arenaByteCount
  }

  /// Where in scratch memory the next state lies, and after it the arena of the body.
  private func nextOffsets(_ node: Node, _ operandCount: Int) -> [Int] {
    node.types.prefix(stateCount(operandCount: operandCount)).reduce(into: [0]) { offsets, type in
      let end = offsets.last! + type.cByteCount
      offsets.append(end.rounded(upTo: MemoryPlan.largestAlignment))
    }
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let stateCount = stateCount(operandCount: site.operands.count)
    let results = site.node.types.indices.map { site.optionalResult($0)! }
    let (state, collected) = (results.prefix(stateCount), results.dropFirst(stateCount))
    let offsets = nextOffsets(site.node, site.operands.count)
    let next = state.enumerated().map { index, array in
      CArray(name: "(\(array.type.element.cType) *)(void *)(\(site.arena(from: offsets[index])))", type: array.type)
    }
    let captured = site.operands.indices.dropFirst(2 + stateCount).map { site.operand($0).name }
    let places = collected.map { array in
      "\(array.name) + (nnc_index)number * \(array.type.shape.elementCount(of: 1..<array.type.shape.rank))"
    }
    let arguments =
      ["&number", "&more"] + state.map(\.name) + captured + ["&next"] + next.map(\.name) + places
    let flag = ElementType.bool.cType
    c.line("\(flag) more = \(site.has(1) ? "\(site.operand(1).name)[0]" : "1");")
    c.line("int64_t number;")
    for (index, array) in state.enumerated() { copy(site.operand(index + 2).name, to: array, &c) }
    c.block("for (number = 0; more\(try limit(site)); number++)") { c in
      c.line("\(flag) next;")
      c.line(site.bodies[0].call(arguments, arena: site.arena(from: offsets.last!)))
      c.line("more = next;")
      for (index, array) in state.enumerated() { copy(next[index].name, to: array, &c) }
    }
  }

  /// What the condition of the C loop says of the number of runs.
  private func limit(_ site: Site) throws -> String {
    guard site.has(0) else { return "" }
    if let count = site.constant(0)?.ints[0], (0..<1 << 15).contains(count) { return " && number < \(count)" }
    return " && number < \(site.operand(0).name)[0]"
  }

  private func copy(_ source: String, to array: CArray, _ c: inout CWriter) {
    c.call("nnc_copy_\(array.type.element)", [source, array.name, "\(array.type.elementCount)"])
  }
}

extension Site {
  /// The expression for scratch memory from a byte on, as the functions of bodies take it.
  fileprivate func arena(from offset: Int = 0) -> String {
    guard let scratch else { return "NULL" }
    return "(unsigned char *)\(scratch)" + (offset == 0 ? "" : " + \(offset)")
  }
}
