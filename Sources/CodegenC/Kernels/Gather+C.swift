import IR

extension Site {
  /// The C expression for the place along an axis of `extent` that an element of the indices, operand 1, means.
  fileprivate func place(_ index: String, _ extent: Int, _ c: inout CWriter) throws -> String {
    // There would be nothing to read or write that is inside the memory.
    try require(extent > 0, "indices of type \(type(1)) point along an axis without elements")
    return "\(c.kernel("nnc_place_\(type(1).element)"))(\(operand(1).name)[\(index)], \(extent))"
  }

  /// The C expression for the offset to which `count` coordinates from `index` on point, along axes from `first` on.
  fileprivate func offset(_ index: String, _ count: Int, _ shape: Shape, from first: Int, _ c: inout CWriter) throws
    -> String
  {
    var terms: [String] = []
    for coordinate in 0..<count {
      let axis = first + coordinate
      let place = try place(indexSum(index, "\(coordinate)"), shape[axis], &c)
      terms.append(shape.strides[axis] == 1 ? place : "\(place) * \(shape.strides[axis])")
    }
    return terms.isEmpty ? "0" : terms.joined(separator: " + ")
  }
}

extension Gather: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (y, shape) = (site.result, site.type(0).shape)
    let axis = try shape.existingAxis(axis)
    let (outer, inner) = (shape.elementCount(of: 0..<axis), shape.elementCount(of: axis + 1..<shape.rank))
    let count = site.type(1).elementCount
    if y.type.elementCount == 0 { return site.emitNothing(into: &c) }
    try LoopNest(over: [outer, count], strides: [[count * inner, inner], [0, 1], [shape[axis] * inner, 0]])
      .emit(into: &c) { c, indices in
        let place = try site.place(indices[1], shape[axis], &c)
        let start = indexSum(indices[2], inner == 1 ? place : "\(place) * \(inner)")
        c.line("const \(c.kernel("nnc_index")) start = \(start);")
        LoopNest(over: [inner], strides: [[1]], prefix: "j").emit(into: &c) { c, j in
          let element = site.element(0, at: indexSum("start", j[0]), &c)
          c.line("\(y.name)[\(indexSum(indices[0], j[0]))] = \(element);")
        }
      }
  }
}

extension GatherElements: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (x, y) = (site.operand(0), site.result)
    let shape = x.type.shape
    let axis = try shape.existingAxis(axis)
    if y.type.elementCount == 0 { return site.emitNothing(into: &c) }
    var strides = shape.strides
    strides[axis] = 0
    try LoopNest(over: y.type.shape, strides: [y.type.shape.strides, strides]).emit(into: &c) { c, indices in
      let place = try site.place(indices[0], shape[axis], &c)
      let offset = shape.strides[axis] == 1 ? place : "\(place) * \(shape.strides[axis])"
      c.line("\(y.name)[\(indices[0])] = \(x.name)[\(indexSum(indices[1], offset))];")
    }
  }
}

extension GatherND: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (x, y) = (site.operand(0), site.result)
    let (shape, indexShape) = (x.type.shape, site.type(1).shape)
    if y.type.elementCount == 0 { return site.emitNothing(into: &c) }
    let count = indexShape[indexShape.rank - 1]
    let batches = shape.elementCount(of: 0..<batchDims)
    let points = indexShape.elementCount(of: batchDims..<indexShape.rank - 1)
    let inner = shape.elementCount(of: batchDims + count..<shape.rank)
    let batch = shape.elementCount(of: batchDims..<shape.rank)
    try LoopNest(
      over: [batches, points], strides: [[points * inner, inner], [points * count, count], [batch, 0]]
    ).emit(into: &c) { c, indices in
      let offset = try site.offset(indices[1], count, shape, from: batchDims, &c)
      c.line("const \(c.kernel("nnc_index")) start = \(indexSum(indices[2], offset));")
      LoopNest(over: [inner], strides: [[1]], prefix: "j").emit(into: &c) { c, j in
        c.line("\(y.name)[\(indexSum(indices[0], j[0]))] = \(x.name)[\(indexSum("start", j[0]))];")
      }
    }
  }
}

extension Compress: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (x, y) = (site.operand(0), site.result)
    let (shape, axis, places) = try choice(site.operands)
    let (outer, inner) = (shape.elementCount(of: 0..<axis), shape.elementCount(of: axis + 1..<shape.rank))
    if y.type.elementCount == 0 { return site.emitNothing(into: &c) }
    c.table(c.kernel("nnc_index"), "places", places.map { "\($0 * inner)" }, width: 4)
    let strides = [[places.count * inner, inner, 1], [shape[axis] * inner, 0, 1], [0, 1, 0]]
    LoopNest(over: [outer, places.count, inner], strides: strides).emit(into: &c) { c, indices in
      c.line("\(y.name)[\(indices[0])] = \(x.name)[\(indexSum("places[\(indices[2])]", indices[1]))];")
    }
  }
}

