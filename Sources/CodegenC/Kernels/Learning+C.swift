import IR

// The C of what classical machine learning needs besides trees.

extension SquaredDistances: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (x, y, shape) = (site.operand(0), site.operand(1), site.resultType.shape)
    let sizes = [shape[0], shape[1], x.type.shape[1]].map(String.init)
    c.call("nnc_squared_distances_\(site.suffix)", [x.name, y.name, site.result.name] + sizes)
  }
}

extension Lookup: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (x, keys, values, y) = (site.operand(0), site.operand(1), site.operand(2), site.result)
    let other = site.constant(3)?.cLiterals[0] ?? "\(site.operand(3).name)[0]"
    let count = keys.type.elementCount
    LoopNest(over: [x.type.elementCount], strides: [[1]]).emit(into: &c) { c, indices in
      let find = c.kernel("nnc_find_\(site.suffix)")
      c.line("const \(c.kernel("nnc_index")) place = \(find)(\(x.name)[\(indices[0])], \(keys.name), \(count));")
      c.line("\(y.name)[\(indices[0])] = place < \(count) ? \(values.name)[place] : \(other);")
    }
  }
}

extension PairwiseProbabilities: Emittable {
  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) -> Int {
    TensorType(node.types[0].element, [classes]).byteCount
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let element = site.resultType.element
    c.call(
      "nnc_pairwise_probabilities_\(site.suffix)",
      [
        site.operand(0).name, site.result.name, "(\(element.cType) *)scratch", "\(site.resultType.shape[0])",
        "\(classes)", "\(maximumStepCount)", cLiteral(tolerance, element),
      ])
  }
}

extension GramCounts: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (x, grams, columns, y) = (site.operand(0), site.operand(1), site.operand(2), site.result)
    let (length, size) = (x.type.shape.last!, grams.type.shape[1])
    c.call("nnc_fill_f32", [y.name, "0.0f", "\(y.type.elementCount)"])
    let rows = x.type.shape.rank == 1 ? 1 : x.type.shape[0]
    LoopNest(over: [rows], strides: [[length], [width]]).emit(into: &c) { c, indices in
      let arrays = [indexSum(x.name, indices[0]), grams.name, columns.name, indexSum(y.name, indices[1])]
      let sizes = [length, grams.type.shape[0], size, distances(length, size).upperBound].map(String.init)
      c.call("nnc_count_grams_\(site.suffix)", arrays + sizes)
    }
  }
}
