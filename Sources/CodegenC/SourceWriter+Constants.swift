import IR

/// Where steps find constants.
extension SourceWriter {
  /// The C expression for the first element of a constant; equal ones share their memory.
  mutating func expression(of value: Value, isPacked: Bool = false) -> String {
    let written = WrittenConstant(tensor: current.constant(value)!, isPacked: isPacked)
    if let entry = constants[written] { return constants.expression(for: entry) }
    let label = displayNames[value.node][0]
    let symbol = scope.unique("\(name)_\(label)")
    return constants.expression(for: constants.add(written, symbol: symbol, name: label, step: step))
  }

  /// Whether the function of a step needs the address of the weights.
  func needsWeights(_ site: Site) -> Bool {
    func isPassed(_ operand: Int, isPacked: Bool) -> Bool {
      site.constant(operand).map { constants.isPassed(WrittenConstant(tensor: $0, isPacked: isPacked)) } ?? false
    }
    return interface.takesWeights
      && (!site.bodies.isEmpty || site.usedOperands.contains { isPassed($0, isPacked: false) }
        || site.packedOperands.contains { isPassed($0, isPacked: true) })
  }

  /// The lines that copy a constant to memory that all statements can read.
  mutating func copy(_ value: Value, to operand: Int, at offset: Int) -> [String] {
    let type = graph.type(of: value)
    let place = offset == 0 ? "scratch" : "(void *)((unsigned char *)scratch + \(offset))"
    let kernel = functions.kernel("nnc_copy_from_program_memory")
    return [
      "\(type.element.cType) *const w\(operand) = (\(type.element.cType) *)\(place);",
      "\(kernel)(\(expression(of: value)), w\(operand), \(type.cByteCount));",
    ]
  }

  /// The C expression for the first element of a value.
  mutating func pointer(to value: Value) -> String {
    if current.constant(value) != nil { return expression(of: value) }
    let place = plan.place(of: value)!
    if case .constant = plan.buffers[place.buffer].home {
      let first = expression(of: plan.buffers[place.buffer].owner!)
      let width = graph.type(of: value).element.cByteWidth
      return place.offset == 0 ? first : "\(first) + \(place.offset / width)"
    }
    return current.pointer(to: value)
  }
}
