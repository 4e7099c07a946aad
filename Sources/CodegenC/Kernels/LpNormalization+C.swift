import IR

extension LpNormalization: Emittable {
  public func placement(of result: Int, _ node: Node, _ operands: Operands<Operand>) throws -> Placement {
    .inPlace(operands: [0])
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let sizes = try lineSizes(site.resultType.shape, axis: axis).map(String.init)
    let arrays = [site.operand(0).name, site.result.name]
    c.call("nnc_lp_normalization_\(site.suffix)", arrays + sizes + normArguments(p, site, &c))
  }
}

extension LRN: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (x, element) = (site.resultType.shape, site.resultType.element)
    let neighbours = [min((size - 1) / 2, x[1]), min(size / 2, x[1])]
    let sizes = ([x[0], x[1], x.elementCount(of: 2..<x.rank)] + neighbours).map(String.init)
    let numbers = [Double(alpha) / Double(size), Double(bias), Double(beta)].map { cLiteral($0, element) }
    c.call("nnc_lrn_\(site.suffix)", [site.operand(0).name, site.result.name] + sizes + numbers)
  }
}

extension MeanVarianceNormalization: Emittable {
  public func placement(of result: Int, _ node: Node, _ operands: Operands<Operand>) throws -> Placement {
    .inPlace(operands: [0])
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (shape, element, type) = (site.resultType.shape, site.resultType.element, site.resultType.element.cType)
    let reduced = shape.rank == 0 ? [] : try axes.map { try shape.axis($0) }
    let kept = shape.indices.filter { !reduced.contains($0) }
    let strides = shape.strides
    let others = shape.indices.filter(reduced.contains)
    let group = LoopNest(over: shape.selecting(others), strides: [others.map { strides[$0] }])
    let size = cLiteral(Double(shape.selecting(others).elementCount), element)
    let (x, y) = (site.operand(0).name, site.result.name)
    LoopNest(over: shape.selecting(kept), strides: [kept.map { strides[$0] }], prefix: "g").emit(into: &c) {
      c, indices in
      c.line("const nnc_index first = \(indices[0]);")
      c.line("\(type) mean = \(cLiteral(0, element));")
      c.line("\(type) variance = \(cLiteral(0, element));")
      c.line("\(type) deviation;")
      group.emit(into: &c) { c, indices in c.line("mean += \(x)[first + \(indices[0])];") }
      c.line("mean /= \(size);")
      group.emit(into: &c) { c, indices in
        let difference = "(\(x)[first + \(indices[0])] - mean)"
        c.line("variance += \(difference) * \(difference);")
      }
      c.line("deviation = \(c.kernel("nnc_sqrt_\(element)"))(variance / \(size)) + \(cLiteral(1e-9, element));")
      group.emit(into: &c) { c, indices in
        c.line("\(y)[first + \(indices[0])] = (\(x)[first + \(indices[0])] - mean) / deviation;")
      }
    }
  }
}
