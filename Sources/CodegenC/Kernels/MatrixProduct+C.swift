import IR

extension Gemm: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (a, y) = (site.type(0).shape, site.resultType.shape)
    addend(site, into: &c)
    let depth = transA ? a[0] : a[1]
    // How far neighbours in a column and in a row of A lie apart.
    let steps = transA ? [1, a[1]] : [a[1], 1]
    let arrays = [site.operand(0).name, site.operand(1).name, site.result.name]
    c.call(
      "nnc_gemm\(transB ? "_transposed" : "")_\(site.suffix)",
      arrays + ([y[0], depth, y[1]] + steps).map(String.init) + [factor(alpha, site)])
  }

  /// Adds the loop that stores what the product is added to.
  private func addend(_ site: Site, into c: inout CWriter) {
    let (element, shape) = (site.resultType.element, site.resultType.shape)
    guard site.has(2) else {
      LoopNest(over: shape, strides: [shape.strides]).emit(into: &c) { c, indices in
        c.line("\(site.result.name)[\(indices[0])] = \(cLiteral(0, element));")
      }
      return
    }
    let strides = site.type(2).shape.broadcastStrides(to: shape)
    LoopNest(over: shape, strides: [shape.strides, strides]).emit(into: &c) { c, indices in
      let term = "\(site.operand(2).name)[\(indices[1])]"
      let scaled = beta == 1 ? term : "\(c.kernel("nnc_gemm_term_\(element)"))(\(term), \(factor(beta, site)))"
      c.line("\(site.result.name)[\(indices[0])] = \(scaled);")
    }
  }

  /// A factor as a C expression; those of integers, which are integers, wrap.
  private func factor(_ number: Float, _ site: Site) -> String {
    let element = site.resultType.element
    if element.isFloat { return cLiteral(Double(number), element) }
    return Tensor(TensorType(element, []), integers: [Int128(number)]).cLiterals[0]
  }
}

extension MatMul: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let geometry = try Geometry(site.type(0).shape, site.type(1).shape)
    let (rows, depth, columns) = (geometry.rows, geometry.depth, geometry.columns)
    let arrays = [site.operand(0).name, site.operand(1).name, site.result.name]
    let kernel = "nnc_matmul_\(site.suffix)"
    let strides = [
      geometry.leftStrides.map { $0 * rows * depth }, geometry.rightStrides.map { $0 * depth * columns },
      geometry.batch.strides.map { $0 * rows * columns },
    ]
    // All matrices of A times one of B are one product.
    if strides[1].allSatisfy({ $0 == 0 }), site.type(0).elementCount == geometry.batch.elementCount * rows * depth {
      return c.call(kernel, arrays + [geometry.batch.elementCount * rows, depth, columns].map(String.init))
    }
    LoopNest(over: geometry.batch, strides: strides).emit(into: &c) { c, indices in
      c.call(kernel, zip(arrays, indices).map { "\($0) + \($1)" } + [rows, depth, columns].map(String.init))
    }
  }
}
