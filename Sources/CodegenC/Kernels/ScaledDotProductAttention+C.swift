import IR

extension ScaledDotProductAttention: Emittable {
  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) throws -> Int {
    let geometry = try geometry(operands)
    return TensorType(node.types[0].element, [geometry.rowsAtOnce, geometry.keys]).byteCount
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let geometry = try geometry(site.operands)
    let element = site.resultType.element
    let matrices = [
      geometry.queries * geometry.size, geometry.size * geometry.keys, geometry.keys * geometry.valueSize,
      geometry.queries * geometry.valueSize,
    ]
    var strides = zip(geometry.strides + [geometry.batch.strides], matrices).map { strides, size in
      strides.map { $0 * size }
    }
    let rank = geometry.batch.rank
    if let mask = geometry.maskStrides { strides.append(Array(mask[..<rank])) }
    let arrays =
      (0..<3).map { site.operand($0).name } + [site.result.name] + (site.has(3) ? [site.operand(3).name] : [])
    let fields = [
      ("queries", geometry.queries), ("size", geometry.size), ("keys", geometry.keys),
      ("value_size", geometry.valueSize),
      ("rows", geometry.rowsAtOnce), ("mask_row", geometry.maskStrides?[rank] ?? 0),
      ("mask_column", geometry.maskStrides?[rank + 1] ?? 0),
    ]
    c.line("static const \(c.kernel("nnc_attention_shape")) shape = {")
    c.line("  " + fields.map { "\($1) /* \($0) */" }.joined(separator: ", "))
    c.line("};")
    LoopNest(over: geometry.batch, strides: strides).emit(into: &c) { c, indices in
      var pointers = zip(arrays, indices).map { "\($0) + \($1)" }
      if !site.has(3) { pointers.append("NULL") }
      let numbers = [cLiteral(Double(scale), element), "(\(element.cType) *)\(site.scratch!)"]
      c.call("nnc_attention_\(site.suffix)", ["&shape"] + pointers + numbers)
    }
  }
}

extension ScaledDotProductAttention.Geometry {
  /// Of how many queries scores are computed at once: about eight, for which tiles read keys and values once.
  fileprivate var rowsAtOnce: Int {
    let blocks = max(1, (queries + 7) / 8)
    return (queries + blocks - 1) / blocks
  }
}
