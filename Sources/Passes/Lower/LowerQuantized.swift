import IR

/// Computes layers between dequantization and quantization on the integers.
///
///     %c = Conv(DequantizeLinear(%x, 0.1, -3), DequantizeLinear(%w, 0.02), %b)
///     %r = Relu(%c)
///     %y = QuantizeLinear(%r, 0.05, -128)
///   →
///     %y = QuantizedConv2D(%x, packed %w, packed %b, [0.04]) {x_zero: -3, y_zero: -128}
///
/// The same for QLinearConv and QLinearMatMul, whose bits it keeps; for matrix products, sums and means. Integers are summed
/// up exactly, and rounded once; so results differ from those of floats by at most one step, where those are near a tie. A
/// bias of floats is rounded to whole products, where that moves results by less than a 64th of a step.
let lowerQuantized = Pass(
  "lower-quantized", "Computes layers between dequantization and quantization on the integers.",
  preserves: .upToRounding,
  rules: [
    Rule(on: QuantizeLinear.self) { quantize, node, rewriter in
      // The largest element is quantized to the largest; so the layer before the pool is followed by quantization.
      let pool = rewriter.graph[node.inputs[0]!]
      guard pool.op is MaxPool, rewriter.isUsedOnce(node.inputs[0]!),
        rewriter.outputQuantization(
          node.types[0].element, scale: node.inputs[1], zero: node.zeroPoint) != nil
      else { return nil }
      let quantized = try rewriter.add(quantize, [pool.inputs[0]] + node.inputs.dropFirst(), like: node)
      return try rewriter.add(pool.op, [quantized], like: node)
    },
    Rule(on: QuantizeLinear.self) { _, node, rewriter in
      guard node.inputs[0].map(rewriter.graph.type(of:))?.element == .f32,
        var output = rewriter.outputQuantization(
          node.types[0].element, scale: node.inputs[1], zero: node.zeroPoint)
      else { return nil }
      let value = try rewriter.takingActivation(node, &output)
      return try rewriter.quantizedLayer(value, output, like: node)
    },
    Rule(on: QLinearConv.self) { conv, node, rewriter in
      let inputs = node.inputs
      guard let x = rewriter.quantized(inputs[0], scale: inputs[1], zero: inputs[2]),
        let weights = rewriter.quantizedWeights(
          inputs[3]!, scale: inputs[4], zero: inputs[5], axis: 0),
        let output = rewriter.outputQuantization(node.types[0].element, scale: inputs[6], zero: inputs[7]),
        let bias = rewriter.sums(inputs.count > 8 ? inputs[8] : nil, count: weights.tensor.shape[0])
      else { return nil }
      let multipliers = weights.scales.map { x.scale * $0 / output.scale }
      let product = QuantizedProduct(x, weights, rounded: bias, multipliers, axis: 0, output)
      return try product.flatMap { try rewriter.add($0, conv.convolution, like: node) }
    },
    Rule(on: QLinearMatMul.self) { _, node, rewriter in
      let inputs = node.inputs
      guard let x = rewriter.quantized(inputs[0], scale: inputs[1], zero: inputs[2]),
        rewriter.graph.type(of: inputs[3]!).shape.rank == 2,
        let weights = rewriter.quantizedWeights(
          inputs[3]!, scale: inputs[4], zero: inputs[5], axis: 1),
        let output = rewriter.outputQuantization(node.types[0].element, scale: inputs[6], zero: inputs[7])
      else { return nil }
      let multipliers = weights.scales.map { x.scale * $0 / output.scale }
      let bias = [Double](repeating: 0, count: weights.tensor.shape[1])
      let product = QuantizedProduct(x, weights, rounded: bias, multipliers, axis: 1, output)
      return try product.map { try rewriter.add($0, like: node) }
    },
  ])

extension Rewriter {
  /// The operand of a node that quantizes; or that of the activation before it, whose bounds then narrow the range.
  fileprivate func takingActivation(_ node: Node, _ output: inout OutputQuantization) throws -> Value {
    let value = node.inputs[0]!
    let activation = graph[value]
    guard isUsedOnce(value) else { return value }
    var bounds: [Double?]
    switch activation.op {
    case is Relu: bounds = [0, nil]
    case is Clip:
      bounds = [nil, nil]
      for index in 1..<3 where index < activation.inputs.count && activation.inputs[index] != nil {
        guard let bound = constant(activation.inputs[index])?.reals.first, !bound.isNaN else { return value }
        bounds[index - 1] = bound
      }
    default: return value
    }
    func quantized(_ bound: Double) -> Int {
      let number = (Double(Float(bound) / output.scale)).rounded(.toNearestOrEven)
      return Int(min(max(number, -1024), 1024)) + output.zero
    }
    let low = max(output.low, bounds[0].map(quantized) ?? output.low)
    let high = min(output.high, bounds[1].map(quantized) ?? output.high)
    guard low <= high else { return value }
    (output.low, output.high) = (low, high)
    return activation.inputs[0]!
  }

