import IR

/// How the operand of a normalization is divided into rows.
private struct Rows {
  let count: Int, length: Int

  init(_ x: Shape, axis: Int) throws {
    let axis = try x.axis(axis)
    count = x.elementCount(of: 0..<axis)
    length = x.elementCount(of: axis..<x.rank)
  }

  /// Whether each row takes all elements of an operand, in order, if it is there.
  static func areAlike(_ parameters: [Shape?], _ x: Shape, axis: Int) throws -> Bool {
    let axis = try x.axis(axis)
    return parameters.allSatisfy { shape in
      shape.map { $0.padded(toRank: x.rank).extents == x[..<axis].map { _ in 1 } + x[axis...] } ?? true
    }
  }
}

extension LayerNormalization: Emittable {
  public func placement(of result: Int, _ node: Node, _ operands: Operands<Operand>) throws -> Placement {
    try result == 0 && takesWholeRows(operands) ? .inPlace(operands: [0]) : .own
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let rows = try Rows(site.type(0).shape, axis: axis)
    // Before the result, which may take the place of X.
    try emitStatistics(site, rows, into: &c)
    guard let y = site.optionalResult(0) else { return }
    let isFused = try takesWholeRows(site.operands)
    let parameters = isFused ? [site.operand(1).name, site.pointer(2)] : ["NULL", "NULL"]
    let sizes = ["\(rows.count)", "\(rows.length)", cLiteral(Double(epsilon), site.resultType.element)]
    c.call("nnc_layer_normalization_\(site.suffix)", [site.operand(0).name] + parameters + [y.name] + sizes)
    if !isFused { emitScaling(site, y, into: &c) }
  }

  private func takesWholeRows(_ operands: Operands<Operand>) throws -> Bool {
    try Rows.areAlike([operands[1]?.shape, operands[2]?.shape], operands.first.shape, axis: axis)
  }

  /// Adds the loops that compute `Mean` and `InvStdDev`, where they are used.
  private func emitStatistics(_ site: Site, _ rows: Rows, into c: inout CWriter) throws {
    let results = [site.optionalResult(1), site.optionalResult(2)]
    guard let stash = (results[0] ?? results[1])?.type.element else { return }
    guard stash.bitWidth >= 32 else {
      throw Diagnostic("there is no C for Mean and InvStdDev of type \(stash); set stash_type to 1")
    }
    LoopNest(over: [rows.count], strides: [[1], [rows.length]]).emit(into: &c) { c, indices in
      let row = "\(site.operand(0).name) + \(indices[1]), \(rows.length)"
      let mean = "\(c.kernel("nnc_row_mean_\(site.suffix)"))(\(row))"
      if let y = results[0] { c.line("\(y.name)[\(indices[0])] = (\(stash.cType))\(mean);") }
      if let y = results[1] {
        let kernel = c.kernel("nnc_row_inverse_deviation_\(site.suffix)")
        let value = "\(kernel)(\(row), \(mean), \(cLiteral(Double(epsilon), site.resultType.element)))"
        c.line("\(y.name)[\(indices[0])] = (\(stash.cType))\(value);")
      }
    }
  }
}

extension RMSNormalization: Emittable {
  public func placement(of result: Int, _ node: Node, _ operands: Operands<Operand>) throws -> Placement {
    try Rows.areAlike([operands[1]?.shape], operands.first.shape, axis: axis) ? .inPlace(operands: [0]) : .own
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    try requireOneElement(site)
    let x = site.type(0).shape
    let rows = try Rows(x, axis: axis)
    let isFused = try Rows.areAlike([site.type(1).shape], x, axis: axis)
    let sizes = ["\(rows.count)", "\(rows.length)", cLiteral(Double(epsilon), site.resultType.element)]
    let arrays = [site.operand(0).name, isFused ? site.operand(1).name : "NULL", site.result.name]
    c.call("nnc_rms_normalization_\(site.suffix)", arrays + sizes)
    if !isFused { emitScaling(site, site.result, into: &c) }
  }
}

/// Adds the loop that multiplies a result by operand 1 and adds operand 2 if there is one, both broadcast.
private func emitScaling(_ site: Site, _ y: CArray, into c: inout CWriter) {
  let parameters = [1, 2].filter(site.has)
  let strides = parameters.map { site.type($0).shape.broadcastStrides(to: y.type.shape) }
  LoopNest(over: y.type.shape, strides: [y.type.shape.strides] + strides).emit(into: &c) { c, indices in
    let numbers = zip(parameters, indices.dropFirst()).map { "\(site.operand($0).name)[\($1)]" }
    let scaled = "\(y.name)[\(indices[0])] * \(numbers[0])"
    c.line("\(y.name)[\(indices[0])] = \(([scaled] + numbers.dropFirst()).joined(separator: " + "));")
  }
}

/// Throws unless all operands have elements of one type.
func requireOneElement(_ site: Site) throws {
  let elements = site.operands.compactMap { $0?.element }
  guard elements.allSatisfy({ $0 == elements[0] }) else {
    throw Diagnostic("there is no C for operands of different types, \(site.operandTypes); add a Cast")
  }
}

extension BatchNormalization: Emittable {
  public func placement(of result: Int, _ node: Node, _ operands: Operands<Operand>) throws -> Placement {
    .inPlace(operands: [0])
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    try requireOneElement(site)
    let (x, element) = (site.type(0).shape, site.resultType.element)
    let sizes = x.rank == 1 ? [x[0], 1, 1] : [x[0], x[1], x.elementCount(of: 2..<x.rank)]
    let (channels, inner) = (sizes[1], sizes[2])
    LoopNest(over: [channels], strides: [[1], [inner]]).emit(into: &c) { c, indices in
      let numbers = (1..<5).map { "\(site.operand($0).name)[\(indices[0])]" }
      let root = "\(c.kernel("nnc_sqrt_\(element)"))(\(numbers[3]) + \(cLiteral(Double(epsilon), element)))"
      c.line("const \(element.cType) factor = \(numbers[0]) / \(root);")
      let planes = [site.operand(0).name, site.result.name].map { "\($0) + \(indices[1])" }
      let rest = ["\(sizes[0])", "\(channels * inner)", "\(inner)"]
      c.call("nnc_scale_channel_\(site.suffix)", planes + ["factor", "\(numbers[1]) - \(numbers[2]) * factor"] + rest)
    }
  }
}

extension InstanceNormalization: Emittable {
  public func placement(of result: Int, _ node: Node, _ operands: Operands<Operand>) throws -> Placement {
    .inPlace(operands: [0])
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    emitGroups(site, groups: site.resultType.shape[1], epsilon, into: &c)
  }
}

extension GroupNormalization: Emittable {
  public func placement(of result: Int, _ node: Node, _ operands: Operands<Operand>) throws -> Placement {
    .inPlace(operands: [0])
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    emitGroups(site, groups: numGroups, epsilon, into: &c)
  }
}

/// Adds the call of the kernel that normalizes groups of channels.
private func emitGroups(_ site: Site, groups: Int, _ epsilon: Float, into c: inout CWriter) {
  let x = site.resultType.shape
  let sizes = [x[0], groups, groups == 0 ? 0 : x[1] / groups, x.elementCount(of: 2..<x.rank)].map(String.init)
  let arrays = (0..<3).map { site.operand($0).name } + [site.result.name]
  let arguments = arrays + sizes + [cLiteral(Double(epsilon), site.resultType.element)]
  c.call("nnc_group_normalization_\(site.suffix)", arguments)
}
