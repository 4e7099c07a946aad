import IR

/// Operations that move elements, or see them along other axes.
extension ChannelFlow {
  /// The channels of operands that are broadcast together, which are those of the result.
  mutating func relateBroadcast(_ node: Node, _ indices: [Int]) -> AxisChannels {
    var list: [AxisChannels] = []
    for index in indices { if let channels = optionalOperand(index) { list.append(channels) } }
    return broadcast(list, to: node.types[0].shape)
  }

  /// The channels of a result to which tensors are broadcast.
  mutating func broadcast(_ tensors: [AxisChannels], to shape: Shape) -> AxisChannels {
    shape.indices.map { axis in
      let lists = tensors.compactMap { tensor -> [Int]? in
        let own = axis - (shape.rank - tensor.count)
        return own >= 0 && tensor[own].count == shape[axis] ? tensor[own] : nil
      }
      guard let first = lists.first else { return classes.makeFixed(shape[axis], "they are copies") }
      for other in lists.dropFirst() { classes.unite(first, other) }
      return first
    }
  }

  /// What one element is copied to stays.
  mutating func relateExpand(_ node: Node) -> AxisChannels {
    let (x, shape) = (operand(0), node.types[0].shape)
    return shape.indices.map { axis in
      let own = axis - (shape.rank - x.count)
      return own >= 0 && x[own].count == shape[axis]
        ? x[own] : classes.makeFixed(shape[axis], "\(graph.nodes[place].title) copies them")
    }
  }

  /// Along the axis the channels of one operand follow those of another.
  mutating func relateConcat(_ op: Concat, _ node: Node) throws -> [AxisChannels] {
    let axis = try shape(node).existingAxis(op.axis ?? 0)
    var result = operand(0)
    for index in node.inputs.indices.dropFirst() {
      for (place, channels) in operand(index).enumerated() {
        if place == axis { result[axis] += channels } else { classes.unite(result[place], channels) }
      }
    }
    return [result]
  }

  /// Each part has its own of the channels.
  mutating func relateSplit(_ op: Split, _ node: Node) throws -> [AxisChannels] {
    let (x, axis) = (operand(0), try shape(node).existingAxis(op.axis))
    var start = 0
    return node.types.map { type in
      var part = x
      part[axis] = Array(x[axis][start..<start + type.shape[axis]])
      start += type.shape[axis]
      return part
    }
  }

  /// Neighbours stay neighbours without those between them that go; those at distances do not.
  mutating func relateSlice(_ op: Slice, _ node: Node) throws -> [AxisChannels] {
    var x = operand(0)
    for (axis, slice) in try op.slices(graph.operands(of: node)).enumerated() {
      if slice.step != 1 { classes.fix(x[axis], "\(node.title) takes every \(slice.step) of them") }
      x[axis] = (0..<slice.count).map { x[axis][slice.start + $0 * slice.step] }
    }
    return [x]
  }

  /// Axes that are joined have the channels of one of them, each along a run of places; one that is divided gives its
  /// channels to one of its parts.
  mutating func reshaped(_ x: AxisChannels, _ node: Node) -> AxisChannels {
    let (old, new) = (shape(node), node.types[0].shape)
    guard new.elementCount > 0 else { return new.map { classes.makeFixed($0, "there are none") } }
    var result: AxisChannels = []
    for part in ReshapedAxes.parts(old, new) {
      let list = joined(part.old.map { x[$0] }, node)
      result += divided(list, part.new.map { new[$0] }, node)
    }
    return result
  }

  /// The channels of axes that become one.
  private mutating func joined(_ axes: AxisChannels, _ node: Node) -> [Int] {
    let carrier = axes.firstIndex { $0.count > 1 && !classes.areFixed($0) } ?? axes.firstIndex { $0.count > 1 } ?? 0
    for (index, axis) in axes.enumerated() where index != carrier {
      classes.fix(axis, "\(node.title) joins them with others")
    }
    guard axes.indices.contains(carrier) else { return classes.makeFixed(1, "there is only one") }
    let outer = axes[..<carrier].reduce(1) { $0 * $1.count }
    let inner = axes[(carrier + 1)...].reduce(1) { $0 * $1.count }
    let runs = axes[carrier].flatMap { [Int](repeating: $0, count: inner) }
    return (0..<outer).flatMap { _ in runs }
  }

  /// The channels of axes of some extents that one axis is divided into.
  private mutating func divided(_ list: [Int], _ extents: [Int], _ node: Node) -> AxisChannels {
    let reason = classes.areFixed(list) ? list.first.flatMap { classes.reason(of: $0) } : nil
    let carrier = reason == nil ? carrier(of: list, extents) : nil
    return extents.indices.map { axis in
      guard axis == carrier else {
        return classes.makeFixed(extents[axis], reason ?? "\(node.title) makes them of others")
      }
      let inner = extents[(axis + 1)...].reduce(1, *)
      for (place, channel) in list.enumerated() {
        classes.unite(list[place / inner % extents[axis] * inner], channel)
      }
      return (0..<extents[axis]).map { list[$0 * inner] }
    }
  }

  /// The axis along which channels differ; where they do along several, the outermost, as with the heads of attention.
  private func carrier(of list: [Int], _ extents: [Int]) -> Int? {
    let channels = list.map { classes.representative(of: $0) }
    let suitable = extents.indices.filter { axis in
      let inner = extents[(axis + 1)...].reduce(1, *)
      return channels.indices.allSatisfy { channels[$0 / inner % extents[axis] * inner] == channels[$0] }
    }
    return suitable.first { extents[$0] > 1 } ?? extents.firstIndex { $0 > 1 }
  }
}

/// Which axes of a reshaped tensor have the same elements before and after.
enum ReshapedAxes {
  /// The smallest parts of two shapes, from the outermost on, that have as many elements.
  static func parts(_ old: Shape, _ new: Shape) -> [(old: [Int], new: [Int])] {
    var parts: [(old: [Int], new: [Int])] = []
    var (i, j) = (0, 0)
    while i < old.rank || j < new.rank {
      var part = (old: [Int](), new: [Int]())
      var (before, after) = (1, 1)
      // Axes of extent 1 at the end have nothing on the other side.
      while before != after || (part.old.isEmpty && i < old.rank) || (part.new.isEmpty && j < new.rank) {
        if part.old.isEmpty && i < old.rank || (before < after && !part.new.isEmpty) {
          part.old.append(i)
          before *= old[i]
          i += 1
        } else {
          part.new.append(j)
          after *= new[j]
          j += 1
        }
      }
      parts.append(part)
    }
    return parts
  }
}
