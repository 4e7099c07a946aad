import IR

/// Layers: the channels of results are rows of weights, those of data are columns.
extension ChannelFlow {
  /// X [N, C, D1, …], W [M, C / group, k1, …], B [M].
  mutating func relateConvolution(_ node: Node, group: Int) -> [AxisChannels] {
    let (x, w) = (operand(0), operand(1))
    fix(Array(w.dropFirst(2)), "\(node.title) needs all taps")
    if group == 1 {
      classes.unite(w[1], x[1])
    } else {
      relateGroups(node, group, x[1], w[0]) { $0.unite($1, w[1]) }
    }
    return related(node, outputs: w[0], inputs: w[1], axis: 1)
  }

  /// X [N, C, D1, …], W [C, M / group, k1, …], B [M].
  mutating func relateTransposedConvolution(_ node: Node, group: Int) -> [AxisChannels] {
    let (x, w) = (operand(0), operand(1))
    fix(Array(w.dropFirst(2)), "\(node.title) needs all taps")
    classes.unite(w[0], x[1])
    if group == 1 { return related(node, outputs: w[1], inputs: w[0], axis: 0) }
    let outputs = classes.make(w[1].count * group)
    relateGroups(node, group, outputs, w[0]) { $0.unite($1, w[1]) }
    return related(node, outputs: outputs, inputs: w[0], axis: 0)
  }

  /// Whole groups of channels of a convolution go, or a place in all of them: whichever leaves more to choose from.
  ///
  /// - Parameter shared: The channels on the side where the weights of all groups lie along one axis.
  /// - Parameter others: Those on the other side.
  /// - Parameter relateAxis: Relates the places in a group to those along that axis of the weights.
  private mutating func relateGroups(
    _ node: Node, _ group: Int, _ shared: [Int], _ others: [Int],
    _ relateAxis: (inout ChannelClasses, [Int]) -> Void
  ) {
    let (length, otherLength) = (shared.count / group, others.count / group)
    if group >= length {
      classes.uniteRuns(shared, length: length)
      classes.uniteRuns(others, length: otherLength)
      for index in 0..<group { classes.unite(shared[index * length], others[index * otherLength]) }
    } else {
      classes.uniteAcrossRuns(shared, length: length)
      classes.uniteAcrossRuns(others, length: otherLength)
      relateAxis(&classes, Array(shared.prefix(length)))
    }
  }

  /// The result of a convolution: the spatial axes stay.
  private mutating func related(_ node: Node, outputs: [Int], inputs: [Int], axis: Int) -> [AxisChannels] {
    let (x, reason) = (operand(0), "\(node.title) moves along them")
    fix(Array(x.dropFirst(2)), reason)
    if let bias = optionalOperand(2) { classes.unite(outputs, bias[0]) }
    addLayer(node, weights: 1, axis: axis, outputs: outputs, inputs: inputs)
    return [[x[0], outputs] + node.types[0].shape.dropFirst(2).map { classes.makeFixed($0, reason) }]
  }

  /// A' [M, K] times B' [K, N], plus C, which is broadcast.
  mutating func relateGemm(_ op: Gemm, _ node: Node) -> [AxisChannels] {
    let (a, b) = (operand(0), operand(1))
    let (rows, depth) = op.transA ? (a[1], a[0]) : (a[0], a[1])
    let (otherDepth, columns) = op.transB ? (b[1], b[0]) : (b[0], b[1])
    classes.unite(otherDepth, depth)
    if let c = optionalOperand(2) { _ = broadcast([[rows, columns], c], to: node.types[0].shape) }
    addLayer(node, weights: 1, axis: op.transB ? 1 : 0, outputs: columns, inputs: otherDepth)
    return [[rows, columns]]
  }

  /// A [.., M, K] times B [.., K, N], of which either may be constant.
  mutating func relateProduct(_ node: Node) -> [AxisChannels] {
    let (a, b) = (operand(0), operand(1))
    let (depth, otherDepth) = (a[a.count - 1], b[max(0, b.count - 2)])
    classes.unite(otherDepth, depth)
    let rows = a.count > 1 ? [a[a.count - 2]] : []
    let columns = b.count > 1 ? [b[b.count - 1]] : []
    let shape = node.types[0].shape
    let batchRank = shape.rank - rows.count - columns.count
    let batch = broadcast(
      [Array(a.dropLast(2)), Array(b.dropLast(2))], to: Shape(shape.prefix(batchRank)))
    if let columns = columns.first {
      addLayer(node, weights: 1, axis: b.count - 2, outputs: columns, inputs: otherDepth)
    }
    if let rows = rows.first { addLayer(node, weights: 0, axis: a.count - 1, outputs: rows, inputs: depth) }
    return [batch + rows + columns]
  }

  /// The elements of the state are channels, of which each has a row in all gates.
  mutating func relateRecurrent(_ op: some RecurrentOperation, _ node: Node) -> [AxisChannels]? {
    // Fixed point comes with lowering.
    guard node.inputs.count < op.signature.maximum || node.inputs[op.signature.maximum - 1] == nil else { return nil }
    let (x, w, r) = (operand(0), operand(1), operand(2))
    let (state, reason) = (r[2], "\(node.title) walks along them")
    fix([x[0], x[1], w[0], r[0]], reason)
    classes.unite(w[2], x[2])
    var lists = [w[1], r[1]]
    if let bias = optionalOperand(3) { lists.append(bias[1]) }
    if op is LSTM, let peepholes = optionalOperand(7) { lists.append(peepholes[1]) }
    for list in lists {
      classes.uniteAcrossRuns(list, length: state.count)
      classes.unite(Array(list.prefix(state.count)), state)
    }
    for index in type(of: op).stateOperands {
      guard let initial = optionalOperand(index) else { continue }
      fix(Array(initial.prefix(2)), reason)
      classes.unite(initial[2], state)
    }
    addLayer(node, weights: 1, axis: 2, outputs: state, inputs: w[2])
    addLayer(node, weights: 2, axis: 2, outputs: state, inputs: r[2])
    return node.types.map { type in
      (0..<type.shape.rank).map { axis in
        axis == type.shape.rank - 1 ? state : classes.makeFixed(type.shape[axis], reason)
      }
    }
  }

  /// Notes a layer, if its weights are constant and its data are not.
  private mutating func addLayer(_ node: Node, weights: Int, axis: Int, outputs: [Int], inputs: [Int]) {
    let data = node.inputs[weights == 0 ? 1 : 0]
    guard graph.constant(node.inputs[weights]) != nil, graph.constant(data) == nil else { return }
    let use = ConstantUse(node: place, operand: weights)
    layers.append(ChannelLayer(node: place, outputs: outputs, inputs: inputs, weights: use, axis: axis))
  }
}
