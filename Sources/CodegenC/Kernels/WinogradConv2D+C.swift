import IR

extension WinogradConv2D: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    guard [8, 16].contains(panel) else {
      throw Diagnostic("panel is \(panel), but kernels compute 8 or 16 channels at a time")
    }
    let arrays = [site.operand(0).name, site.operand(1).name, site.pointer(2), site.pointer(3), site.result.name]
    let function = activation.arguments(alpha, beta, site.resultType.element, &c)
    c.call(
      "nnc_winograd_conv2d_f32", arrays + ["(float *)\(site.scratch!)"] + function, shape: "nnc_conv2d_shape",
      try pooledFields(site, panel: panel))
  }

  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) throws -> Int {
    let x = operands.first.shape
    let tiles = try tiles(x)
    return TensorType(.f32, [WinogradTransform.places, min(tiles.rows * tiles.columns, Self.tilesAtOnce), x[3]])
      .byteCount
  }
}
