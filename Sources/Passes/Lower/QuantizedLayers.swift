import IR

/// A convolution or matrix product whose operands and results are quantized: what the lowered operations need of it.
struct QuantizedProduct {
  let x: QuantizedValue
  let weights: QuantizedWeights
  let output: OutputQuantization
  /// The bias in units of a product, one for each output channel.
  let bias: [Int32]
  /// What sums are multiplied with, one number for all output channels or one for each.
  let multipliers: [Float]

  /// - Parameters:
  ///   - bias: Real numbers that are added to the results, one for each output channel.
  ///   - axis: The axis of the output channels in the weights.
  init?(
    _ x: QuantizedValue, _ weights: QuantizedWeights, bias: [Double]?, axis: Int, _ output: OutputQuantization
  ) {
    let channels = weights.tensor.shape[axis]
    let units = (0..<channels).map { Double(x.scale) * Double(weights.scales[weights.scales.count == 1 ? 0 : $0]) }
    let exact = bias.map { zip($0, units).map { $0 / $1 } } ?? [Double](repeating: 0, count: channels)
    // A bias is rounded to whole products, if that moves results by less than a 64th.
    let limit = Double(output.scale) / 64
    guard exact.count == channels, zip(exact, units).allSatisfy({ abs($0 - $0.rounded()) * $1 < limit }) else {
      return nil
    }
    let multipliers = weights.scales.map { Float(Double(x.scale) * Double($0) / Double(output.scale)) }
    self.init(x, weights, rounded: exact.map { $0.rounded() }, multipliers, axis: axis, output)
  }

  /// - Parameter rounded: The bias in units of a product.
  init?(
    _ x: QuantizedValue, _ weights: QuantizedWeights, rounded bias: [Double], _ multipliers: [Float], axis: Int,
    _ output: OutputQuantization
  ) {
    let shape = weights.tensor.shape
    let inner = shape.elementCount(of: axis + 1..<shape.rank)
    var largest = bias.map(abs)
    for (index, weight) in weights.tensor.reals.enumerated() {
      // Twice 255, because kernels keep sums of what zero points contribute apart.
      largest[index / inner % shape[axis]] += 510 * abs(weight)
    }
    guard largest.allSatisfy({ $0 <= Double(Int32.max) }),
      multipliers.allSatisfy({ (0x1p-90...0x1p90).contains($0) })
    else { return nil }
    let isShared = multipliers.allSatisfy { $0 == multipliers.first }
    (self.x, self.weights, self.output) = (x, weights, output)
    (self.bias, self.multipliers) = (bias.map { Int32($0) }, isShared ? Array(multipliers.prefix(1)) : multipliers)
  }
}

extension Rewriter {
  /// Adds the lowered convolution for `conv` on data whose second axis is the channels.
  mutating func add(_ product: QuantizedProduct, _ conv: Conv, like node: Node) throws -> Value? {
    let (weights, shape) = (product.weights.tensor, graph.type(of: product.x.value).shape)
    guard (3...4).contains(shape.rank) else { return nil }
    let window = try conv.window(shape, weights.shape).padded
    let square = weights.reshaped(to: Shape(weights.shape[..<2] + window.kernel))
    let input = try channelsLast(product.x.value, like: node)
    let result: Value
    if conv.group == shape[1], weights.shape[0] == conv.group {
      var op = QuantizedDepthwiseConv2D()
      (op.kernelShape, op.strides, op.dilations) = (window.kernel, window.strides, window.dilations)
      op.pads = window.pads
      result = try add(op, product, input, DepthwiseConv2D.pack(square), like: node)
    } else {
      var op = QuantizedConv2D()
      (op.kernelShape, op.strides, op.dilations) = (window.kernel, window.strides, window.dilations)
      (op.pads, op.outputChannels, op.group) = (window.pads, weights.shape[0], conv.group)
      result = try add(op, product, input, QuantizedConv2D.pack(square, group: conv.group), like: node)
    }
    return try channelsFirst(result, node.types[0].shape, like: node)
  }

  /// Adds the lowered matrix product, of which the weights are [K, N].
  mutating func add(_ product: QuantizedProduct, like node: Node) throws -> Value {
    var op = QuantizedDense()
    op.outputFeatures = product.weights.tensor.shape[1]
    let result = try add(op, product, product.x.value, QuantizedDense.pack(product.weights.tensor), like: node)
    return try reshape(result, to: node.types[0].shape, like: node)
  }

  private mutating func add(
    _ op: some QuantizedLayer, _ product: QuantizedProduct, _ input: Value, _ packed: Tensor, like node: Node
  ) throws -> Value {
    var op = op
    product.output.describe(&op, x: product.x)
    let constants = [packed, Tensor(product.bias), Tensor(product.multipliers)]
    let names = [product.weights.name ?? "weights", "bias", "multiplier"]
    let values = try zip(constants, names).map { try add(constant: $0, like: node, name: $1) }
    return try add(op, [input] + values, like: node)
  }

  /// Adds the lowered mean of windows.
  mutating func addMean(
    _ x: QuantizedValue, _ window: Window, countIncludePad: Bool, _ output: OutputQuantization, like node: Node
  ) throws -> Value? {
    guard (1...2).contains(window.axes.count), (x.scale / output.scale).isNormal else { return nil }
    let attributes = window.padded
    var op = QuantizedAveragePool2D()
    (op.kernelShape, op.strides, op.dilations) = (attributes.kernel, attributes.strides, attributes.dilations)
    (op.pads, op.outputShape, op.countIncludePad) = (attributes.pads, attributes.output, countIncludePad)
    op.scale = x.scale / output.scale
    output.describe(&op, x: x)
    let result = try add(op, [try channelsLast(x.value, like: node)], like: node)
    let shape = graph.type(of: x.value).shape
    let pooled = try channelsFirst(result, Shape(shape[..<2] + window.outputShape), like: node)
    return try reshape(pooled, to: node.types[0].shape, like: node)
  }

  /// Adds the lowered sum, unless multipliers of 32 bits would be too coarse.
  mutating func addSum(
    _ a: QuantizedValue, _ b: QuantizedValue, _ output: OutputQuantization, like node: Node
  ) throws -> Value? {
    let ratios = [a, b].map { Double($0.scale) / Double(output.scale) }
    for shift in (1...30).reversed() {
      let multipliers = ratios.map { ($0 * Double(1 << shift)).rounded() }
      guard multipliers.allSatisfy({ $0 <= 0x1p24 }),
        255 * multipliers.reduce(0, +) + Double(1 << (shift - 1)) <= Double(Int32.max)
      else { continue }
      let errors = zip(ratios, multipliers).map { abs($0 - $1 / Double(1 << shift)) * 255 }
      guard errors.reduce(0, +) < 1.0 / 1024 else { return nil }
      var op = QuantizedAdd()
      output.describe(&op, x: a)
      (op.bZero, op.aMultiplier, op.bMultiplier, op.shift) = (b.zero, Int(multipliers[0]), Int(multipliers[1]), shift)
      return try add(op, [a.value, b.value], like: node)
    }
    return nil
  }
}
