import IR

/// An elementwise operation whose C for one element is not one call of a kernel with its name.
protocol ElementExpressing: ElementwiseOperation {
  /// The C expression of the result, an element of type `result`, for the operands at one place.
  func expression(_ x: [ElementExpression], _ result: ElementType, _ c: inout CWriter) -> String
}

/// An element of an operand as a C expression.
struct ElementExpression {
  /// The C.
  let text: String
  /// The type of the element.
  let element: ElementType
  /// The number, if it is a constant.
  let constant: Double?

  /// The expression of the number as another type, by a plain cast.
  func cast(to other: ElementType) -> String {
    element.cType == other.cType || element == .bool ? text : "(\(other.cType))\(text)"
  }
}

/// The C of an elementwise operation: a loop that calls the kernel for one element.
struct ElementwiseEmission: CEmission {
  let op: any ElementwiseOperation

  func placement(of result: Int, _ node: Node, _ operands: Operands<Operand>) -> Placement {
    // C may reorder a loop that reads and writes the same memory as different types.
    let type = node.types[0]
    return .inPlace(
      operands: operands.indices.filter {
        operands[$0]?.shape == type.shape && operands[$0]?.element.cType == type.element.cType
      })
  }

  func emit(_ site: Site, into c: inout CWriter) throws {
    let shape = site.resultType.shape
    let count = op.signature.isVariadic ? site.operands.count : op.signature.names.count
    let element = kernelElement(of: site)
    let inMemory = (0..<count).filter { site.has($0) && splat(site, $0) == nil }
    let strides = inMemory.map { site.type($0).shape.broadcastStrides(to: shape) }
    LoopNest(over: shape, strides: [shape.strides] + strides).emit(into: &c) { c, indices in
      let arguments = (0..<count).map { operand in
        if let position = inMemory.firstIndex(of: operand) {
          let text = site.element(operand, at: indices[position + 1], &c)
          return ElementExpression(text: text, element: site.type(operand).element, constant: nil)
        }
        let value = splat(site, operand) ?? op.standIn(for: operand, element: element)
        return ElementExpression(text: value.cLiterals[0], element: value.element, constant: value.reals[0])
      }
      c.line("\(site.result.name)[\(indices[0])] = \(expression(arguments, element, site.resultType.element, &c));")
    }
  }

  /// The call of the kernel; with more operands than it takes, of one kernel on the result of another.
  private func expression(
    _ x: [ElementExpression], _ element: ElementType, _ result: ElementType, _ c: inout CWriter
  ) -> String {
    if let op = op as? any ElementExpressing { return op.expression(x, result, &c) }
    // The one operand of a maximum or a sum is its result, without a kernel.
    if op.signature.isVariadic, x.count == 1 { return x[0].cast(to: element) }
    let kernel = c.kernel("nnc_\(op.opName.kernelName)_\(element)")
    let scalars = op.scalars.map { element.isFloat ? cLiteral($0, element) : "\(Int($0))" }
    let arguments = x.map { $0.cast(to: element) }
    guard op.signature.isVariadic else { return "\(kernel)(\((arguments + scalars).joined(separator: ", ")))" }
    return arguments.dropFirst().reduce(arguments[0]) { "\(kernel)(\($0), \($1))" }
  }

  /// The element type that names the kernel: that of the first operand that is not a bool.
  private func kernelElement(of site: Site) -> ElementType {
    let elements = site.operands.compactMap { $0?.element }
    return elements.first { $0 != .bool } ?? .bool
  }

  /// The element of a constant that has only one.
  private func splat(_ site: Site, _ operand: Int) -> Tensor? {
    guard let tensor = site.constant(operand), tensor.type.elementCount == 1 else { return nil }
    return tensor
  }
}

extension Mean: ElementExpressing {
  func expression(_ x: [ElementExpression], _ result: ElementType, _ c: inout CWriter) -> String {
    let sum = x.dropFirst().reduce(x[0].text) { "\(c.kernel("nnc_add_\(result)"))(\($0), \($1.text))" }
    return "\(c.kernel("nnc_div_\(result)"))(\(sum), \(cLiteral(Double(x.count), result)))"
  }
}

extension Pow: ElementExpressing {
  func expression(_ x: [ElementExpression], _ result: ElementType, _ c: inout CWriter) -> String {
    let (base, exponent) = (x[0], x[1])
    if exponent.constant == 2 {
      return "\(c.kernel("nnc_mul_\(result)"))(\(base.text), \(base.text))"
    }
    if !result.isFloat && !exponent.element.isFloat {
      let bits = exponent.cast(to: .u64)
      let isNegative = exponent.element.isUnsigned ? "0" : "\(exponent.text) < 0"
      return "\(c.kernel("nnc_pow_\(result)"))(\(base.text), \(bits), \(isNegative))"
    }
    // A float of the base's type may not be able to tell one exponent from another.
    let isExact = exponent.constant.map { Double(Float($0)) == $0 } ?? (exponent.element.bitWidth <= 16)
    if result == exponent.element || result == .f64 || (result == .f32 && isExact) {
      return "\(c.kernel("nnc_pow_\(result)"))(\(base.text), \(exponent.cast(to: result)))"
    }
    let power = "\(c.kernel("nnc_pow_f64"))(\(base.cast(to: .f64)), \(exponent.cast(to: .f64)))"
    return result.isFloat ? "(\(result.cType))\(power)" : "\(c.kernel("nnc_cast_f64_\(result)"))(\(power))"
  }
}

extension Shrink: ElementExpressing {
  func expression(_ x: [ElementExpression], _ result: ElementType, _ c: inout CWriter) -> String {
    // Integers are computed as real numbers.
    let real = result.isFloat ? result : .f64
    let parameters = [lambd, bias].map { cLiteral(Double($0), real) }.joined(separator: ", ")
    let text = "\(c.kernel("nnc_shrink_\(real)"))(\(x[0].cast(to: real)), \(parameters))"
    return ElementExpression(text: text, element: real, constant: nil).converted(to: result, &c)
  }
}

extension String {
  /// The name of an operation as it stands in the names of kernels: `LeakyRelu` becomes `leaky_relu`, without the
  /// domain that it may have.
  var kernelName: String {
    let characters = Array(split(separator: ".").last ?? "")
    return characters.indices.map { index in
      let character = characters[index]
      let startsWord =
        index > 0 && character.isUppercase && index + 1 < characters.count && characters[index + 1].isLowercase
      return (startsWord ? "_" : "") + character.lowercased()
    }.joined()
  }
}
