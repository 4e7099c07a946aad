import IR

extension BinaryConvolution {
  /// The fields of the struct that kernels take, for data with their channels last.
  fileprivate func fields(_ x: Shape) throws -> [(String, Int)] {
    let window = try window(x)
    return LayerAxes(window.axes, pooled: try poolWindow(window)?.axes).fields(
      batch: x[0], channels: (x[3], outputChannels), group: group, panel: min(Self.panel, outputChannels / group),
      isAverage: false)
  }
}

extension BinaryConv2D: Emittable {
  public var programMemoryOperands: Set<Int> { [1, 2, 3] }

  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) throws -> Int {
    // The window of a pixel.
    4 * panels(operands.first.shape).wordsInRow
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let patch = "(uint32_t *)\(site.scratch!)"
    var arguments = [site.operand(0).name, site.operand(1).name]
    if site.has(2) { arguments += [site.operand(2).name, site.pointer(3)] }
    arguments += [site.result.name, patch, "\(padding)"]
    c.call(
      site.has(2) ? "nnc_binary_conv2d" : "nnc_binary_conv2d_sums", arguments, shape: "nnc_conv2d_shape",
      try fields(site.type(0).shape))
  }
}

extension PlaneConv2D: Emittable {
  public var programMemoryOperands: Set<Int> { [1, 2, 3] }

  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) throws -> Int {
    let x = pixels(operands.first.shape)
    let (window, count) = (try window(x), panels(x).inputs)
    let (rows, columns) = (window.axes[0].output, window.axes[1].output)
    let chunks = ((rows - 1) * x[2] + columns + lanes - 1) / lanes
    // The planes of some chunks of pixels, room to align them, and a list of half of them and one more.
    return lanes / 8 * (count * min(chunks, Self.chunksAtOnce(lanes: lanes)) + 1) + 2 * ((count + 1) / 2 + 1)
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let arguments = [
      site.operand(0).name, site.operand(1).name, site.operand(2).name, site.pointer(3), site.result.name,
      "(uint32_t *)\(site.scratch!)", "\(padding)",
    ]
    c.call(
      "nnc_plane_conv2d", arguments, shape: "nnc_conv2d_shape",
      try fields(pixels(site.type(0).shape)))
  }
}

extension BinarizedConv2D: Emittable {
  public var programMemoryOperands: Set<Int> { [1, 2, 3, 4] }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let conv = convolution
    let arguments = [
      site.operand(0).name, site.operand(1).name, site.pointer(2), site.operand(3).name, site.pointer(4),
      site.result.name,
    ]
    c.call(
      "nnc_binarizing_conv2d_f32", arguments, shape: "nnc_conv2d_shape",
      try conv.pooledFields(
        site, group: group, panel: conv.panelWidth(of: outputChannels / group, isFixedPoint: false)))
  }
}

extension PackBits: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let shape = site.type(0).shape
    let sizes = [shape.elementCount(of: 0..<shape.rank - 1), shape.last!].map(String.init)
    c.call(
      "nnc_pack_bits_\(site.suffix)",
      [site.operand(0).name, site.pointer(1), site.pointer(2), site.result.name] + sizes)
  }
}

extension UnpackBits: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let shape = site.type(0).shape
    let sizes = [shape.elementCount(of: 0..<max(0, shape.rank - 1)), shape.last ?? 1].map(String.init)
    c.call("nnc_unpack_bits_f32", [site.operand(0).name, site.result.name] + sizes)
  }
}

extension TransposeBits: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    c.call(
      "nnc_transpose_bits", [site.operand(0).name, site.result.name] + site.type(0).shape.map { "\($0)" })
  }
}
