import IR

extension ChannelFlow {
  /// Makes channels of operands and results of a node the same that are the same, lets those stay that the node tells apart,
  /// and returns those of the results; nil where it is not known what the node does.
  ///
  /// Operands that a rule does not ask for keep all of their elements.
  mutating func relate(_ node: Node) throws -> [AxisChannels]? {
    switch node.op {
    case is any ElementwiseOperation: return [relateBroadcast(node, Array(node.inputs.indices))]
    case let op as Conv: return relateConvolution(node, group: op.group)
    case let op as ConvTranspose: return relateTransposedConvolution(node, group: op.group)
    case let op as Gemm: return relateGemm(op, node)
    case is MatMul: return relateProduct(node)
    case let op as any RecurrentOperation: return relateRecurrent(op, node)
    case let op as Concat: return try relateConcat(op, node)
    case let op as Split: return try relateSplit(op, node)
    case let op as Slice: return try relateSlice(op, node)
    case let op as Transpose:
      let x = operand(0)
      return [try op.permutation(of: shape(node)).map { x[$0] }]
    case is any ReshapingOperation: return [reshaped(operand(0), node)]
    case is Expand: return [relateExpand(node)]
    case let op as DequantizeLinear: return relateQuantization(node, axis: op.axis, blockSize: op.blockSize)
    case let op as QuantizeLinear: return relateQuantization(node, axis: op.axis, blockSize: op.blockSize)
    default: return try relateAlongAxes(node)
    }
  }

  /// Nodes that work along some axes, and leave the others alone.
  private mutating func relateAlongAxes(_ node: Node) throws -> [AxisChannels]? {
    let (shape, operands) = (shape(node), graph.operands(of: node))
    switch node.op {
    case is MaxPool where uses[Value(node: place, result: 1)] != nil:
      return keeping(node, [0], "tells where they lie")
    case is any PoolingOperation: return keeping(node, [0, 1], "moves along them")
    case is any GlobalPoolingOperation: return keeping(node, [0, 1], "reduces along them")
    case let op as BatchNormalization where !op.trainingMode && shape.rank > 1: return relatePerChannel(node, axis: 1)
    case is InstanceNormalization:
      fix(Array(operand(0).dropFirst(2)), "\(node.title) normalizes along them")
      return relatePerChannel(node, axis: 1)
    case let op as LayerNormalization: return try relateNormalization(node, from: op.axis)
    case let op as RMSNormalization: return try relateNormalization(node, from: op.axis)
    case let op as any LineOperation: return try keepingOthers(node, op.axis, "normalizes along them")
    case let op as LpNormalization: return try keepingOthers(node, op.axis, "normalizes along them")
    case is LRN: return try keepingOthers(node, 1, "normalizes along them")
    case let op as any ArgReduction: return try keepingOthers(node, op.axis, "counts them")
    case let op as TopK: return try keepingOthers(node, op.axis, "counts them")
    case let op as any Cumulation: return try keepingOthers(node, op.axis(operands), "depends on their order")
    case let op as any Reduction: return keeping(node, try op.reducedAxes(operands).kept, "reduces along them")
    case let op as Gather: return try relateGather(op, node)
    case let op as Pad:
      let unpadded = try op.pads(operands).enumerated().filter { $1.before == 0 && $1.after == 0 }
      return keeping(node, unpadded.map(\.offset), "pads along them")
    case let op as Resize:
      let axes = try op.geometry(operands)
      return keeping(node, axes.indices.filter { axes[$0].input == axes[$0].output }, "resizes along them")
    case is Tile:
      return keeping(node, shape.indices.filter { shape[$0] == node.types[0].shape[$0] }, "repeats them")
    default: return nil
    }
  }

  /// The shape of the first operand.
  func shape(_ node: Node) -> Shape { node.inputs[0].map { graph.type(of: $0).shape } ?? [] }

  /// The channels of results that have some axes of the first operand as they are, and whose other axes stay.
  ///
  /// - Parameter axes: The axes, in increasing order.
  /// - Parameter what: What the node does along the others.
  private mutating func keeping(_ node: Node, _ axes: [Int], _ what: String) -> [AxisChannels] {
    let (x, reason) = (operand(0), "\(node.title) \(what)")
    for axis in x.indices where !axes.contains(axis) { classes.fix(x[axis], reason) }
    return node.types.map { type in
      // An axis that is reduced is gone, or has extent 1.
      let isDropped = type.shape.rank < x.count
      return type.shape.enumerated().map { axis, extent in
        let source = isDropped ? axes[axis] : axis
        return axes.contains(source) ? x[source] : classes.makeFixed(extent, reason)
      }
    }
  }

  /// The same where all axes but one are left alone.
  private mutating func keepingOthers(_ node: Node, _ axis: Int, _ what: String) throws -> [AxisChannels] {
    let shape = shape(node)
    let axis = try shape.existingAxis(axis)
    return keeping(node, shape.indices.filter { $0 != axis }, what)
  }

  /// A result like the first operand, whose channels along an axis are those of all other operands, which are lists.
  private mutating func relatePerChannel(_ node: Node, axis: Int) -> [AxisChannels] {
    let x = operand(0)
    for index in node.inputs.indices.dropFirst() {
      if let list = optionalOperand(index) { classes.unite(x[axis], list[0]) }
    }
    return node.types.map { _ in x }
  }

  /// Scale and bias are broadcast to the first operand.
  private mutating func relateNormalization(_ node: Node, from axis: Int) throws -> [AxisChannels] {
    _ = relateBroadcast(node, Array(node.inputs.indices))
    return keeping(node, Array(0..<(try shape(node).existingAxis(axis))), "normalizes along them")
  }

  /// Scales and zero points are numbers, or lists along an axis.
  private mutating func relateQuantization(_ node: Node, axis: Int, blockSize: Int) -> [AxisChannels]? {
    let shape = shape(node)
    guard blockSize == 0, let axis = try? shape.axis(axis) else { return nil }
    let x = operand(0)
    for index in 1..<node.inputs.count {
      if let list = optionalOperand(index), list.count == 1, list[0].count == x[axis].count {
        classes.unite(x[axis], list[0])
      }
    }
    return [x]
  }

  /// The axes before and behind that of the indices are those of the data.
  private mutating func relateGather(_ op: Gather, _ node: Node) throws -> [AxisChannels] {
    let x = operand(0)
    let (axis, reason) = (try shape(node).existingAxis(op.axis), "\(node.title) picks some of them")
    classes.fix(x[axis], reason)
    let count = node.types[0].shape.rank - (x.count - 1)
    let picked = (0..<count).map { classes.makeFixed(node.types[0].shape[axis + $0], reason) }
    return [Array(x[..<axis] + picked + x[(axis + 1)...])]
  }
}
