import IR

extension Einsum: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let operands = site.operands.indices.map { site.operand($0) }
    let contraction = try contraction(operands.map(\.type.shape))
    if contraction.summed.elementCount == 1 {
      contraction.emitProducts(operands, site.result, into: &c)
    } else if contraction.addsRows {
      contraction.emitRows(operands, site.result, into: &c)
    } else {
      contraction.emitSums(operands, site.result, into: &c)
    }
  }
}

extension Contraction {
  /// The strides of the operands along some of the axes.
  private func strides(_ axes: Range<Int>) -> [[Int]] { strides.map { Array($0[axes]) } }

  /// The axes that are summed over, behind those of the result.
  private var summedAxes: Range<Int> { result.rank..<result.rank + summed.rank }

  /// Whether rows of the result are better computed as sums of rows of operands than element by element: where elements
  /// that follow each other in the result do so in the operands.
  fileprivate var addsRows: Bool {
    guard let last = result.extents.indices.last, result[last] > 1 else { return false }
    return strides.allSatisfy { [0, 1].contains($0[last]) } && strides.contains { $0[last] == 1 }
  }

  /// Adds loops in which each element of the result is one product.
  fileprivate func emitProducts(_ operands: [CArray], _ y: CArray, into c: inout CWriter) {
    LoopNest(over: result, strides: [result.strides] + strides(0..<result.rank)).emit(into: &c) { c, indices in
      let factors = zip(operands, indices.dropFirst()).map { "\($0.name)[\($1)]" }
      c.line("\(y.name)[\(indices[0])] = \(c.product(factors, y.type.element));")
    }
  }

  /// Adds loops over the elements of the result, and in them loops over the products.
  fileprivate func emitSums(_ operands: [CArray], _ y: CArray, into c: inout CWriter) {
    let element = y.type.element
    LoopNest(over: result, strides: [result.strides] + strides(0..<result.rank)).emit(into: &c) { c, indices in
      c.line("\(element.cType) sum = \(element.zero);")
      LoopNest(over: summed, strides: strides(summedAxes), prefix: "k").emit(into: &c) { c, steps in
        let factors = operands.indices.map { "\(operands[$0].name)[\(indexSum(indices[$0 + 1], steps[$0]))]" }
        c.add(c.product(factors, element), to: "sum", element)
      }
      c.line("\(y.name)[\(indices[0])] = sum;")
    }
  }

  /// Adds loops over the rows of the result, and in them loops that add rows of products.
  fileprivate func emitRows(_ operands: [CArray], _ y: CArray, into c: inout CWriter) {
    let (element, last) = (y.type.element, result.rank - 1)
    let rows = Shape(result.dropLast())
    LoopNest(over: rows, strides: [Array(result.strides.dropLast())] + strides(0..<last)).emit(into: &c) { c, indices in
      LoopNest(over: [result[last]], strides: [[1]], prefix: "j").emit(into: &c) { c, j in
        c.line("\(y.name)[\(indexSum(indices[0], j[0]))] = \(element.zero);")
      }
      LoopNest(over: summed, strides: strides(summedAxes), prefix: "k").emit(into: &c) { c, steps in
        func factor(_ operand: Int, _ j: String) -> String {
          "\(operands[operand].name)[\(indexSum(indices[operand + 1], steps[operand], j))]"
        }
        // What is the same for the whole row is multiplied once.
        let fixed = operands.indices.filter { strides[$0][last] == 0 }.map { factor($0, "0") }
        if !fixed.isEmpty { c.line("const \(element.cType) factor = \(c.product(fixed, element));") }
        LoopNest(over: [result[last]], strides: [[1]], prefix: "j").emit(into: &c) { c, j in
          let moving = operands.indices.filter { strides[$0][last] == 1 }.map { factor($0, j[0]) }
          let product = c.product((fixed.isEmpty ? [] : ["factor"]) + moving, element)
          c.add(product, to: "\(y.name)[\(indexSum(indices[0], j[0]))]", element)
        }
      }
    }
  }
}

extension CWriter {
  /// The product of elements; integers wrap.
  fileprivate mutating func product(_ factors: [String], _ element: ElementType) -> String {
    if element.isFloat { return factors.joined(separator: " * ") }
    let kernel = factors.count > 1 ? kernel("nnc_mul_\(element)") : ""
    return factors.dropFirst().reduce(factors[0]) { "\(kernel)(\($0), \($1))" }
  }

  /// Adds a statement that adds a term to a sum; integers wrap.
  fileprivate mutating func add(_ term: String, to sum: String, _ element: ElementType) {
    if element.isFloat { return line("\(sum) += \(term);") }
    line("\(sum) = \(kernel("nnc_add_\(element)"))(\(sum), \(term));")
  }
}
