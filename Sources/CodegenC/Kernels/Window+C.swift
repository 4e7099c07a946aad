import IR

extension Window {
  /// The axes, with axes of extent 1 before them so that there are three, as kernels take them.
  func threeAxes() throws -> [WindowAxis] {
    guard axes.count <= 3 else {
      throw Diagnostic("there is C for at most 3 spatial axes, not for \(axes.count)")
    }
    return [WindowAxis](repeating: .single, count: 3 - axes.count) + axes
  }
}

/// One field of a constant struct for each of three axes.
func fields(_ names: [String], _ axes: [WindowAxis], _ value: KeyPath<WindowAxis, Int>) -> [(String, Int)] {
  zip(names, axes).map { ($0, $1[keyPath: value]) }
}

/// The fields that the structs for convolutions and pools have in common.
func commonFields(_ axes: [WindowAxis]) -> [(String, Int)] {
  fields(["kernel_depth", "kernel_height", "kernel_width"], axes, \.kernel)
    + fields(["stride_z", "stride_y", "stride_x"], axes, \.stride)
    + fields(["dilation_z", "dilation_y", "dilation_x"], axes, \.dilation)
    + fields(["pad_front", "pad_top", "pad_left"], axes, \.padBegin)
}

private let inputNames = ["in_depth", "in_height", "in_width"]
private let outputNames = ["out_depth", "out_height", "out_width"]

extension Conv: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (x, w) = (site.type(0).shape, site.type(1).shape)
    let axes = try window(x, w).threeAxes()
    let extents = fields(inputNames, axes, \.input) + fields(outputNames, axes, \.output)
    emitConvolution("nnc_conv", site, group: group, extents + commonFields(axes), into: &c)
  }
}

extension ConvTranspose: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (x, w) = (site.type(0).shape, site.type(1).shape)
    let axes = try window(x, w).threeAxes()
    // The window moves over the result.
    let extents = fields(inputNames, axes, \.output) + fields(outputNames, axes, \.input)
    emitConvolution("nnc_conv_transpose", site, group: group, extents + commonFields(axes), into: &c)
  }
}

/// Adds the call of a kernel for convolutions.
private func emitConvolution(
  _ kernel: String, _ site: Site, group: Int, _ fields: [(String, Int)], into c: inout CWriter
) {
  let (x, y) = (site.type(0).shape, site.resultType.shape)
  let channels = [("batch", x[0]), ("groups", group), ("in_channels", x[1]), ("out_channels", y[1])]
  let arrays = [site.operand(0).name, site.operand(1).name, site.pointer(2), site.result.name]
  c.call("\(kernel)_\(site.suffix)", arrays, shape: "nnc_conv_shape", channels + fields)
}

extension PoolingOperation {
  /// Adds the call of a kernel for pools.
  fileprivate func emit(
    _ kernel: String, _ site: Site, _ results: [String], _ arguments: [String], into c: inout CWriter
  ) throws {
    let x = site.type(0).shape
    let axes = try window(x).threeAxes()
    let all =
      [("planes", x[0] * x[1])] + fields(inputNames, axes, \.input) + fields(outputNames, axes, \.output)
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
