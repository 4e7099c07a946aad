import IR

extension DecisionTrees: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (x, y) = (site.operand(0), site.result)
    let type = y.type.element.cType
    let tables = try DecisionTables(site.operands)
    let start = aggregate == .sum ? 0 : aggregate == .min ? Double.infinity : -Double.infinity
    let (columns, trees) = (x.type.shape[1], site.type(4).elementCount)
    LoopNest(over: [x.type.shape[0]], strides: [[columns], [targets]]).emit(into: &c) { c, indices in
      c.line("const \(type) *const row = \(indexSum(x.name, indices[0]));")
      let total = targets == 1 ? "total" : "to[target]"
      if targets == 1 {
        c.line("\(type) total = \(cLiteral(start, y.type.element));")
      } else {
        c.line("\(type) *const to = \(indexSum(y.name, indices[1]));")
        c.block("for (nnc_index target = 0; target < \(targets); ++target)") {
          $0.line("\(total) = \(cLiteral(start, y.type.element));")
        }
      }
      c.block("for (nnc_index tree = 0; tree < \(trees); ++tree)") { emitWalk(site, tables, into: &$0) }
      if targets == 1 { c.line("\(y.name)[\(indices[1])] = \(total);") }
    }
  }

  /// Adds the walk through one tree, and the votes of the leaf at its end.
  private func emitWalk(_ site: Site, _ tables: DecisionTables, into c: inout CWriter) {
    let names = (0..<5).map { site.operand($0).name }
    let suffix = site.type(1).element == .u16 ? "U" : ""
    c.line("nnc_index node = (nnc_index)\(names[4])[tree];")
    c.block("while (\(names[1])[node] < \(tables.vote)\(suffix))") { c in
      let arguments = ["row[\(names[1])[node]]", "\(names[3])[node]"]
      var condition = "\(arguments[0]) <= \(arguments[1])"
      if site.has(5) {
        let mode = "\(site.operand(5).name)[\(site.type(5).elementCount == 1 ? "0" : "node")]"
        condition =
          "\(c.kernel("nnc_branch_holds_\(site.suffix)"))(\((arguments + [mode]).joined(separator: ", ")))"
      }
      c.line("node += \(condition) ? 1 : (nnc_index)\(names[2])[node];")
    }
    let total = targets == 1 ? "total" : "to[\(names[2])[node]]"
    let value = "\(names[3])[node]"
    let vote =
      switch aggregate {
      case .sum: "\(total) += \(value);"
      case .min: "if (\(value) < \(total)) \(total) = \(value);"
      case .max: "if (\(value) > \(total)) \(total) = \(value);"
      }
    if tables.hasSeveralVotes {
      c.block("for (; \(names[1])[node] == \(tables.vote)\(suffix); ++node)") { $0.line(vote) }
    }
    c.line(vote)
  }
}
