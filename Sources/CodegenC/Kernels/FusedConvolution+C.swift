import IR

extension ChannelsLastConvolution {
  /// The fields of the struct for convolutions on NHWC data that pool nothing.
  func fields(_ site: Site, group: Int, panel: Int) throws -> [(String, Int)] {
    let (x, y) = (site.type(0).shape, site.resultType.shape)
    return LayerAxes(try window(x).axes, pooled: nil).fields(
      batch: x[0], channels: (x[3], y[3]), group: group, panel: panel, isAverage: false)
  }
}

extension FusedConvolution {
  fileprivate func axes(_ x: Shape) throws -> LayerAxes {
    LayerAxes(try window(x).axes, pooled: try poolWindow(window(x))?.axes)
  }

  /// The fields of the struct for convolutions on NHWC data.
  func pooledFields(_ site: Site, group: Int = 1, panel: Int = 1) throws -> [(String, Int)] {
    let (x, y) = (site.type(0).shape, site.resultType.shape)
    return try axes(x).fields(
      batch: x[0], channels: (x[3], y[3]), group: group, panel: panel, isAverage: pool == .average)
  }
}

extension FusedConvolution where Self: Emittable & WeightedLayer {
  /// Adds the call of a kernel for convolutions on NHWC data.
  fileprivate func emit(_ site: Site, kernel: String, group: Int, panel: Int, into c: inout CWriter) throws {
    let (x, y) = (site.type(0).shape, site.resultType.shape)
    let call = LayerCall(
      layer: self, kernel: kernel, batch: x[0], channels: (x[3], y[3]), axes: try axes(x), group: group, panel: panel)
    call.emit(site, isAverage: pool == .average, into: &c)
  }

  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) throws -> Int {
    operands[3] == nil ? 0 : try axes(operands.first.shape).bandByteCount(channels: operands.first.shape[3])
  }
}

extension Conv2D: Emittable {
  public var programMemoryOperands: Set<Int> { [1, 2] }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let panel = try panelWidth(of: outputChannels / group, isFixedPoint: site.has(3))
    try emit(site, kernel: "conv2d", group: group, panel: panel, into: &c)
  }
}

extension DepthwiseConv2D: Emittable {
  public var programMemoryOperands: Set<Int> { [1, 2] }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    try emit(site, kernel: "depthwise_conv2d", group: 1, panel: 1, into: &c)
  }
}

extension Dense: Emittable {
  public var programMemoryOperands: Set<Int> { [1, 2] }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let shape = site.type(0).shape
    let (rows, depth) = (imageCount(shape), productCount(shape))
    let panel = try panelWidth(of: outputFeatures, isFixedPoint: site.has(3))
    guard site.has(3) else {
      let arrays = [site.operand(0).name, site.operand(1).name, site.pointer(2), site.pointer(4), site.result.name]
      let sizes = [rows, depth, outputFeatures, panel].map(String.init)
      return c.call(
        "nnc_dense_\(site.suffix)", arrays + sizes + activation.arguments(alpha, beta, site.resultType.element, &c))
    }
    // A pixel for each row.
    let call = LayerCall(
      layer: self, kernel: "conv2d", batch: rows, channels: (depth, outputFeatures), axes: .pixel, group: 1,
      panel: panel)
    call.emit(site, isAverage: false, into: &c)
  }

  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) -> Int {
    operands[3] == nil ? 0 : LayerAxes.pixel.bandByteCount(channels: productCount(operands.first.shape))
  }
}

/// How a layer moves over rows and columns, and pools after that.
struct LayerAxes {
  /// Those of the convolution.
  var rows, columns: WindowAxis
  /// Those of the pool.
  var pooledRows, pooledColumns: WindowAxis

  /// Those of a layer that takes pixels one by one.
  static let pixel = LayerAxes([.single, .single], pooled: nil)

  /// A pool of single pixels where there is none.
  init(_ axes: [WindowAxis], pooled: [WindowAxis]?) {
    (rows, columns) = (axes[0], axes[1])
    func unpooled(_ axis: WindowAxis) -> WindowAxis {
      var pool = WindowAxis.single
      (pool.input, pool.output) = (axis.output, axis.output)
      return pool
    }
    (pooledRows, pooledColumns) = pooled.map { ($0[0], $0[1]) } ?? (unpooled(rows), unpooled(columns))
  }

