import IR

extension Cast: ElementExpressing {
  func expression(_ x: [ElementExpression], _ result: ElementType, _ c: inout CWriter) -> String {
    x[0].converted(to: result, &c)
  }
}

extension CastLike: Emittable {
  public func placement(of result: Int, _ node: Node, _ operands: Operands<Operand>) -> Placement {
    ElementwiseEmission(op: Cast(to: node.types[0].element)).placement(of: result, node, Operands([operands[0]]))
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    try ElementwiseEmission(op: Cast(to: site.resultType.element)).emit(site, into: &c)
  }
}

extension ElementExpression {
  /// The expression of the element as `Cast` converts it.
  func converted(to result: ElementType, _ c: inout CWriter) -> String {
    if element == result { return text }
    switch (element, result) {
    case (.f16, _), (.bf16, _):
      let float = ElementExpression(
        text: "\(c.kernel("nnc_cast_\(element)_f32"))(\(text))", element: .f32, constant: constant)
      return float.converted(to: result, &c)
    case (.f32, .f64), (.f64, .f32): return "(\(result.cType))\(text)"
    case (.f32, _), (.f64, _): return "\(c.kernel("nnc_cast_\(element)_\(result)"))(\(text))"
    case (_, .bool): return "(uint8_t)(\(text) != 0)"
    case (_, .f16), (_, .bf16):
      return "\(c.kernel("nnc_cast_f32_\(result)"))(\(exactFloat(&c)))"
    default: return "(\(result.cType))\(text)"
    }
  }

  /// An integer as a float that rounds to a half-precision float as the integer does.
  private func exactFloat(_ c: inout CWriter) -> String {
    if element.bitWidth <= 16 { return "(float)\(text)" }
    return element.isUnsigned
      ? "\(c.kernel("nnc_magnitude_f32"))((uint64_t)\(text))" : "\(c.kernel("nnc_signed_f32"))((int64_t)\(text))"
  }
}
