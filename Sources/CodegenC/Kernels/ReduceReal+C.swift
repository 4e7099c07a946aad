import IR

extension ReduceMean: EmittableReduction {
  func reducer(_ element: ElementType, count: Int, _ c: inout CWriter) -> Reducer {
    if element.isFloat {
      let add = c.kernel("nnc_add_\(element)")
      let divisor = cLiteral(Double(count), element)
      return Reducer(
        type: element.cType, initial: element.zero, step: { "\(add)(\($0), \($1.text))" },
        finish: { "\($0) / \(divisor)" })
    }
    let divisor = max(1, count)
    if element.bitWidth < 64 {
      return Reducer(
        type: "int64_t", initial: "0", step: { "\($0) + \($1.text)" },
        finish: { "(\(element.cType))(\($0) / \(divisor))" })
    }
    let (step, finish) = (c.kernel("nnc_mean_step_\(element)"), c.kernel("nnc_mean_\(element)"))
    return Reducer(
      type: c.kernel("nnc_mean_sum_\(element)"), initial: "{0, 0}", step: { "\(step)(\($0), \($1.text), \(divisor))" },
      finish: { "\(finish)(\($0))" })
  }
}

extension ReduceL2: EmittableReduction {
  func reducer(_ element: ElementType, count: Int, _ c: inout CWriter) -> Reducer {
    let real = element.realType
    let (mul, sqrt) = (c.kernel("nnc_mul_\(real)"), c.kernel("nnc_sqrt_\(real)"))
    let finish = element.finish(&c)
    return Reducer(
      type: real.cType, initial: real.zero,
      step: { "\($0) + \(mul)(\($1.cast(to: real)), \($1.cast(to: real)))" },
      finish: { finish("\(sqrt)(\($0))") })
  }
}

extension ReduceLogSum: EmittableReduction {
  func reducer(_ element: ElementType, count: Int, _ c: inout CWriter) -> Reducer {
    let real = element.realType
    let log = c.kernel("nnc_log_\(real)")
    let finish = element.finish(&c)
    return Reducer(
      type: real.cType, initial: real.zero, step: { "\($0) + \($1.cast(to: real))" },
      finish: { finish("\(log)(\($0))") })
  }
}

extension ReduceLogSumExp: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let axes = try reducedAxes(site.operands)
    let element = site.type(0).element
    let real = element.realType
    let (max, exp, log) = (c.kernel("nnc_max_\(real)"), c.kernel("nnc_exp_\(real)"), c.kernel("nnc_log_\(real)"))
    let finish = element.finish(&c)
    axes.emitGroups(into: &c) { c, place, start in
      c.line("\(real.cType) greatest = \(cLiteral(-.infinity, real));")
      c.line("\(real.cType) sum = \(real.zero);")
      axes.emitElements(of: site, from: start, into: &c) { c, x in
        c.line("greatest = \(max)(greatest, \(x.cast(to: real)));")
      }
      axes.emitElements(of: site, from: start, into: &c) { c, x in
        c.line("sum += \(exp)(\(x.cast(to: real)) - greatest);")
      }
      // Infinities and NaN are the result themselves.
      let value = "greatest - greatest == \(real.zero) ? greatest + \(log)(sum) : greatest"
      c.line("\(site.result.name)[\(place)] = \(finish(value));")
    }
  }
}

extension ElementType {
  /// The type in which reductions that give real numbers compute.
  fileprivate var realType: ElementType { isFloat ? self : .f64 }

  /// How a real number becomes an element in C.
  fileprivate func finish(_ c: inout CWriter) -> (String) -> String {
    if isFloat { return { $0 } }
    let cast = c.kernel("nnc_cast_f64_\(self)")
    return { "\(cast)(\($0))" }
  }
}
