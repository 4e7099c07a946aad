import IR

/// The C of operations that only change the shape: none.
struct ReshapingEmission: CEmission {
  func placement(of result: Int, _ node: Node, _ operands: Operands<Operand>) throws -> Placement {
    let (x, y) = (operands.first.type, node.types[0])
    try require(
      x.element != .bit || x.shape.last == y.shape.last || [x, y].allSatisfy { ($0.shape.last ?? 1) % 32 == 0 },
      "there is no C that makes \(y) of \(x): rows of bits take whole words")
    return .view(operand: 0, offset: 0)
  }

  func emit(_ site: Site, into c: inout CWriter) throws {}
}

/// The C of operations whose results are views of their operand: none where the elements lie together already, else a loop
/// that copies.
struct ViewEmission: CEmission {
  let op: any ViewOperation

  func placement(of result: Int, _ node: Node, _ operands: Operands<Operand>) throws -> Placement {
    let view = try op.views(operands)[result]
    return view.isContiguous ? .view(operand: 0, offset: view.start) : .own
  }

  func emit(_ site: Site, into c: inout CWriter) throws {
    for (result, view) in try op.views(site.operands).enumerated() where !view.isContiguous {
      guard let y = site.optionalResult(result) else { continue }
      let x = site.operand(0)
      LoopNest(over: view.extents, strides: [view.extents.strides, view.strides], starts: [0, view.start])
        .emit(into: &c) { c, indices in c.line("\(y.name)[\(indices[0])] = \(x.name)[\(indices[1])];") }
    }
  }
}

extension Concat: Emittable {
  public func placement(of result: Int, _ node: Node, _ operands: Operands<Operand>) throws -> Placement {
    let chunks = try chunks(operands.all.map(\.shape))
    guard chunks.reduce(0, +) == node.types[0].elementCount else { return .own }
    return .around(operandOffsets: chunks.indices.map { chunks[..<$0].reduce(0, +) })
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let chunks = try chunks(site.operands.all.map(\.shape))
    let row = chunks.reduce(0, +)
    guard row > 0 else { return }
    for (index, chunk) in chunks.enumerated() where !site.isAlreadyPlaced(index) && chunk > 0 {
      let x = site.operand(index)
      LoopNest(
        over: [site.resultType.elementCount / row, chunk], strides: [[row, 1], [chunk, 1]],
        starts: [chunks[..<index].reduce(0, +), 0]
      ).emit(into: &c) { c, indices in c.line("\(site.result.name)[\(indices[0])] = \(x.name)[\(indices[1])];") }
    }
  }
}
