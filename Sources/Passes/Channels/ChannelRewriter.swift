import IR

/// Builds graphs in which only some channels are left, or channels have changed places.
///
///     %c = Conv(%x, %w) : f32[1x16x8x8]      %w : f32[16x3x3x3]
///     %f = Reshape(%c, %s)                   %s = [1, 1024]
///   →
///     %c = Conv(%x, %w) : f32[1x12x8x8]      %w : f32[12x3x3x3]
///     %f = Reshape(%c, %s)                   %s = [1, 768]
struct ChannelRewriter {
  let flow: ChannelFlow
  let selection: ChannelSelection
  private var model: Graph { flow.graph }

  /// The whole graph.
  ///
  /// - Parameter constants: Other constants, as they are in the new graph, by node and operand.
  func graph(_ constants: [ConstantUse: Tensor] = [:]) throws -> Graph {
    var graph = Graph(name: model.name)
    var new: [Value: Value] = [:]
    for (index, isLive) in model.liveNodes.enumerated() where isLive {
      let values = try add(index, to: &graph, new, constants)
      for (result, value) in values.enumerated() { new[Value(node: index, result: result)] = value }
    }
    graph.outputs = model.outputs.map { ($0.name, new[$0.value]!) }
    return try graph.withoutDeadNodes()
  }

  /// Adds a node to a graph, and returns its results.
  ///
  /// - Parameter new: The values that have taken the place of those of the model.
  func add(
    _ index: Int, to graph: inout Graph, _ new: [Value: Value], _ constants: [ConstantUse: Tensor] = [:]
  ) throws -> [Value] {
    let node = model.nodes[index]
    var inputs: [Value?] = []
    for (operand, value) in node.inputs.enumerated() {
      guard let value, let constant = model.constant(value) else {
        inputs.append(value.map { new[$0]! })
        continue
      }
      let own = constants[ConstantUse(node: index, operand: operand)]
      let tensor = own ?? constant.selecting(positions(flow.operands[index][operand]!))
      inputs.append(try graph.add(Constant(tensor), [], name: model.name(of: value), at: model[value].location))
    }
    let op = try followed(index, &inputs, &graph)
    let values = try graph.add(op, inputs, names: node.names, at: node.location)
    for (value, type) in zip(values, expectedTypes(index)) where graph.type(of: value) != type {
      throw Diagnostic("internal error: \(node.title) makes \(graph.type(of: value)) where channels say \(type)")
    }
    return values
  }

  /// For each axis, the places that are left; nil where all are, in their order.
  func positions(_ axes: AxisChannels) -> [[Int]?] { axes.map { selection.positions($0) } }

  /// The types of results with the channels that are left.
  private func expectedTypes(_ index: Int) -> [TensorType] {
    zip(model.nodes[index].types, flow.results[index]).map { type, axes in
      let extents = zip(type.shape, positions(axes)).map { $1?.count ?? $0 }
      return TensorType(type.element, Shape(extents))
    }
  }

  /// The operation with attributes, and operands, that say how many channels there are.
  private func followed(_ index: Int, _ inputs: inout [Value?], _ graph: inout Graph) throws -> any Operation {
    let node = model.nodes[index]
    let (own, types) = (node.inputs.first.flatMap { $0 }.map { model.type(of: $0).shape }, expectedTypes(index))
    let isSame = own == inputs.first.flatMap { $0 }.map { graph.type(of: $0).shape } && types == node.types
    if isSame { return node.op }
    func list(_ numbers: [Int]) throws -> Value {
      try graph.add(Constant(Tensor(numbers.map { Int64($0) })), [], name: nil, at: node.location)
    }
    switch node.op {
    case var op as Conv:
      op.group = graph.type(of: inputs[0]!).shape[1] / graph.type(of: inputs[1]!).shape[1]
      return op
    case var op as ConvTranspose:
      op.group = types[0].shape[1] / graph.type(of: inputs[1]!).shape[1]
      return op
    case var op as any RecurrentOperation:
      if op.hiddenSize != nil { op.hiddenSize = graph.type(of: inputs[2]!).shape[2] }
      return op
    case is Reshape, is Squeeze:
      inputs = [inputs[0], try list(types[0].shape.extents)]
      var reshape = Reshape()
      reshape.allowzero = types[0].shape.contains(0)
      return reshape
    case is Expand: inputs[1] = try list(types[0].shape.extents)
    case var op as Split:
      let axis = try own!.existingAxis(op.axis)
      inputs = [inputs[0], try list(types.map { $0.shape[axis] })]
      op.numOutputs = nil
      return op
    case let op as Slice:
      let slices = try followed(op, index, types[0].shape)
      inputs = [inputs[0]] + (try slices.map { try list($0) })
    case is Resize where node.inputs.count > 3:
      let axes = (node.op as! Resize).axes ?? Array(own!.indices)
      inputs[3] = try list(try axes.map { types[0].shape[try own!.axis($0)] })
    default: break
    }
    return node.op
  }

  /// Starts, ends, axes and steps of a slice: along an axis of which channels have gone, those that are left of it.
  private func followed(_ op: Slice, _ index: Int, _ shape: Shape) throws -> [[Int]] {
    let slices = try op.slices(model.operands(of: model.nodes[index]))
    let kept = positions(flow.operands[index][0]!)
    var (starts, ends) = ([Int](), [Int]())
    for (axis, slice) in slices.enumerated() {
      let start = kept[axis].map { $0.count { $0 < slice.start } } ?? slice.start
      let end = start + slice.step * shape[axis]
      starts.append(start)
      // Going backwards, what lies before the first element is not called -1.
      ends.append(end < 0 ? Int(Int32.min) : end)
    }
    return [starts, ends, Array(slices.indices), slices.map(\.step)]
  }
}

/// A constant as an operand of a node.
struct ConstantUse: Hashable {
  /// The place of the node.
  let node: Int
  /// The operand that it is.
  let operand: Int
}