  /// The same with rows for columns where there is but one row: that is the same in memory.
  var upright: LayerAxes {
    guard rows == .single else { return self }
    var axes = self
    (axes.rows, axes.columns, axes.pooledRows, axes.pooledColumns) = (columns, rows, pooledColumns, pooledRows)
    return axes
  }

  /// The bytes of those rows and columns of the data that a row of pixels takes, in integers of 32 bits.
  func bandByteCount(channels: Int) -> Int {
    let axes = upright
    let last = (axes.pooledColumns.output - 1) * axes.pooledColumns.stride + axes.pooledColumns.kernel - 1
    return TensorType(.i32, [axes.rows.reach, last * axes.columns.stride + axes.columns.reach, channels]).byteCount
  }

  /// The fields of the struct that kernels take.
  func fields(
    batch: Int, channels: (input: Int, output: Int), group: Int, panel: Int, isAverage: Bool
  ) -> [(String, Int)] {
    [
      ("batch", batch), ("in_height", rows.input), ("in_width", columns.input), ("in_channels", channels.input),
      ("out_height", pooledRows.output), ("out_width", pooledColumns.output), ("out_channels", channels.output),
      ("kernel_height", rows.kernel), ("kernel_width", columns.kernel),
      ("stride_y", rows.stride), ("stride_x", columns.stride),
      ("dilation_y", rows.dilation), ("dilation_x", columns.dilation),
      ("pad_top", rows.padBegin), ("pad_left", columns.padBegin), ("groups", group), ("panel", panel),
      ("pool_height", pooledRows.kernel), ("pool_width", pooledColumns.kernel),
      ("pool_stride_y", pooledRows.stride), ("pool_stride_x", pooledColumns.stride),
      ("pool_average", isAverage ? 1 : 0),
    ]
  }
}

/// The call of a kernel for a layer on NHWC data.
private struct LayerCall {
  let layer: any WeightedLayer
  let kernel: String
  let batch: Int
  let channels: (input: Int, output: Int)
  let axes: LayerAxes
  let group, panel: Int

  func emit(_ site: Site, isAverage: Bool, into c: inout CWriter) {
    let (activation, element) = (layer.activation, site.resultType.element)
    let arrays = [site.operand(0).name, site.operand(1).name, site.pointer(2)]
    guard site.has(3) else {
      let addend = layer is DepthwiseConv2D ? [] : [site.pointer(4)]
      let arguments = arrays + addend + [site.result.name] + activation.arguments(layer.alpha, layer.beta, element, &c)
      return c.call("nnc_\(kernel)_\(site.suffix)", arguments, shape: "nnc_conv2d_shape", fields(of: axes, isAverage))
    }
    // Negative sums are known before they become floats.
    let rectifies = activation == .relu
    let bits = layer.fixedPoint(site.type(0).shape).dataBits
    let numbers = ["(int32_t *)scratch", "\(bits)", rectifies ? "1" : "0"]
    let function = (rectifies ? .none : activation).arguments(layer.alpha, layer.beta, element, &c)
    c.call(
      "nnc_fixed_\(kernel)_\(site.suffix)", arrays + [site.operand(3).name, site.result.name] + numbers + function,
      shape: "nnc_conv2d_shape", fields(of: axes.upright, isAverage))
  }

  private func fields(of axes: LayerAxes, _ isAverage: Bool) -> [(String, Int)] {
    axes.fields(batch: batch, channels: channels, group: group, panel: panel, isAverage: isAverage)
  }
}

extension PanelledLayer {
  /// The width of panels of `columns` columns, of which kernels keep as many sums.
  func panelWidth(of columns: Int, isFixedPoint: Bool) throws -> Int {
    let width = min(panel, columns)
    guard width <= 16 else {
      throw Diagnostic("panel is \(panel), but kernels compute at most 16 columns at a time")
    }
    guard !isFixedPoint || width == min(4, columns) else {
      throw Diagnostic("panel is \(panel), but kernels for weights in fixed point compute 4 columns at a time")
    }
    return width
  }
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
    let kernel = site.type(0).element == .bit ? "nnc_or_pool_bits" : "nnc_\(kind)_pool2d_\(site.suffix)"
    c.call(kernel, arrays, shape: "nnc_pool2d_shape", try fields(site))
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
