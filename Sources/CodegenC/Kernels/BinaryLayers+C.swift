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
  public var programMemoryOperands: Set<Int> { [1, 2, 3, 4] }

  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) throws -> Int {
    let x = pixels(operands.first.shape)
    let (window, count) = (try window(x), panels(x).inputs)
    let (rows, columns) = (window.axes[0].output, window.axes[1].output)
    let chunks = min(
      ((rows - 1) * x[2] + columns + lanes - 1) / lanes, Self.chunksAtOnce(lanes: lanes))
    // The planes of some chunks of pixels, with one without bits, and room to align them.
    func planes(_ count: Int) -> Int { lanes / 8 * (count * chunks + 1) }
    let half = (count + 1) / 2
    guard let tree = try tree(operands) else {
      // A list of half of them, and some more.
      return planes(count + 1) + 2 * (half + 8)
    }
    let changes = try operands.required(1).known().map { try tree.requireWeights($0, panels(x)) } ?? count
    // Counters and weights in each slot, and a list.
    return planes(count + 1 + tree.slotCount * Self.counterBits(count))
      + (tree.carriesWeights ? 0 : 4 * (tree.slotCount + 1) * panels(x).wordsInRow) + 2
      * (max(changes, min(half, 128)) + 24)
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let x = site.operand(0).name
    let (thresholds, rest) = (
      [site.operand(2).name, site.pointer(3)], [site.result.name, "(uint32_t *)\(site.scratch!)", "\(padding)"]
    )
    let shape = try fields(pixels(site.type(0).shape))
    guard let tree = try tree(site.operands) else {
      return c.call(
        "nnc_plane_conv2d", [x, site.operand(1).name] + thresholds + rest, shape: "nnc_conv2d_shape", shape)
    }
    let steps = [site.operand(4).name] + rest + ["\(site.type(4).shape[0])", "\(tree.slotCount)"]
    c.call(
      tree.carriesWeights ? "nnc_plane_list_conv2d" : "nnc_plane_tree_conv2d",
      [x] + (tree.carriesWeights ? [] : [site.operand(1).name]) + thresholds + steps, shape: "nnc_conv2d_shape", shape)
  }

  /// How many bits kernels count with for so many weights: one more than the count has, and at least 5.
  private static func counterBits(_ count: Int) -> Int { max(5, Int.bitWidth - count.leadingZeroBitCount + 1) }
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
