import IR

extension ChannelsLastConvolution {
  /// The fields of the struct for convolutions on NHWC data, of which the results are reduced in windows `pooled`.
  func fields(
    _ site: Site, group: Int, panel: Int, pooled: [WindowAxis]? = nil, isMean: Bool = false
  ) throws -> [(String, Int)] {
    let (x, y) = (site.type(0).shape, site.resultType.shape)
    let window = try window(x)
    let (rows, columns) = (window.axes[0], window.axes[1])
    return [
      ("batch", x[0]), ("in_height", x[1]), ("in_width", x[2]), ("in_channels", x[3]),
      ("out_height", y[1]), ("out_width", y[2]), ("out_channels", y[3]),
      ("kernel_height", rows.kernel), ("kernel_width", columns.kernel),
      ("stride_y", rows.stride), ("stride_x", columns.stride),
      ("dilation_y", rows.dilation), ("dilation_x", columns.dilation),
      ("pad_top", rows.padBegin), ("pad_left", columns.padBegin), ("groups", group), ("panel", panel),
      ("pool_height", pooled?[0].kernel ?? 1), ("pool_width", pooled?[1].kernel ?? 1),
      ("pool_stride_y", pooled?[0].stride ?? 1), ("pool_stride_x", pooled?[1].stride ?? 1),
      ("pool_average", isMean ? 1 : 0),
    ]
  }
}

extension FusedConvolution {
  /// Adds the call of a kernel for convolutions on NHWC data.
  fileprivate func emit(_ site: Site, kernel: String, group: Int, panel: Int, into c: inout CWriter) throws {
    let pooled = try poolWindow(window(site.type(0).shape))?.axes
    let fields = try fields(site, group: group, panel: panel, pooled: pooled, isMean: pool == .average)
    let arrays = [site.operand(0).name, site.operand(1).name, site.pointer(2), site.result.name]
    let arguments = arrays + activation.arguments(alpha, beta, site.resultType.element, &c)
    c.call("\(kernel)_\(site.suffix)", arguments, shape: "nnc_conv2d_shape", fields)
  }
}

extension Conv2D: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let panel = try panelWidth(panel, of: outputChannels / group)
    try emit(site, kernel: "nnc_conv2d", group: group, panel: panel, into: &c)
  }
}

extension DepthwiseConv2D: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    try emit(site, kernel: "nnc_depthwise_conv2d", group: 1, panel: 8, into: &c)
  }
}

extension Dense: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let shape = site.type(0).shape
    let depth = shape[shape.rank - 1]
    let arrays = [site.operand(0).name, site.operand(1).name, site.pointer(2), site.result.name]
    let panel = try panelWidth(panel, of: outputFeatures)
    let sizes = [shape.elementCount(of: 0..<shape.rank - 1), depth, outputFeatures, panel].map(String.init)
    c.call(
      "nnc_dense_\(site.suffix)", arrays + sizes + activation.arguments(alpha, beta, site.resultType.element, &c))
  }
}

/// The width of panels of `columns` columns, of which kernels keep as many sums.
private func panelWidth(_ panel: Int, of columns: Int) throws -> Int {
  let width = min(panel, columns)
  guard width <= 16 else {
    throw Diagnostic("panel is \(panel), but kernels compute at most 16 columns at a time")
  }
  return width
}

extension Pool2D {
  /// The fields of the struct for pools on NHWC data.
  func fields(_ site: Site) throws -> [(String, Int)] {
    let (x, y) = (site.type(0).shape, site.resultType.shape)
    let axes = try window(x).axes
    let (rows, columns) = (axes[0], axes[1])
    return [
      ("batch", x[0]), ("in_height", x[1]), ("in_width", x[2]), ("channels", x[3]),
      ("out_height", y[1]), ("out_width", y[2]), ("kernel_height", rows.kernel), ("kernel_width", columns.kernel),
      ("stride_y", rows.stride), ("stride_x", columns.stride),
      ("dilation_y", rows.dilation), ("dilation_x", columns.dilation),
      ("pad_top", rows.padBegin), ("pad_left", columns.padBegin),
      ("pad_bottom", rows.padEnd), ("pad_right", columns.padEnd), ("counts_padding", countIncludePad ? 1 : 0),
    ]
  }
}

extension Pool2D: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let arrays = [site.operand(0).name, site.result.name]
    c.call("nnc_\(kind)_pool2d_\(site.suffix)", arrays, shape: "nnc_pool2d_shape", try fields(site))
  }
}

extension Activation {
  /// The arguments of a kernel that applies the activation: the function, and its parameters.
  func arguments(_ alpha: Float, _ beta: Float, _ element: ElementType, _ c: inout CWriter) -> [String] {
    [
      c.kernel("nnc_activation_\(rawValue)_\(element)"), cLiteral(Double(alpha), element),
      cLiteral(Double(beta), element),
    ]
  }
}
