import IR

/// What a loop over the elements of a group does to reduce it.
struct Reducer {
  /// The C type in which the elements are gathered.
  var type: String
  /// What is gathered before the first element.
  var initial: String
  /// What is gathered with one more element.
  var step: (_ gathered: String, _ x: ElementExpression) -> String
  /// The result.
  var finish: (_ gathered: String) -> String = { $0 }
}

/// A reduction in C: loops over the groups, and in them loops over the elements.
protocol EmittableReduction: Reduction, Emittable {
  /// What reduces a group of `count` elements.
  func reducer(_ element: ElementType, count: Int, _ c: inout CWriter) -> Reducer
}

extension EmittableReduction {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let axes = try reducedAxes(site.operands)
    let element = site.type(0).element
    axes.emitGroups(into: &c) { c, place, start in
      let reducer = reducer(element, count: axes.shape.elementCount(of: axes.reduced), &c)
      c.line("\(reducer.type) gathered = \(reducer.initial);")
      axes.emitElements(of: site, from: start, into: &c) { c, x in
        c.line("gathered = \(reducer.step("gathered", x));")
      }
      c.line("\(site.result.name)[\(place)] = \(reducer.finish("gathered"));")
    }
  }
}

extension Shape {
  /// How many elements there are along some axes.
  fileprivate func elementCount(of axes: [Int]) -> Int { selecting(axes).elementCount }
}

extension ReducedAxes {
  /// Adds loops over the groups, around what `body` adds for the place of the result and the start of the group.
  func emitGroups(into c: inout CWriter, _ body: (inout CWriter, _ place: String, _ start: String) -> Void) {
    let (groups, strides) = (shape.selecting(kept), shape.strides)
    LoopNest(over: groups, strides: [groups.strides, kept.map { strides[$0] }])
      .emit(into: &c) { body(&$0, $1[0], $1[1]) }
  }

  /// Adds loops over the elements of a group of the first operand.
  func emitElements(
    of site: Site, from start: String, into c: inout CWriter, _ body: (inout CWriter, ElementExpression) -> Void
  ) {
    let (x, strides) = (site.operand(0), shape.strides)
    LoopNest(over: shape.selecting(reduced), strides: [reduced.map { strides[$0] }], prefix: "j")
      .emit(into: &c) { c, indices in
        let text = "\(x.name)[\(indexSum(start, indices[0]))]"
        body(&c, ElementExpression(text: text, element: x.type.element, constant: nil))
      }
  }
}

/// The sum of index expressions.
func indexSum(_ terms: String...) -> String {
  let terms = terms.filter { $0 != "0" }
  return terms.isEmpty ? "0" : terms.joined(separator: " + ")
}

extension ReduceSum: EmittableReduction {
  func reducer(_ element: ElementType, count: Int, _ c: inout CWriter) -> Reducer {
    let add = c.kernel("nnc_add_\(element)")
    return Reducer(type: element.cType, initial: element.zero, step: { "\(add)(\($0), \($1.text))" })
  }
}

extension ReduceProd: EmittableReduction {
  func reducer(_ element: ElementType, count: Int, _ c: inout CWriter) -> Reducer {
    let mul = c.kernel("nnc_mul_\(element)")
    let one = element.isFloat ? cLiteral(1, element) : "1"
    return Reducer(type: element.cType, initial: one, step: { "\(mul)(\($0), \($1.text))" })
  }
}

extension ReduceL1: EmittableReduction {
  func reducer(_ element: ElementType, count: Int, _ c: inout CWriter) -> Reducer {
    let (add, abs) = (c.kernel("nnc_add_\(element)"), c.kernel("nnc_abs_\(element)"))
    return Reducer(type: element.cType, initial: element.zero, step: { "\(add)(\($0), \(abs)(\($1.text)))" })
  }
}

extension ReduceSumSquare: EmittableReduction {
  func reducer(_ element: ElementType, count: Int, _ c: inout CWriter) -> Reducer {
    let (add, mul) = (c.kernel("nnc_add_\(element)"), c.kernel("nnc_mul_\(element)"))
    return Reducer(
      type: element.cType, initial: element.zero, step: { "\(add)(\($0), \(mul)(\($1.text), \($1.text)))" })
  }
}

extension ReduceMax: EmittableReduction {
  func reducer(_ element: ElementType, count: Int, _ c: inout CWriter) -> Reducer {
    let (max, least) = (c.kernel("nnc_max_\(element)"), element.limit(isGreatest: false, &c))
    return Reducer(type: element.cType, initial: least, step: { "\(max)(\($0), \($1.text))" })
  }
}

extension ReduceMin: EmittableReduction {
  func reducer(_ element: ElementType, count: Int, _ c: inout CWriter) -> Reducer {
    let (min, greatest) = (c.kernel("nnc_min_\(element)"), element.limit(isGreatest: true, &c))
    return Reducer(type: element.cType, initial: greatest, step: { "\(min)(\($0), \($1.text))" })
  }
}

extension ElementType {
  /// Zero in C.
  var zero: String { isFloat && bitWidth > 16 ? cLiteral(0, self) : "0" }

  /// The least or the greatest element in C.
  fileprivate func limit(isGreatest: Bool, _ c: inout CWriter) -> String {
    if isFloat { return cLiteral(isGreatest ? .infinity : -.infinity, self) }
    if self == .bool { return isGreatest ? "1" : "0" }
    return c.kernel("NNC_\(isGreatest ? "MAX" : "MIN")_\(self)")
  }
}
