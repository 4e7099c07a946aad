import IR

/// Computes sums of products in fixed point, for processors without instructions for floating point.
///
///     %y = Dense(%x, %w, %b) {output_features: 10, panel: 8}
///   →
///     %y = Dense(%x, integers of %w, %b, exponents of %w) {output_features: 10, panel: 4}
///
/// The same for Conv2D, DepthwiseConv2D, and the gates of recurrent layers. Sums of fewer than 4 products stay as they are: converting the data would cost
/// more than it saves. docs/output.md says how exact the results are.
let useFixedPoint = Pass(
  "use-fixed-point", "Computes sums of products in fixed point, for processors without floating point.",
  preserves: .upToRounding,
  rules: [
    Rule(onAny: { node, rewriter in
      guard let layer = node.op as? any WeightedLayer, node.inputs.count < 4, node.types[0].element == .f32,
        let weights = rewriter.constant(node.inputs[1])
      else { return nil }
      let bias = node.inputs.count > 2 ? node.inputs[2] : nil
      if bias != nil, rewriter.constant(bias)?.reals.allSatisfy(\.isFinite) != true { return nil }
      return try rewriter.inFixedPoint(layer, weights, bias, node).map { [$0] }
    }),
    Rule(onAny: { node, rewriter in
      guard let layer = node.op as? any RecurrentOperation, node.types[0].element == .f32 else { return nil }
      return try rewriter.inFixedPoint(layer, node)
    }),
  ])

/// The width of panels in fixed point: the most sums of 64 bits that a Cortex-M holds in registers.
private let fixedPointPanelWidth = 4

extension Rewriter {
  /// The layer with weights in fixed point, or nil where that does not pay or the weights are out of range.
  fileprivate mutating func inFixedPoint(_ layer: some WeightedLayer, _ weights: Tensor, _ bias: Value?, _ node: Node)
    throws -> Value?
  {
    let x = graph.type(of: node.inputs[0]!).shape
    guard layer.productCount(x) >= 4 else { return nil }
    var (layer, weights): (any WeightedLayer, Tensor) = (layer, weights)
    if let panelled = layer as? any PanelledLayer {
      (layer, weights) = panelled.repacked(weights, panel: fixedPointPanelWidth, x)
    }
    guard
      let (integers, exponents) = layer.fixedPoint(x).quantize(
        weights.reals, channels: layer.weightChannels(x), count: layer.channelCount(x))
    else { return nil }
    let name = graph.name(of: node.inputs[1]!)
    let packed = try add(constant: Tensor(integers, shape: weights.shape), like: node, name: name)
    let scales = try add(constant: Tensor(exponents), like: node, name: name.map { $0 + "_exponents" })
    return try add(layer, [node.inputs[0], packed, bias, scales], like: node)
  }

  /// The layer with weights in fixed point, or nil where that does not pay or the weights are out of range.
  fileprivate mutating func inFixedPoint(_ layer: some RecurrentOperation, _ node: Node) throws -> [Value]? {
    let place = type(of: layer).exponentsOperand
    var inputs = node.inputs + [Value?](repeating: nil, count: place + 1 - node.inputs.count)
    guard inputs[place] == nil, inputs[3] == nil || constant(inputs[3])?.reals.allSatisfy(\.isFinite) == true else {
      return nil
    }
    var exponents: [[Int16]] = []
    for index in 1...2 {
      guard let weights = constant(inputs[index]), weights.shape[2] >= 4 else { return nil }
      let (rows, columns) = (weights.shape[0] * weights.shape[1], weights.shape[2])
      let channels = (0..<rows * columns).map { $0 / columns }
      let format = FixedPoint(productCount: columns)
      guard let quantized = format.quantize(weights.reals, channels: channels, count: rows) else { return nil }
      let integers = Tensor(quantized.integers, shape: weights.shape)
      inputs[index] = try add(constant: integers, like: node, name: graph.name(of: inputs[index]!))
      exponents.append(quantized.exponents)
    }
    let (directions, rows) = (layer.direction.count, exponents[0].count / layer.direction.count)
    let list = (0..<directions).flatMap { direction in
      exponents.flatMap { $0[direction * rows..<(direction + 1) * rows] }
    }
    inputs[place] = try add(constant: Tensor(list, shape: [directions, 2 * rows]), like: node)
    return try addAll(layer, inputs, like: node)
  }
}
