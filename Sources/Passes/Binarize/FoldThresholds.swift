import IR

/// Makes one comparison for each channel of what lies between the sums of a binary layer and the bits that are made of them:
/// batch normalization, factors, addends, activations, a max pool.
///
///     %s = BinaryConv2D(%x, %w)
///     %f = Cast(%s) {to: f32}
///     %n = BatchNormalization(%f, …)
///     %b = PackBits(%n)
///   →
///     %b = BinaryConv2D(%x, %w, %threshold)
///
/// The threshold of a channel is the least sum for which those operations, as they are defined, give a number that is
/// compared with the same result as larger ones; so ties, factors that are negative or 0, and saturation come out exactly.
/// Where bits are set below a sum, its weights become their opposite; but bits that a pool has taken before are changed after
/// it. What floats are compared with is found in the same way; a pool comes after the comparison. A threshold that depends on
/// the data is no constant, and stays.
let foldThresholds = Pass(
  "fold-thresholds", "Makes one comparison for each channel of what lies between sums and bits.", preserves: .exactly,
  rules: [
    Rule(on: PackBits.self) { _, node, rewriter in
      var chain = ChannelChain(to: node.inputs[0]!, in: rewriter.graph)
      if let (layer, producer) = rewriter.onlyUse(of: chain.source, as: BinaryConv2D.self) {
        return try rewriter.thresholds(chain, layer, producer, node)
      }
      chain = ChannelChain(to: node.inputs[0]!, in: rewriter.graph, followsPools: false)
      return chain.isEmpty ? nil : try rewriter.thresholds(chain, node)
    },
    Rule(on: Pool2D.self) { pool, node, rewriter in
      guard let (layer, producer) = rewriter.onlyUse(of: node.inputs[0], as: BinaryConv2D.self),
        layer.poolShape.isEmpty, producer.inputs.count == 3
      else { return nil }
      let window = try pool.window(rewriter.graph.type(of: node.inputs[0]!).shape)
      guard window.isInsideWithoutOverlap else { return nil }
      return try rewriter.add(layer.pooled(by: window), producer.inputs, like: node)
    },
  ])

extension BinaryConv2D {
  /// The layer with a pool.
  fileprivate func pooled(by window: Window) -> BinaryConv2D {
    var op = self
    (op.poolShape, op.poolStrides) = (window.padded.kernel, zip(window.padded.strides, window.padded.kernel).map(max))
    return op
  }
}

extension Rewriter {
  /// Which numbers at the beginning of a chain the comparison of `node` makes bits of that are set.
  private func isSet(_ node: Node, _ chain: ChannelChain) -> (Tensor) throws -> [Bool] {
    let thresholds = constant(node.inputs.count > 1 ? node.inputs[1] : nil)?.reals
    let flips = constant(node.inputs.count > 2 ? node.inputs[2] : nil)?.codes
    return { numbers in
      try chain(numbers).enumerated().map { channel, number in
        (number >= thresholds?[channel] ?? 0) != (flips?[channel] == 1)
      }
    }
  }

  /// The layer that compares its sums itself, if all that lies between can be done by that.
  fileprivate mutating func thresholds(
    _ chain: ChannelChain, _ layer: BinaryConv2D, _ producer: Node, _ node: Node
  ) throws -> Value? {
    guard chain.keepsOrder, producer.inputs.count == 2, hasConstants(node), let weights = constant(producer.inputs[1])
    else { return nil }
    let panels = layer.panels(graph.type(of: producer.inputs[0]!).shape)
    var op = layer
    if let (pool, input, _) = chain.pool {
      let window = try pool.window(input)
      guard window.isInsideWithoutOverlap else { return nil }
      op = layer.pooled(by: window)
    }
    let search = ChannelSearch.integers(panels.inputs)
    // The largest of numbers that fall as sums grow is that of the least sum.
    var isNegated = try zip(
      chain(search.numbers(search.low, chain.channelCount), upToPool: true),
      chain(search.numbers(search.high, chain.channelCount), upToPool: true)
    ).map { chain.pool != nil && $0 > $1 }
    var changes = try search.changes(channels: chain.channelCount, negated: isNegated, isSet(node, chain))
    if chain.pool == nil {
      isNegated = changes.map { $0.holdsAtLow && !$0.holdsAtHigh }
      changes = try search.changes(channels: chain.channelCount, negated: isNegated, isSet(node, chain))
    }
    let flips = changes.map { $0.holdsAtLow && !$0.holdsAtHigh }
    let places = changes.map { change in
      change.holdsAtLow != change.holdsAtHigh ? change.place : change.holdsAtHigh ? search.low : search.high + 1
    }
    let packed = panels.negating(weights, isNegated)
    var operands = [
      producer.inputs[0], try add(constant: packed, like: node, name: graph.name(of: producer.inputs[1]!)),
      try add(constant: Tensor(places.map { Int16($0) }), like: node, name: node.names[0].map { $0 + "_threshold" }),
    ]
    if flips.contains(true) { operands.append(try add(constant: Tensor(bits: flips), like: node)) }
    return try reshape(try add(op, operands, like: node), to: node.types[0].shape, like: node)
  }

  /// The comparison of what a chain begins with, which is of floats.
  fileprivate mutating func thresholds(_ chain: ChannelChain, _ node: Node) throws -> Value? {
    let type = graph.type(of: chain.source)
    guard type.element == .f32, !chain.isReshaped, hasConstants(node) else { return nil }
    let search = ChannelSearch.floats
    let changes = try search.changes(channels: chain.channelCount, isSet(node, chain))
    let thresholds = changes.map { change -> Float in
      if change.holdsAtLow != change.holdsAtHigh { return Float(search.number(at: change.place)) }
      // All numbers are at least the least; of those that are not, the opposite is taken.
      return -.infinity
    }
    let flips = changes.map { $0.holdsAtLow != $0.holdsAtHigh ? $0.holdsAtLow : !$0.holdsAtHigh }
    let order = chain.axes
    let x = chain.keepsOrder ? chain.source : try add(Transpose(order), [chain.source], like: node)
    let threshold = try add(constant: Tensor(thresholds), like: node, name: node.names[0].map { $0 + "_threshold" })
    var operands = [x, threshold]
    if flips.contains(true) { operands.append(try add(constant: Tensor(bits: flips), like: node)) }
    return try add(PackBits(), operands, like: node)
  }

  /// Whether the thresholds and flips of a node are known.
  private func hasConstants(_ node: Node) -> Bool {
    node.inputs.dropFirst().allSatisfy { $0 == nil || constant($0) != nil }
  }
}

extension Tensor {
  /// Creates a list of bits.
  fileprivate init(bits: [Bool]) { self.init(bits.map { Bit(bits: $0 ? 1 : 0) }) }
}

extension ChannelSearch {
  /// The number at a place, for each channel.
  fileprivate func numbers(_ place: Int, _ channels: Int) -> Tensor {
    Tensor(TensorType(element, [1, channels]), reals: [Double](repeating: number(at: place), count: channels))
  }
}
