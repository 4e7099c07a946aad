import IR

/// The fields of the struct for pools.
private func poolFields(_ window: Window, planes: Int) throws -> [(String, Int)] {
  let axes = try window.threeAxes()
  return [("planes", planes)] + fields(inputExtents, axes, \.input) + fields(outputExtents, axes, \.output)
    + commonFields(axes) + fields(["pad_back", "pad_bottom", "pad_right"], axes, \.padEnd)
}

extension PoolingOperation {
  /// Adds the call of a kernel for pools.
  fileprivate func emit(
    _ kernel: String, _ site: Site, _ results: [String], _ arguments: [String], into c: inout CWriter
  ) throws {
    let x = site.type(0).shape
    let fields = try poolFields(window(x), planes: x[0] * x[1])
    let arrays = [site.operand(0).name] + results
    c.call("\(kernel)_\(site.suffix)", arrays + arguments, shape: "nnc_pool_shape", fields)
  }
}

extension MaxPool: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let results = (0..<2).map { site.optionalResult($0)?.name ?? "NULL" }
    try emit("nnc_max_pool", site, results, ["\(storageOrder)"], into: &c)
  }
}

extension AveragePool: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    try emit("nnc_average_pool", site, [site.result.name], [countIncludePad ? "1" : "0"], into: &c)
  }
}

extension LpPool: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    try emit("nnc_lp_pool", site, [site.result.name], normArguments(p, site, &c), into: &c)
  }
}

/// The arguments of a kernel that computes p-norms: the functions of an element and of the sum, and p.
func normArguments(_ p: Int, _ site: Site, _ c: inout CWriter) -> [String] {
  let kind = p == 1 ? "l1" : p == 2 ? "l2" : "lp"
  return [
    c.kernel("nnc_\(kind)_term_\(site.suffix)"), c.kernel("nnc_\(kind)_root_\(site.suffix)"),
    cLiteral(Double(p), site.resultType.element),
  ]
}

extension GlobalPoolingOperation {
  /// Adds the call of the kernel of a global pool.
  fileprivate func emit(_ site: Site, _ arguments: [String] = [], into c: inout CWriter) {
    let shape = site.type(0).shape
    let sizes = [shape.elementCount(of: 0..<2), shape.elementCount(of: 2..<shape.rank)].map(String.init)
    let arrays = [site.operand(0).name, site.result.name]
    c.call("nnc_\(Self.name.kernelName)_\(site.suffix)", arrays + sizes + arguments)
  }
}

extension GlobalAveragePool: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws { emit(site, [], into: &c) }
}

extension GlobalMaxPool: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws { emit(site, [], into: &c) }
}

extension GlobalLpPool: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws { emit(site, normArguments(p, site, &c), into: &c) }
}

extension Col2Im: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let fields = try poolFields(window(site.operands), planes: site.resultType.shape.elementCount(of: 0..<2))
    c.call(
      "nnc_col2im_\(site.suffix)", [site.operand(0).name, site.result.name], shape: "nnc_pool_shape", fields)
  }
}

extension MaxUnpool: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (x, indices, y) = (site.operand(0), site.operand(1), site.result)
    let shape = try unpooledShape(x.type.shape)
    c.call("nnc_fill_\(site.suffix)", [y.name, y.type.element.zero, "\(y.type.elementCount)"])
    if x.type.elementCount == 0 { return site.emitNothing(into: &c) }
    // Loops over the smaller shape, of which a place is taken apart into the variables.
    let nest = LoopNest(over: shape, strides: [shape.strides, y.type.shape.strides])
    let terms = nest.extents.indices.map { loop in
      let (inner, extent, outer) = (nest.strides[0][loop], nest.extents[loop], nest.strides[1][loop])
      let quotient = inner == 1 ? "place" : "place / \(inner)"
      let index = loop == 0 ? quotient : "\(quotient) % \(extent)"
      return outer == 1 ? index : "\(index) * \(outer)"
    }
    LoopNest(over: [x.type.elementCount], strides: [[1]]).emit(into: &c) { c, i in
      let place = "\(c.kernel("nnc_place_i64"))(\(indices.name)[\(i[0])], \(shape.elementCount))"
      c.line("const \(c.kernel("nnc_index")) place = \(place);")
      c.line("\(y.name)[\(terms.isEmpty ? "place" : terms.joined(separator: " + "))] = \(x.name)[\(i[0])];")
    }
  }
}
