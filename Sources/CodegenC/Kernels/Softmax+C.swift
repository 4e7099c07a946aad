import IR

/// The sizes [outer, count, inner] of a tensor whose lines lie along an axis.
func lineSizes(_ shape: Shape, axis: Int) throws -> [Int] {
  guard shape.rank > 0 else { return [1, 1, 1] }
  let axis = try shape.axis(axis)
  return [
    shape.elementCount(of: 0..<axis), shape[axis], shape.elementCount(of: axis + 1..<shape.rank),
  ]
}

extension LineOperation where Self: Emittable {
  /// The kernels read an element before they write the one at its place.
  public func placement(of result: Int, _ node: Node, _ operands: Operands<Operand>) throws -> Placement {
    .inPlace(operands: [0])
  }

  /// Adds the call of the kernel for lines along an axis.
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let sizes = try lineSizes(site.resultType.shape, axis: axis).map(String.init)
    c.call("nnc_\(Self.name.kernelName)_\(site.suffix)", [site.operand(0).name, site.result.name] + sizes)
  }
}

extension Softmax: Emittable {}
extension LogSoftmax: Emittable {}
extension Hardmax: Emittable {}
