import IR

extension Det: Emittable {
  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) -> Int {
    TensorType(operands.first.element, Shape(operands.first.shape.suffix(2))).byteCount
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (x, y) = (site.operand(0), site.result)
    let size = x.type.shape.matrix!.rows
    // Without memory for a matrix there is none that is not empty.
    let scratch = site.scratch.map { "(\(x.type.element.cType) *)\($0)" } ?? "NULL"
    LoopNest(over: [y.type.elementCount], strides: [[1], [size * size]]).emit(into: &c) { c, indices in
      let arguments = [indexSum(x.name, indices[1]), scratch, "\(size)"].joined(separator: ", ")
      c.line("\(y.name)[\(indices[0])] = \(c.kernel("nnc_det_\(site.suffix)"))(\(arguments));")
    }
  }
}
