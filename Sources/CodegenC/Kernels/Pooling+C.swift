import IR

extension PoolingOperation {
  /// Adds the call of a kernel for pools.
  fileprivate func emit(
    _ kernel: String, _ site: Site, _ results: [String], _ arguments: [String], into c: inout CWriter
  ) throws {
    let x = site.type(0).shape
    let axes = try window(x).threeAxes()
    let all =
      [("planes", x[0] * x[1])] + fields(inputExtents, axes, \.input) + fields(outputExtents, axes, \.output)
      + commonFields(axes) + fields(["pad_back", "pad_bottom", "pad_right"], axes, \.padEnd)
    let arrays = [site.operand(0).name] + results
    c.call("\(kernel)_\(site.suffix)", arrays + arguments, shape: "nnc_pool_shape", all)
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
