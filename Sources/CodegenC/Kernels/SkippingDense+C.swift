import IR

extension SkippingDense: Emittable {
  public var programMemoryOperands: Set<Int> { [1, 2, 3] }

  /// A value and a place for each element of a row.
  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) throws -> Int {
    8 * operands.first.shape.last!
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    guard panel <= 16 else {
      throw Diagnostic("panel is \(panel), but kernels compute at most 16 columns at a time")
    }
    let (x, scratch) = (site.type(0).shape, site.scratch!)
    let (rows, depth) = (x.elementCount(of: 0..<x.rank - 1), x.last!)
    let arrays = [site.operand(0).name, site.operand(1).name, site.pointer(2), site.pointer(3), site.result.name]
    c.call(
      "nnc_skipping_dense_f32",
      arrays + ["(float *)\(scratch)", "(int32_t *)\(scratch) + \(depth)"]
        + [rows, depth, outputFeatures, panel].map(String.init))
  }
}
