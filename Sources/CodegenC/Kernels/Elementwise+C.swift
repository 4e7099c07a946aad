import IR

/// The C of an elementwise operation: a loop that calls the kernel for one element.
struct ElementwiseEmission: CEmission {
  let op: any ElementwiseOperation

  func placement(of result: Int, _ node: Node, _ operands: Operands<Operand>) -> Placement {
    .inPlace(operands: operands.indices.filter { operands[$0]?.shape == node.types[0].shape })
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
          let array = site.operand(operand)
          return converted("\(array.name)[\(indices[position + 1])]", from: array.type.element, to: element)
        }
        let value = splat(site, operand) ?? op.standIn(for: operand, element: element)
        return converted(value.cLiterals[0], from: value.element, to: element)
      }
      c.line("\(site.result.name)[\(indices[0])] = \(call(arguments, element, &c));")
    }
  }

  /// The call of the kernel; with more operands than it takes, of one kernel on the result of another.
  private func call(_ arguments: [String], _ element: ElementType, _ c: inout CWriter) -> String {
    let kernel = c.kernel("nnc_\(op.opName.kernelName)_\(element)")
    let scalars = op.scalars.map { cLiteral($0, element) }
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

  private func converted(_ expression: String, from: ElementType, to: ElementType) -> String {
    from == to || from == .bool ? expression : "(\(to.cType))\(expression)"
  }
}

extension String {
  /// The name of an operation as it stands in the names of kernels: `LeakyRelu` becomes `leaky_relu`.
  var kernelName: String {
    let characters = Array(self)
    return characters.indices.map { index in
      let character = characters[index]
      let startsWord =
        index > 0 && character.isUppercase && index + 1 < characters.count && characters[index + 1].isLowercase
      return (startsWord ? "_" : "") + character.lowercased()
    }.joined()
  }
}
