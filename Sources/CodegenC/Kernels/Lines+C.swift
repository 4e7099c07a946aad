import IR

extension Shape {
  /// Adds loops over the lines along `axis`, around what `body` adds for the starts of the line in arrays of which this
  /// shape is one and `other`, which may have another extent along the axis, is the other.
  fileprivate func emitLines(
    along axis: Int, _ other: Shape, into c: inout CWriter, _ body: (inout CWriter, _ start: String, String) -> Void
  ) {
    let others = indices.filter { $0 != axis }
    let (a, b) = (strides, other.strides)
    LoopNest(over: selecting(others), strides: [others.map { a[$0] }, others.map { b[$0] }])
      .emit(into: &c) { body(&$0, $1[0], $1[1]) }
  }
}

extension ArgReduction {
  /// Adds loops that call a kernel for each line.
  fileprivate func emit(_ kernel: String, _ site: Site, into c: inout CWriter) throws {
    let x = site.operand(0)
    let shape = x.type.shape
    let axis = try shape.existingAxis(axis)
    var reduced = shape
    reduced[axis] = 1
    let name = c.kernel("\(kernel)_\(site.suffix)")
    shape.emitLines(along: axis, reduced, into: &c) { c, start, place in
      let arguments = [
        "&\(x.name)[\(start)]", "\(shape[axis])", "\(shape.strides[axis])", selectLastIndex ? "1" : "0",
      ]
      c.line("\(site.result.name)[\(place)] = \(name)(\(arguments.joined(separator: ", ")));")
    }
  }
}

extension ArgMax: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws { try emit("nnc_arg_max", site, into: &c) }
}

extension ArgMin: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws { try emit("nnc_arg_min", site, into: &c) }
}

extension TopK: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let x = site.operand(0)
    let (shape, result) = (x.type.shape, site.resultType.shape)
    let axis = try shape.existingAxis(axis)
    guard result.elementCount > 0 else { return site.emitNothing(into: &c) }
    shape.emitLines(along: axis, result, into: &c) { c, start, place in
      func pointer(_ index: Int) -> String { site.optionalResult(index).map { "&\($0.name)[\(place)]" } ?? "NULL" }
      c.call(
        "nnc_top_k_\(site.suffix)",
        ["&\(x.name)[\(start)]", pointer(0), pointer(1)]
          + [shape[axis], shape.strides[axis], result[axis], result.strides[axis], largest ? 1 : 0].map(String.init))
    }
  }
}

extension Cumulation {
  /// Adds loops that call the kernel with `step`, the kernel that gathers one more element.
  fileprivate func emit(_ step: String, _ site: Site, into c: inout CWriter) throws {
    let (x, y) = (site.operand(0), site.result)
    let shape = x.type.shape
    let axis = try axis(site.operands)
    let stride = shape.strides[axis]
    let last = reverse ? max(0, shape[axis] - 1) * stride : 0
    let neutral = Tensor(TensorType(x.type.element, []), integers: [Int128(Self.neutral)]).cLiterals[0]
    let gathering = [c.kernel("\(step)_\(site.suffix)"), neutral, exclusive ? "1" : "0"]
    shape.emitLines(along: axis, shape, into: &c) { c, start, _ in
      let arrays = [x, y].map { "&\($0.name)[\(indexSum(start, "\(last)"))]" }
      let sizes = ["\(shape[axis])", "\(reverse ? -stride : stride)"]
      c.call("nnc_cumulate_\(site.suffix)", arrays + sizes + gathering)
    }
  }
}

extension CumSum: Emittable {
  public func placement(of result: Int, _ node: Node, _ operands: Operands<Operand>) -> Placement {
    .inPlace(operands: [0])
  }

  public func emit(_ site: Site, into c: inout CWriter) throws { try emit("nnc_add", site, into: &c) }
}

extension CumProd: Emittable {
  public func placement(of result: Int, _ node: Node, _ operands: Operands<Operand>) -> Placement {
    .inPlace(operands: [0])
  }

  public func emit(_ site: Site, into c: inout CWriter) throws { try emit("nnc_mul", site, into: &c) }
}