  /// Adds the layer on integers for what computes `value`, if nothing else uses it and there is one.
  fileprivate mutating func quantizedLayer(_ value: Value, _ output: OutputQuantization, like node: Node) throws
    -> Value?
  {
    let layer = graph[value]
    guard isUsedOnce(value) else { return nil }
    if let product = try quantizedProduct(layer, output) {
      guard let conv = layer.op as? Conv else { return try add(product, like: node) }
      return try add(product, conv, like: node)
    }
    guard let first = layer.inputs.first, let x = dequantized(first) else { return nil }
    let shape = graph.type(of: x.value).shape
    switch layer.op {
    case is Add:
      guard let other = dequantized(layer.inputs[1]) else { return nil }
      return try addSum(x, other, output, like: node)
    case let op as AveragePool where (3...4).contains(shape.rank):
      return try addMean(x, op.window(shape), countIncludePad: op.countIncludePad, output, like: node)
    case is GlobalAveragePool where (3...4).contains(shape.rank):
      let window = try Window(input: shape[2...], kernel: Array(shape[2...]))
      return try addMean(x, window, countIncludePad: false, output, like: node)
    case let op as ReduceMean where shape.rank == 4:
      guard try op.reducedAxes(graph.operands(of: layer)).reduced == [2, 3] else { return nil }
      let window = try Window(input: shape[2...], kernel: Array(shape[2...]))
      return try addMean(x, window, countIncludePad: false, output, like: node)
    default: return nil
    }
  }

  /// The convolution or matrix product that `layer` is, of dequantized data and constant weights.
  private func quantizedProduct(_ layer: Node, _ output: OutputQuantization) throws -> QuantizedProduct? {
    switch layer.op {
    case is Conv:
      guard let x = dequantized(layer.inputs[0]), let weights = dequantizedWeights(layer.inputs[1], axis: 0),
        let bias = try reals(layer.inputs.count > 2 ? layer.inputs[2] : nil, count: weights.tensor.shape[0])
      else { return nil }
      return QuantizedProduct(x, weights, bias: bias, axis: 0, output)
    case let op as Gemm where !op.transA && op.alpha == 1 && op.beta == 1:
      guard let x = dequantized(layer.inputs[0]),
        let weights = dequantizedWeights(layer.inputs[1], axis: op.transB ? 0 : 1),
        let matrix = op.transB ? weights.transposed : weights,
        let bias = try reals(layer.inputs.count > 2 ? layer.inputs[2] : nil, count: matrix.tensor.shape[1])
      else { return nil }
      return QuantizedProduct(x, matrix, bias: bias, axis: 1, output)
    case is MatMul: return try quantizedProduct(layer, bias: nil, output)
    case is Add:
      for (value, other) in [(layer.inputs[0], layer.inputs[1]), (layer.inputs[1], layer.inputs[0])] {
        guard let (_, product) = onlyUse(of: value, as: MatMul.self), product.types[0] == layer.types[0] else {
          continue
        }
        return try quantizedProduct(product, bias: other, output)
      }
      return nil
    default: return nil
    }
  }

  private func quantizedProduct(_ product: Node, bias: Value?, _ output: OutputQuantization) throws -> QuantizedProduct?
  {
    guard let x = dequantized(product.inputs[0]), graph.type(of: product.inputs[1]!).shape.rank == 2,
      let weights = dequantizedWeights(product.inputs[1], axis: 1),
      let bias = try reals(bias, count: weights.tensor.shape[1])
    else { return nil }
    return QuantizedProduct(x, weights, bias: bias, axis: 1, output)
  }

  /// The known numbers of a bias for `count` channels; zeros where there is none.
  private func reals(_ bias: Value?, count: Int) throws -> [Double]? {
    guard let bias else { return [Double](repeating: 0, count: count) }
    guard let known = try graph.knownResults(of: graph[bias])?.first else { return nil }
    return known.asRow(of: count)?.reals
  }

  /// The elements of a constant bias of integers; zeros where there is none.
  fileprivate func sums(_ bias: Value?, count: Int) -> [Double]? {
    guard let bias else { return [Double](repeating: 0, count: count) }
    return constant(bias)?.reals
  }
}

extension QuantizedWeights {
  /// The weights of the transposed matrix.
  fileprivate var transposed: QuantizedWeights? {
    QuantizedWeights(tensor.transposedMatrix, zeros: [0], scales: scales, axis: 1, name: name)
  }
}
