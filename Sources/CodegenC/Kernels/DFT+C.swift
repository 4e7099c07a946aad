import IR

/// The C of Fourier transforms, whose rotations are a table in flash.
protocol FourierEmission: Emittable {
  func transform(_ operands: Operands<Operand>) throws -> FourierTransform
}

extension FourierEmission {
  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) -> Int {
    guard let transform = try? transform(operands) else { return 0 }
    return TensorType(operands.first.element, [transform.isRealAnalysis ? 2 : 4, transform.length]).byteCount
  }

  /// Adds a call of the kernel that transforms all signals.
  fileprivate func emit(window: String, _ site: Site, into c: inout CWriter) throws {
    let transform = try transform(site.operands)
    let element = site.resultType.element
    if site.resultType.elementCount == 0 || site.type(0).elementCount == 0 {
      return emitZeros(site, into: &c)
    }
    let rotations = Tensor(
      TensorType(element, [2 * transform.length]), reals: FourierTransform.rotations(transform.length))
    c.table(element.cType, "rotations", rotations.cLiterals, width: element.bitWidth / 8)
    let (x, y) = (transform.x, transform.y)
    c.call(
      "nnc_dft_\(transform.isRealAnalysis ? "real_" : "")\(element)",
      [site.operand(0).name, window, site.result.name, "rotations", "(\(element.cType) *)\(site.scratch!)"],
      shape: "nnc_dft_shape",
      [
        ("outer", transform.outer), ("inner", transform.inner), ("length", transform.length),
        ("given", transform.given), ("count", transform.count), ("x_outer", x.outer), ("x_inner", x.inner),
        ("x_stride", x.sample), ("y_outer", y.outer), ("y_inner", y.inner), ("y_stride", y.sample),
        ("x_parts", x.parts), ("y_parts", y.parts), ("inverse", transform.kind.inverse ? 1 : 0),
        ("mirrored", transform.isMirrored ? 1 : 0),
      ])
  }

  /// Adds the statements for signals without samples.
  private func emitZeros(_ site: Site, into c: inout CWriter) {
    let element = site.resultType.element
    c.line("(void)\(site.scratch!);")
    c.call("nnc_fill_\(element)", [site.result.name, element.zero, "\(site.resultType.elementCount)"])
  }
}

extension DFT: FourierEmission {
  public func emit(_ site: Site, into c: inout CWriter) throws { try emit(window: "NULL", site, into: &c) }
}

extension STFT: FourierEmission {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    try emit(window: site.pointer(2), site, into: &c)
  }
}