extension ReverseSequence: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (x, y, lengths) = (site.operand(0), site.result, site.operand(1))
    let (shape, strides) = (x.type.shape, x.type.shape.strides)
    if shape.elementCount == 0 { return site.emitNothing(into: &c) }
    let kernel = c.kernel("nnc_reversed_place_\(lengths.type.element)")
    var batch = [0, 0]
    batch[batchAxis] = 1
    let (batchStride, timeStride) = (strides[batchAxis], strides[timeAxis])
    LoopNest(over: [shape[0], shape[1]], strides: [[strides[0], strides[1]], batch, batch.map { 1 - $0 }])
      .emit(into: &c) { c, indices in
        let place = "\(kernel)(\(indices[2]), \(lengths.name)[\(indices[1])], \(shape[timeAxis]))"
        let first = indices[1] == "0" || batchStride == 1 ? indices[1] : "\(indices[1]) * \(batchStride)"
        let start = indexSum(first, timeStride == 1 ? place : "\(place) * \(timeStride)")
        c.line("const \(c.kernel("nnc_index")) start = \(start);")
        LoopNest(over: [shape.elementCount(of: 2..<shape.rank)], strides: [[1]], prefix: "j").emit(into: &c) { c, j in
          c.line("\(y.name)[\(indexSum(indices[0], j[0]))] = \(x.name)[\(indexSum("start", j[0]))];")
        }
      }
  }
}

extension ScatterReduction {
  /// The C expression for an element with an update.
  fileprivate func expression(_ element: String, _ update: String, _ type: ElementType, _ c: inout CWriter) -> String {
    self == .none ? update : "\(c.kernel("nnc_\(rawValue)_\(type)"))(\(element), \(update))"
  }
}

extension ScatterElements: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (x, y, updates) = (site.operand(0), site.result, site.operand(2))
    let (shape, indexShape) = (x.type.shape, site.type(1).shape)
    let axis = try shape.existingAxis(axis)
    c.call("nnc_copy_\(site.suffix)", [x.name, y.name, "\(shape.elementCount)"])
    guard indexShape.elementCount > 0 else { return site.emitNothing(into: &c) }
    var strides = shape.strides
    strides[axis] = 0
    try LoopNest(over: indexShape, strides: [indexShape.strides, strides]).emit(into: &c) { c, indices in
      let place = try site.place(indices[0], shape[axis], &c)
      let offset = shape.strides[axis] == 1 ? place : "\(place) * \(shape.strides[axis])"
      c.line("const \(c.kernel("nnc_index")) place = \(indexSum(indices[1], offset));")
      let value = reduction.expression("\(y.name)[place]", "\(updates.name)[\(indices[0])]", y.type.element, &c)
      c.line("\(y.name)[place] = \(value);")
    }
  }
}

extension ScatterND: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let (x, y, updates) = (site.operand(0), site.result, site.operand(2))
    let (shape, indexShape) = (x.type.shape, site.type(1).shape)
    c.call("nnc_copy_\(site.suffix)", [x.name, y.name, "\(shape.elementCount)"])
    guard updates.type.elementCount > 0 else { return site.emitNothing(into: &c) }
    let count = indexShape[indexShape.rank - 1]
    let inner = shape.elementCount(of: count..<shape.rank)
    let points = indexShape.elementCount(of: 0..<indexShape.rank - 1)
    try LoopNest(over: [points], strides: [[inner], [count]]).emit(into: &c) { c, indices in
      c.line("const \(c.kernel("nnc_index")) start = \(try site.offset(indices[1], count, shape, from: 0, &c));")
      LoopNest(over: [inner], strides: [[1]], prefix: "j").emit(into: &c) { c, j in
        let place = "\(y.name)[\(indexSum("start", j[0]))]"
        let update = "\(updates.name)[\(indexSum(indices[0], j[0]))]"
        c.line("\(place) = \(reduction.expression(place, update, y.type.element, &c));")
      }
    }
  }
}

extension Site {
  /// Adds statements that use operands and results that are used nowhere else, so that compilers do not warn.
  func emitNothing(into c: inout CWriter) {
    for index in usedOperands.sorted() { c.line("(void)\(operand(index).name);") }
    for result in node.types.indices {
      if let array = optionalResult(result) { c.line("(void)\(array.name);") }
    }
  }
}
