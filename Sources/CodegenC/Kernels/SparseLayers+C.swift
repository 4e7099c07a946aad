import IR

extension Site {
  /// What kernels take of a layer with sparse weights: X, values, bits or gaps, bias, Z, result.
  fileprivate var sparseLayerArrays: [String] {
    let places = operand(2)
    let forms = places.type.element == .bit ? [places.name, "NULL"] : ["NULL", places.name]
    return [operand(0).name, operand(1).name] + forms + [pointer(3), pointer(4), result.name]
  }
}

extension SparseConv2D: Emittable {
  public var programMemoryOperands: Set<Int> { [1, 2, 3] }

  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) throws -> Int {
    let x = operands.first.shape
    return CodegenC.scratchByteCount(try window(x).axes, channels: x[3], band: band)
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    c.call(
      "nnc_sparse_conv2d_f32",
      site.sparseLayerArrays + [site.scratch!, "\(band)"] + activation.arguments(alpha, beta, .f32, &c),
      shape: "nnc_conv2d_shape", try fields(site, group: 1, panel: 1))
  }
}

extension SparseDense: Emittable {
  public var programMemoryOperands: Set<Int> { [1, 2, 3] }

  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) -> Int {
    let x = operands.first.shape
    let rows = rowCount(x)
    return rows == 1 ? 0 : CodegenC.scratchByteCount(axes(rows), channels: x.last!, band: 1)
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let x = site.type(0).shape
    let (rows, depth, function) = (rowCount(x), x.last!, activation.arguments(alpha, beta, .f32, &c))
    guard rows != 1 else {
      return c.call(
        "nnc_sparse_dense_f32", site.sparseLayerArrays + ["\(depth)", "\(outputFeatures)"] + function)
    }
    c.call(
      "nnc_sparse_conv2d_f32", site.sparseLayerArrays + [site.scratch!, "1"] + function, shape: "nnc_conv2d_shape",
      LayerAxes(axes(rows), pooled: nil).fields(
        batch: 1, channels: (depth, outputFeatures), group: 1, panel: 1, isAverage: false))
  }

  private func rowCount(_ x: Shape) -> Int { x.elementCount(of: 0..<x.rank - 1) }

  /// Rows are pixels side by side.
  private func axes(_ rows: Int) -> [WindowAxis] {
    var columns = WindowAxis.single
    (columns.input, columns.output) = (rows, rows)
    return [.single, columns]
  }
}

/// The bytes that the kernel needs: two numbers for each weight of a channel, the planes, and what is read behind them.
private func scratchByteCount(_ axes: [WindowAxis], channels: Int, band: Int) -> Int {
  let taps = Shape(axes.map(\.kernel) + [channels]).elementCount
  return TensorType(.f32, [2 * taps + SparsePlanes(axes, channels: channels, band: band).elementCount + 64]).byteCount
}
