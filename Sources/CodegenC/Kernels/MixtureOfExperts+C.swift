import IR

extension MixtureOfExperts: Emittable {
  public var programMemoryOperands: Set<Int> { Set(2...7) }

  /// The rows of a band, the results of an expert for them and, twice, its neurons; then which experts each row uses.
  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) throws -> Int {
    let x = operands.first.shape
    return floatByteCount(depth: x.last!) + rowCount(x) * routed
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    guard panel <= 16, band <= 16 else {
      throw Diagnostic("panel is \(panel) and band \(band), but kernels compute at most 16 columns and rows at a time")
    }
    let x = site.type(0).shape
    let floats = floatByteCount(depth: x.last!)
    let arrays = [site.operand(0).name] + (1...7).map(site.pointer) + [site.result.name]
    c.call(
      "nnc_mixture_of_experts_f32",
      arrays + ["(float *)\(site.scratch!)", "(unsigned char *)\(site.scratch!) + \(floats)"]
        + activation.arguments(alpha, beta, .f32, &c),
      shape: "nnc_mixture_shape",
      [
        ("rows", rowCount(x)), ("depth", x.last!), ("size", size), ("columns", outputFeatures), ("experts", experts),
        ("shared", shared), ("active", active), ("panel", panel), ("band", band),
      ])
  }

  private func rowCount(_ x: Shape) -> Int { x.elementCount(of: 0..<x.rank - 1) }

  private func floatByteCount(depth: Int) -> Int { 4 * band * (depth + outputFeatures + 2 * size) }
}
