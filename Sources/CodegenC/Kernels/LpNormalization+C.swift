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
