extension Operands where Item == Operand {
  /// The element type of all operands.
  ///
  /// - Throws: A diagnostic unless they all have the same one, and one that the operation accepts.
  public func commonElement(_ accepts: ElementClass = .floats) throws(Diagnostic) -> ElementType {
    let elements = compactMap { $0?.element }
    try require(
      elements.allSatisfy { $0 == elements[0] },
      "operands have different types of element: \(elements.map(\.rawValue).joined(separator: " and "))")
    try accepts.require(elements[0])
    return elements[0]
  }

  /// Throws unless all operands that are there have elements of one type.
  ///
  /// - Parameter signature: Their names.
  public func requireElements(_ element: ElementType, _ signature: Signature) throws(Diagnostic) {
    for (index, operand) in enumerated() {
      guard let found = operand?.element, found != element else { continue }
      throw Diagnostic("\(signature.name(at: index)) has elements of type \(found), but should have \(element)")
    }
  }

  /// Throws unless the operand at `index`, if it is there, has the given shape.
  public func requireShape(_ index: Int, _ name: String, is shape: Shape, because reason: String) throws(Diagnostic) {
    guard let found = self[index]?.shape, found != shape else { return }
    throw Diagnostic("\(name) has shape [\(found)], but should have [\(shape)], because \(reason)")
  }
}
