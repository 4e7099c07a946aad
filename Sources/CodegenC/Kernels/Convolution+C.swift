import IR

extension Conv: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (x, w) = (site.type(0).shape, site.type(1).shape)
    let axes = try window(x, w).threeAxes()
    let extents = fields(inputExtents, axes, \.input) + fields(outputExtents, axes, \.output)
    emitConvolution("nnc_conv", site, group: group, extents + commonFields(axes), into: &c)
  }
}

extension ConvTranspose: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (x, w) = (site.type(0).shape, site.type(1).shape)
    let axes = try window(x, w).threeAxes()
    // The window moves over the result.
    let extents = fields(inputExtents, axes, \.output) + fields(outputExtents, axes, \.input)
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

extension DeformConv: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (x, w, y) = (site.type(0).shape, site.type(1).shape, site.resultType.shape)
    let axes = try convolution.window(x, w).threeAxes()
    let channels = [("batch", x[0]), ("groups", group), ("in_channels", x[1]), ("out_channels", y[1])]
    let extents = fields(inputExtents, axes, \.input) + fields(outputExtents, axes, \.output)
    c.structure(
      "nnc_deform_\(site.suffix)", "operands",
      [
        ("x", site.operand(0).name), ("w", site.operand(1).name), ("offsets", site.operand(2).name),
        ("mask", site.pointer(4)), ("offset_groups", "\(offsetGroup)"), ("axes", "\(x.rank - 2)"),
      ])
    c.call(
      "nnc_deform_conv_\(site.suffix)", ["&operands", site.pointer(3), site.result.name], shape: "nnc_conv_shape",
      channels + extents + commonFields(axes))
  }
}
