import IR

/// The C of operations whose results are the same in every run.
///
/// The pass fold-constants makes constants of such operations; without it they are tables of their step.
struct KnownEmission: CEmission {
  let op: any KnownOperation

  func emit(_ site: Site, into c: inout CWriter) throws {
    guard let values = try op.knownResults(site.operands, site.node.types) else {
      throw Diagnostic("the operands must be known when the model is compiled, but are computed from an input")
    }
    for (result, value) in values.enumerated() {
      guard let y = site.optionalResult(result)?.name else { continue }
      let (literals, count) = (value.cLiterals, value.type.elementCount)
      guard let first = literals.first else {
        c.line("(void)\(y);")
        continue
      }
      if literals.allSatisfy({ $0 == first }) {
        c.call("nnc_fill_\(value.element)", [y, first, "\(count)"])
        continue
      }
      let table = result == 0 ? "values" : "values\(result)"
      c.table(value.element.cType, table, literals, width: value.element.cByteWidth)
      c.call("nnc_copy_\(value.element)", [table, y, "\(count)"])
    }
  }
}

extension EyeLike: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (y, shape) = (site.result, site.resultType.shape)
    let ones = diagonal(in: shape)
    let literals = Tensor(TensorType(y.type.element, [2]), integers: [0, 1]).cLiterals
    c.call("nnc_fill_\(y.type.element)", [y.name, literals[0], "\(shape.elementCount)"])
    if ones.count == 0 { return }
    LoopNest(over: [ones.count], strides: [[shape[1] + 1]], starts: [ones.row * shape[1] + ones.column])
      .emit(into: &c) { c, indices in c.line("\(y.name)[\(indices[0])] = \(literals[1]);") }
  }
}

extension Dropout: Emittable {
  public func placement(of result: Int, _ node: Node, _ operands: Operands<Operand>) -> Placement {
    result == 0 ? .view(operand: 0, offset: 0) : .own
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    guard let mask = site.optionalResult(1) else { return }
    c.call("nnc_fill_bool", [mask.name, "1", "\(mask.type.elementCount)"])
  }
}

extension OneHot: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (shape, y) = (site.type(0).shape, site.result)
    let axis = try newAxis(shape)
    let depth = y.type.shape[axis]
    let (outer, inner) = (shape.elementCount(of: 0..<axis), shape.elementCount(of: axis..<shape.rank))
    let (x, values) = (site.operand(0), site.operand(2))
    LoopNest(over: [outer, depth, inner], strides: [[depth * inner, inner, 1], [inner, 0, 1], [0, 1, 0]])
      .emit(into: &c) { c, indices in
        var index = ElementExpression(text: "\(x.name)[\(indices[1])]", element: x.type.element, constant: nil)
        if index.element == .u64 {
          // What does not fit into 64 bits with a sign is out of range, and remains so.
          let held = "\(c.kernel("nnc_min_u64"))(\(index.text), 9223372036854775807ULL)"
          index = ElementExpression(text: held, element: .u64, constant: nil)
        }
        let place = "\(c.kernel("nnc_wrapped_place"))(\(index.converted(to: .i64, &c)), \(depth))"
        c.line("\(y.name)[\(indices[0])] = \(values.name)[\(place) == \(indices[2]) ? 1 : 0];")
      }
  }
}

extension Trilu: Emittable {
  public func placement(of result: Int, _ node: Node, _ operands: Operands<Operand>) -> Placement {
    .inPlace(operands: [0])
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (y, shape) = (site.result, site.resultType.shape)
    let (rows, columns) = (shape[shape.rank - 2], shape[shape.rank - 1])
    let k = min(max(try diagonal(site.operands), -rows - 1), columns + 1)
    emitTriangle(site, into: &c, keeping: "\(upper ? ">=" : "<=") \(k)", else: y.type.element.zero)
  }
}

extension CausalMask: Emittable {
  public func placement(of result: Int, _ node: Node, _ operands: Operands<Operand>) -> Placement {
    .inPlace(operands: [0])
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let element = site.resultType.element
    emitTriangle(
      site, into: &c, keeping: "<= \(min(past, site.resultType.shape.last!))", else: cLiteral(-.infinity, element))
  }
}

/// Adds loops over the matrices of an operand that keep the elements for which the column minus the row is as
/// `condition` says.
private func emitTriangle(_ site: Site, into c: inout CWriter, keeping condition: String, else other: String) {
  let (x, y, shape) = (site.operand(0), site.result, site.resultType.shape)
  let (rows, columns) = (shape[shape.rank - 2], shape[shape.rank - 1])
  // The coordinates are arrays too, so that loops over them are not joined.
  LoopNest(
    over: [shape.elementCount(of: 0..<shape.rank - 2), rows, columns],
    strides: [[rows * columns, columns, 1], [0, 1, 0], [0, 0, 1]]
  ).emit(into: &c) { c, indices in
    let place = indices[0]
    c.line("\(y.name)[\(place)] = \(indices[2]) - \(indices[1]) \(condition) ? \(x.name)[\(place)] : \(other);")
  }
}
