import IR

/// The fields of the struct that says how sums are quantized, with scales at the operands `scales`.
private func requantization(
  _ site: Site, scales: [Int], zero: Int, row: String = "0"
) -> [(String, String)] {
  let range = site.resultType.element.quantizedRange
  return [
    ("x_scale", site.parameter(scales[0], at: row)), ("w_scales", site.operand(scales[1]).name),
    ("w_scale_step", "\(site.parameterStep(scales[1]))"), ("y_scale", site.parameter(scales[2], at: row)),
    ("y_zero", site.parameter(zero, at: row)), ("low", range[0]), ("high", range[1]),
  ]
}

/// A product of matrices, taken row by row.
private struct RowProduct {
  let geometry: MatMul.Geometry
  /// Where the operands are.
  let b: Int, aZero: Int, bZero: Int

  init(_ site: Site, b: Int, aZero: Int, bZero: Int) throws {
    geometry = try MatMul.Geometry(site.type(0).shape, site.type(b).shape)
    (self.b, self.aZero, self.bZero) = (b, aZero, bZero)
  }

  /// Adds loops over the rows of the result, around the call of the kernel for the sums of one, and what `body` adds for
  /// the place of the row among the elements of the result and its number in its matrix.
  func emit(
    _ site: Site, sums: (String) -> String, into c: inout CWriter, _ body: (inout CWriter, String, String) -> Void
  ) {
    let (rows, depth, columns) = (geometry.rows, geometry.depth, geometry.columns)
    let strides = [
      geometry.leftStrides.map { $0 * rows * depth } + [depth],
      geometry.rightStrides.map { $0 * depth * columns } + [0],
      geometry.batch.strides.map { $0 * rows * columns } + [columns], geometry.batch.map { _ in 0 } + [1],
    ]
    LoopNest(over: Shape(geometry.batch.extents + [rows]), strides: strides).emit(into: &c) { c, indices in
      let right = site.operand(b).name + (indices[1] == "0" ? "" : " + \(indices[1])")
      let arguments = [
        site.bytes(0, from: indices[0]), site.isSigned(0), site.parameter(aZero, at: indices[3]), right,
        site.pointer(bZero), "\(site.parameterStep(bZero))", sums(indices[2]), "\(depth)", "\(columns)",
      ]
      c.call("nnc_matmul_integer_row_\(site.type(b).element)", arguments)
      body(&c, indices[2], indices[3])
    }
  }
}

extension MatMulInteger: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let product = try RowProduct(site, b: 1, aZero: 2, bZero: 3)
    product.emit(site, sums: { $0 == "0" ? site.result.name : "\(site.result.name) + \($0)" }, into: &c) { _, _, _ in }
  }
}

extension QLinearMatMul: Emittable {
  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) -> Int {
    4 * (operands.required(3).shape.rank == 1 ? 1 : node.types[0].shape.last ?? 1)
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    try require(
      site.type(1).element == .f32, "there is no C for scales of type \(site.type(1).element); widen-half comes first")
    let columns = try MatMul.Geometry(site.type(0).shape, site.type(3).shape).columns
    c.line("\(c.kernel("nnc_sum")) *const sums = (nnc_sum *)scratch;")
    try RowProduct(site, b: 3, aZero: 2, bZero: 5).emit(site, sums: { _ in "sums" }, into: &c) { c, place, row in
      let fields = requantization(site, scales: [1, 4, 6], zero: 7, row: row)
      c.structure("nnc_requantization", "scaling", fields)
      let step = "\(site.parameterStep(4))"
      c.call(
        "nnc_requantize",
        ["&scaling", "scaling.w_scales", step, "sums", site.resultBytes(from: place), "\(columns)"])
    }
  }
}

extension CWriter {
  /// Adds the struct with the zero points of a convolution, of which `w` is the operand that holds the filters.
  fileprivate mutating func convolutionZeros(_ site: Site, w: Int, xZero: Int, wZero: Int) {
    structure(
      "nnc_conv_zeros", "zeros",
      [
        ("x_zero", site.parameter(xZero)), ("w_zeros", site.bytes(wZero)),
        ("w_zero_step", "\(site.parameterStep(wZero))"), ("w_is_signed", site.isSigned(w)),
      ])
  }
}

extension ConvInteger: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    c.convolutionZeros(site, w: 1, xZero: 2, wZero: 3)
    let arrays = ["&zeros", site.operand(0).name, site.bytes(1), site.result.name]
    try emitConvolution("nnc_conv_integer", site, convolution, w: 1, arrays, into: &c)
  }
}

extension QLinearConv: Emittable {
  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) -> Int {
    4 * (node.types[0].shape.last ?? 1)
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    c.convolutionZeros(site, w: 3, xZero: 2, wZero: 5)
    c.structure("nnc_requantization", "scaling", requantization(site, scales: [1, 4, 6], zero: 7))
    let arrays = [
      "&zeros", "&scaling", site.operand(0).name, site.bytes(3), site.pointer(8), "(\(c.kernel("nnc_sum")) *)scratch",
      site.resultBytes(),
    ]
    try emitConvolution("nnc_qlinear_conv", site, convolution, w: 3, arrays, into: &c)
  }
}

/// Adds the call of a kernel for convolutions of integers.
private func emitConvolution(
  _ kernel: String, _ site: Site, _ op: Conv, w: Int, _ arrays: [String], into c: inout CWriter
) throws {
  let (x, y) = (site.type(0).shape, site.resultType.shape)
  let axes = try op.window(x, site.type(w).shape).threeAxes()
  let channels = [("batch", x[0]), ("groups", op.group), ("in_channels", x[1]), ("out_channels", y[1])]
  let extents = fields(inputExtents, axes, \.input) + fields(outputExtents, axes, \.output)
  c.call("\(kernel)_\(site.suffix)", arrays, shape: "nnc_conv_shape", channels + extents + commonFields(axes))
}
