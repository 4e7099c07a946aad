import IR

extension LinearAttention: Emittable {
  public func placement(of result: Int, _ node: Node, _ operands: Operands<Operand>) throws -> Placement {
    // The state of the past becomes the new one in its place.
    result == 1 && operands[3]?.element == node.types[0].element ? .inPlace(operands: [3]) : .own
  }

  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) -> Int {
    // A value, and the state of a head, in case nothing uses that of all heads.
    let state = node.types[1].shape
    return TensorType(node.types[0].element, [state[2] + 1, state[3]]).byteCount
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let size = try geometry(site.operands, \.shape)
    let element = site.resultType.element
    guard site.node.types[1].element == element else {
      throw Diagnostic("there is no C for a state of another type, \(site.operandTypes); add a Cast")
    }
    let type = element.cType
    // There is none where a value has no elements.
    if let scratch = site.scratch { c.line("\(type) *const room = (\(type) *)\(scratch);") }
    let results = (0..<2).map { site.optionalResult($0)?.name ?? "NULL" }
    c.call(
      "nnc_linear_attention_\(element)",
      (0..<6).map(site.pointer) + [cLiteral(size.scale, element)] + results + [site.scratch == nil ? "NULL" : "room"],
      shape: "nnc_linear_attention_shape",
      [
        ("batch", size.batch), ("steps", size.steps), ("heads", size.heads), ("group", size.group),
        ("key_size", size.keySize), ("value_size", size.valueSize), ("decays", size.decays), ("betas", size.betas),
      ])
  }
}

extension TensorScatter: Emittable {
  public func placement(of result: Int, _ node: Node, _ operands: Operands<Operand>) throws -> Placement {
    .inPlace(operands: [0])
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (cache, update, y) = (site.operand(0), site.operand(1), site.result)
    let size = try geometry(cache.type.shape, update.type.shape)
    c.block("if (\(y.name) != \(cache.name))") { c in
      c.call("nnc_copy_\(site.suffix)", [cache.name, y.name, "\(cache.type.elementCount)"])
    }
    guard update.type.elementCount > 0 else { return site.emitNothing(into: &c) }
    let fields = [
      ("middle", size.middle), ("steps", size.steps), ("updates", size.updates), ("inner", size.inner),
    ]
    c.line("static const \(c.kernel("nnc_tensor_scatter_shape")) shape = {")
    c.line("  " + fields.map { "\($1) /* \($0) */" }.joined(separator: ", "))
    c.line("};")
    let strides = [size.middle * size.updates * size.inner, size.middle * size.steps * size.inner, 1]
    LoopNest(over: [size.batch], strides: strides.map { [$0] }).emit(into: &c) { c, indices in
      let start = site.has(2) ? start("\(site.operand(2).name)[\(indices[2])]", size, &c) : "0"
      c.call(
        "nnc_tensor_scatter_\(site.suffix)",
        ["&shape", "&\(update.name)[\(indices[0])]", "&\(y.name)[\(indices[1])]", start])
    }
  }

  /// The C expression for the step that an update begins with.
  private func start(_ index: String, _ size: Geometry, _ c: inout CWriter) -> String {
    mode == .circular
      ? "\(c.kernel("nnc_scatter_start_circular"))(\(index), \(size.steps))"
      : "\(c.kernel("nnc_scatter_start"))(\(index), \(size.steps), \(size.updates))"
  }
}
