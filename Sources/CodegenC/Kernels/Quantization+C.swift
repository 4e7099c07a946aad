import IR

extension Site {
  /// The element of a scale or zero point at a place; 0 where it is left out.
  func parameter(_ index: Int, at place: String = "0") -> String {
    guard has(index) else { return "0" }
    if let tensor = constant(index), tensor.type.elementCount == 1 { return tensor.cLiterals[0] }
    return "\(operand(index).name)[\(type(index).elementCount == 1 ? "0" : place)]"
  }

  /// 1 where a scale or zero point has several elements, one for each thing, else 0.
  func parameterStep(_ index: Int) -> Int { has(index) && type(index).elementCount > 1 ? 1 : 0 }

  /// Whether an operand has signed elements, in C.
  func isSigned(_ index: Int) -> String { type(index).element.isUnsigned ? "0" : "1" }

  /// The pointer to the bytes of an operand of an 8-bit type, or a null pointer where it is left out.
  func bytes(_ index: Int, from offset: String = "0") -> String {
    has(index) ? operand(index).bytes(from: offset, constant: true) : "NULL"
  }

  /// The pointer to the bytes of the first result, of an 8-bit type, from an element on.
  func resultBytes(from offset: String = "0") -> String { result.bytes(from: offset, constant: false) }
}

extension CArray {
  /// The pointer to the bytes of an array of an 8-bit type, from an element on.
  fileprivate func bytes(from offset: String, constant: Bool) -> String {
    let start = type.element == .u8 ? name : "(\(constant ? "const " : "")uint8_t *)\(name)"
    return offset == "0" ? start : "\(start) + \(offset)"
  }
}

extension ElementType {
  /// The least and greatest element of an integer type of at most 16 bits, in C.
  var quantizedRange: [String] {
    let count = 1 << bitWidth
    return isUnsigned ? ["0", "\(count - 1)"] : ["\(-count / 2)", "\(count / 2 - 1)"]
  }
}

extension CWriter {
  /// Adds a struct that is not constant.
  ///
  /// - Parameter fields: The fields in its order, with the names that are shown as comments.
  mutating func structure(_ type: String, _ name: String, _ fields: [(String, String)]) {
    let values = fields.map { "\($1) /* \($0) */" }
    line("const \(kernel(type)) \(name) = {")
    for (index, value) in values.enumerated() { line("  " + value + (index < values.count - 1 ? "," : "")) }
    line("};")
  }
}

extension QuantizationGrid {
  /// Adds loops over the elements of a tensor, around what `body` adds for the index of one and that of its scale.
  ///
  /// Where blocks do not divide an axis, the shorter last ones have loops of their own.
  fileprivate func emitLoops(
    into c: inout CWriter, _ body: (inout CWriter, _ element: String, _ scale: String) -> Void
  ) {
    let (whole, rest) = (extent / block, extent % block)
    for (blocks, length, first) in [(whole, block, 0), (rest > 0 ? 1 : 0, rest, whole)] where blocks > 0 {
      let strides = [
        [extent * inner, block * inner, inner, 1], [scaleStrides[0], scaleStrides[1], 0, scaleStrides[2]],
      ]
      let starts = [first * block * inner, first * scaleStrides[1]]
      LoopNest(over: [outer, blocks, length, inner], strides: strides, starts: starts).emit(into: &c) {
        body(&$0, $1[0], $1[1])
      }
    }
  }
}

extension QuantizeLinear: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (y, element) = (site.result, site.resultType.element)
    let division = quotientElement(site.type(0).element, site.type(1).element)
    try grid(site.operands).emitLoops(into: &c) { c, index, scale in
      let x = site.expression(0, at: index, &c).rounded(to: division, &c)
      let divisor = site.expression(1, at: scale, &c).rounded(to: division, &c)
      let float = ElementExpression(text: "\(x.text) / \(divisor.text)", element: .f32, constant: nil)
      let quotient = float.rounded(to: division, &c)
      let zero = site.zeroPoint(2, at: scale, &c)
      if element.isFloat {
        var cast = Cast(to: element)
        cast.saturate = saturate
        let moved = quotient.moved(by: zero?.asFloat(&c), isNegated: false, &c)
        c.line("\(y.name)[\(index)] = \(moved.converted(to: element, by: cast, &c));")
      } else {
        let arguments = [quotient.text, zero?.text ?? "0"] + element.quantizedRange
        let call = "\(c.kernel("nnc_quantize"))(\(arguments.joined(separator: ", ")))"
        c.line("\(y.name)[\(index)] = (\(element.cType))\(call);")
      }
    }
  }
}

extension DequantizeLinear: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (y, element) = (site.result, site.resultType.element)
    try grid(site.operands).emitLoops(into: &c) { c, index, scale in
      let x = site.expression(0, at: index, &c)
      let factor = site.expression(1, at: scale, &c).asFloat(&c)
      let zero = site.zeroPoint(2, at: scale, &c)
      let product: String
      if x.element.isFloat {
        product = "\(x.asFloat(&c).moved(by: zero?.asFloat(&c), isNegated: true, &c).text) * \(factor.text)"
      } else {
        product = "\(c.kernel("nnc_dequantize"))(\(x.text), \(factor.text), \(zero?.text ?? "0"))"
      }
      let number = ElementExpression(text: product, element: .f32, constant: nil)
      c.line("\(y.name)[\(index)] = \(number.converted(to: element, &c));")
    }
  }
}

extension Site {
  /// An element of x, or of a scale or zero point, of which one may stand for all.
  fileprivate func expression(_ index: Int, at place: String, _ c: inout CWriter) -> ElementExpression {
    let type = type(index)
    if let tensor = constant(index), type.elementCount == 1 {
      return ElementExpression(text: tensor.cLiterals[0], element: type.element, constant: tensor.reals[0])
    }
    let text = element(index, at: index > 0 && type.elementCount == 1 ? "0" : place, &c)
    return ElementExpression(text: text, element: type.element, constant: nil)
  }

  /// A zero point, unless it is left out or known to be 0 everywhere.
  fileprivate func zeroPoint(_ index: Int, at place: String, _ c: inout CWriter) -> ElementExpression? {
    guard has(index), constant(index)?.reals.allSatisfy({ $0 == 0 }) != true else { return nil }
    return expression(index, at: place, &c)
  }
}

extension ElementExpression {
  /// The number as a float of type `element`, of 16 or 32 bits, has it, as an f32 number.
  fileprivate func rounded(to element: ElementType, _ c: inout CWriter) -> ElementExpression {
    let float = asFloat(&c)
    if element == .f32 || self.element == element { return float }
    let half = ElementExpression(text: float.converted(to: element, &c), element: element, constant: nil)
    return half.asFloat(&c)
  }

  /// An f32 number plus a zero point, or minus it.
  fileprivate func moved(by zero: ElementExpression?, isNegated: Bool, _ c: inout CWriter) -> ElementExpression {
    guard let zero else { return self }
    let text = "\(c.kernel("nnc_moved_f32"))(\(text), \(isNegated ? "-" : "")\(zero.text))"
    return ElementExpression(text: text, element: .f32, constant: nil)
  }
}

extension DynamicQuantizeLinear: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let results = (0..<3).map { site.optionalResult($0)?.name ?? "NULL" }
    c.call("nnc_dynamic_quantize", [site.operand(0).name] + results + ["\(site.type(0).elementCount)"])
  }
}
