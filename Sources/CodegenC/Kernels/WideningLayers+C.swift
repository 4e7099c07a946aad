import IR

extension WideningLayer {
  /// What kernels take of a layer: X, W and its bits, S and how many scales a channel has, B, Z, result.
  fileprivate func arrays(_ site: Site) -> [String] {
    let (element, scales) = (site.type(1).element, site.type(2).shape)
    let weights = element.isPacked ? site.packedOperand(1) : site.operand(1).name
    return [site.operand(0).name, weights, "\(element.bitWidth)", site.operand(2).name, "\(scales[0])"]
      + [site.pointer(3), site.pointer(4), site.result.name]
  }

  /// The bytes of the floats that are made at a time.
  fileprivate func floatByteCount(_ x: Shape) -> Int {
    TensorType(.f32, [min(span, wide.channelCount(x)), wide.productCount(x)]).byteCount
  }
}

extension WideningConv2D: Emittable {
  public var programMemoryOperands: Set<Int> { [1, 2, 3] }

  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) -> Int {
    floatByteCount(operands.first.shape)
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let panel = try wide.panelWidth(of: wide.groupChannelCount, isFixedPoint: false)
    let function = wide.activation.arguments(wide.alpha, wide.beta, .f32, &c)
    c.call(
      "nnc_widening_conv2d_f32", arrays(site) + ["(float *)\(site.scratch!)", "\(max(span, panel))"] + function,
      shape: "nnc_conv2d_shape", try wide.pooledFields(site, group: wide.group, panel: panel))
  }
}

extension WideningDense: Emittable {
  public var programMemoryOperands: Set<Int> { [1, 2, 3] }

  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) -> Int {
    let x = operands.first.shape
    return wide.imageCount(x) == 1 ? 0 : floatByteCount(x)
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (x, columns) = (site.type(0).shape, wide.outputFeatures)
    let (rows, depth, panel) = (wide.imageCount(x), x.last!, try wide.panelWidth(of: columns, isFixedPoint: false))
    let function = wide.activation.arguments(wide.alpha, wide.beta, .f32, &c)
    guard rows != 1 else {
      let sizes = [depth, columns, panel].map(String.init)
      return c.call("nnc_widening_dense_f32", arrays(site) + sizes + function)
    }
    // Rows are pixels side by side.
    var pixels = WindowAxis.single
    (pixels.input, pixels.output) = (rows, rows)
    c.call(
      "nnc_widening_conv2d_f32", arrays(site) + ["(float *)\(site.scratch!)", "\(max(span, panel))"] + function,
      shape: "nnc_conv2d_shape",
      LayerAxes([.single, pixels], pooled: nil).fields(
        batch: 1, channels: (depth, columns), group: 1, panel: panel, isAverage: false))
  }
}
