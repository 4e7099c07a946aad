import IR

extension Cast: ElementExpressing {
  func expression(_ x: [ElementExpression], _ result: ElementType, _ c: inout CWriter) -> String {
    x[0].converted(to: result, by: self, &c)
  }
}

extension CastLike: Emittable {
  public func placement(of result: Int, _ node: Node, _ operands: Operands<Operand>) -> Placement {
    emission(node.types[0]).placement(of: result, node, Operands([operands[0]]))
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    try emission(site.resultType).emit(site, into: &c)
  }

  private func emission(_ type: TensorType) -> ElementwiseEmission { ElementwiseEmission(op: cast(to: type.element)) }
}

extension BitCast: ElementExpressing {
  func expression(_ x: [ElementExpression], _ result: ElementType, _ c: inout CWriter) -> String {
    let (element, text) = (x[0].element, x[0].text)
    if element == result { return text }
    let bits: String =
      switch element {
      case .f32, .f64: "\(c.kernel("nnc_bits_\(element)"))(\(text))"
      default: text
      }
    switch result {
    case .f32, .f64: return "\(c.kernel("nnc_from_bits_\(result)"))((uint\(result.bitWidth)_t)\(bits))"
    case .bool: return "(uint8_t)(\(bits) != 0)"
    case .f4e2m1: return "\(c.kernel("nnc_low_u4"))((uint8_t)\(bits))"
    case _ where result.isPacked: return "\(c.kernel("nnc_low_\(result)"))((uint8_t)\(bits))"
    default: return "(\(result.cType))\(bits)"
    }
  }
}

extension ElementExpression {
  /// The expression of the element as `cast` converts it.
  func converted(to result: ElementType, by cast: Cast = Cast(), _ c: inout CWriter) -> String {
    if element == result { return text }
    if element.isFloat, element.bitWidth <= 16 {
      return asFloat(&c).converted(to: result, by: cast, &c)
    }
    switch (element, result) {
    case (.f32, .f64), (.f64, .f32): return "(\(result.cType))\(text)"
    case (_, _) where result.isFloat && result.isNarrow: return converted(toNarrow: result, cast, &c)
    case (.f32, _), (.f64, _):
      if result.isPacked {
        return "\(c.kernel("nnc_low_\(result)"))((uint8_t)\(c.kernel("nnc_cast_\(element)_i32"))(\(text)))"
      }
      return "\(c.kernel("nnc_cast_\(element)_\(result)"))(\(text))"
    case (_, .bool): return "(uint8_t)(\(text) != 0)"
    case (_, .f16), (_, .bf16): return "\(c.kernel("nnc_cast_f32_\(result)"))(\(exactFloat(&c)))"
    case (_, _) where result.isPacked: return "\(c.kernel("nnc_low_\(result)"))((uint8_t)\(text))"
    default: return "(\(result.cType))\(text)"
    }
  }

  /// The number as a float, which is exact for floats of fewer bits.
  func asFloat(_ c: inout CWriter) -> ElementExpression {
    let float =
      element.isFloat && element.bitWidth <= 16
      ? "\(c.kernel("nnc_cast_\(element)_f32"))(\(text))" : converted(to: .f32, &c)
    return ElementExpression(text: float, element: .f32, constant: constant)
  }

  /// The expression of the number as a float of at most 8 bits.
  private func converted(toNarrow result: ElementType, _ cast: Cast, _ c: inout CWriter) -> String {
    let float =
      switch element {
      case .f32: text
      case .f64: "\(c.kernel("nnc_round_to_odd_f32"))(\(text))"
      default: exactFloat(&c)
      }
    let modes: [Float8E8M0.RoundMode] = [.down, .up, .nearest]
    let mode = result == .f8e8m0 ? ", \(modes.firstIndex(of: cast.roundMode)!)" : ""
    return "\(c.kernel("nnc_cast_f32_\(result)"))(\(float)\(mode), \(cast.saturate ? 1 : 0))"
  }

  /// An integer as a float that rounds to a shorter float as the integer does.
  private func exactFloat(_ c: inout CWriter) -> String {
    if element.bitWidth <= 16 { return "(float)\(text)" }
    return element.isUnsigned
      ? "\(c.kernel("nnc_magnitude_f32"))((uint64_t)\(text))" : "\(c.kernel("nnc_signed_f32"))((int64_t)\(text))"
  }
}
