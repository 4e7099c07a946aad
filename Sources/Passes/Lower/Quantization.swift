import IR

/// A tensor whose 8-bit elements stand for their distance from a zero point times a scale, both known and for all elements.
struct QuantizedValue {
  let value: Value
  let element: ElementType
  let scale: Float
  let zero: Int
}

/// How results become 8-bit elements: the scale and zero point for all elements, and the range that an activation leaves.
struct OutputQuantization {
  let element: ElementType
  let scale: Float
  let zero: Int
  var low: Int, high: Int

  /// Sets what operations have of this in common.
  func describe(_ op: inout some QuantizedOperation, x: QuantizedValue) {
    (op.xZero, op.yZero, op.low, op.high, op.outputDtype) = (x.zero, zero, low, high, element)
  }
}

/// Constant weights with a distance from their zero point that fits 8 bits, and a scale for all output channels or for each.
struct QuantizedWeights {
  let tensor: Tensor
  let scales: [Float]
  /// The name that they have in the model.
  let name: String?

  /// - Parameters:
  ///   - zeros: One zero point for all output channels or one for each.
  ///   - axis: The axis of the output channels.
  init?(_ weights: Tensor, zeros: [Int128], scales: [Float], axis: Int, name: String?) {
    let channels = weights.shape[axis]
    guard !weights.shape.contains(0), [1, channels].contains(zeros.count), [1, channels].contains(scales.count) else {
      return nil
    }
    let inner = weights.shape.elementCount(of: axis + 1..<weights.shape.rank)
    let distances = weights.integers.enumerated().map { index, weight in
      weight - zeros[zeros.count == 1 ? 0 : index / inner % channels]
    }
    guard distances.allSatisfy({ (-128...127).contains($0) }) else { return nil }
    tensor = Tensor(TensorType(.i8, weights.shape), integers: distances)
    self.scales = scales
    self.name = name
  }
}

extension Rewriter {
  /// What `value` is dequantized from.
  func dequantized(_ value: Value?) -> QuantizedValue? {
    guard let (_, node) = producer(of: value, as: DequantizeLinear.self), node.types[0].element == .f32 else {
      return nil
    }
    return quantized(node.inputs[0], scale: node.inputs[1], zero: node.zeroPoint)
  }

  /// The 8-bit elements `value` with a known scale and zero point for all of them.
  func quantized(_ value: Value?, scale: Value?, zero: Value?) -> QuantizedValue? {
    guard let value, let (scale, zero) = parameters(scale: scale, zero: zero) else { return nil }
    let element = graph.type(of: value).element
    return element == .i8 || element == .u8
      ? QuantizedValue(value: value, element: element, scale: scale, zero: zero) : nil
  }

  /// How elements of type `element` are quantized, with a known scale and zero point for all of them.
  func outputQuantization(_ element: ElementType, scale: Value?, zero: Value?) -> OutputQuantization? {
    guard element == .i8 || element == .u8, let (scale, zero) = parameters(scale: scale, zero: zero) else { return nil }
    let range = element == .u8 ? (0, 255) : (-128, 127)
    return OutputQuantization(element: element, scale: scale, zero: zero, low: range.0, high: range.1)
  }

  private func parameters(scale: Value?, zero: Value?) -> (Float, Int)? {
    guard let number = constant(scale), number.type.elementCount == 1, number.shape.rank <= 1 else { return nil }
    let scale = Float(number.reals[0])
    guard scale.isNormal, scale > 0 else { return nil }
    guard let zero else { return (scale, 0) }
    guard let tensor = constant(zero), tensor.type.elementCount == 1 else { return nil }
    return (scale, tensor.ints[0])
  }

  /// The constant 8-bit weights that `value` is dequantized from, with scales for all or along `axis`.
  func dequantizedWeights(_ value: Value?, axis: Int) -> QuantizedWeights? {
    guard let (op, node) = producer(of: value, as: DequantizeLinear.self), node.types[0].element == .f32,
      op.blockSize == 0
    else { return nil }
    let (weights, rank) = (node.inputs[0]!, graph.type(of: node.inputs[0]!).shape.rank)
    guard graph.type(of: node.inputs[1]!).elementCount == 1 || (op.axis + rank) % rank == axis else { return nil }
    return quantizedWeights(
      weights, scale: node.inputs[1], zero: node.zeroPoint, axis: axis)
  }

  /// Constant 8-bit weights with known scales and zero points, for all or along `axis`.
  func quantizedWeights(_ value: Value, scale: Value?, zero: Value?, axis: Int) -> QuantizedWeights? {
    guard let weights = constant(value), weights.element == .i8 || weights.element == .u8,
      let scales = constant(scale)?.reals.map({ Float($0) }),
      scales.allSatisfy({ $0.isNormal && $0 > 0 })
    else { return nil }
    guard let zeros = zero == nil ? [0] : constant(zero)?.integers else { return nil }
    return QuantizedWeights(weights, zeros: zeros, scales: scales, axis: axis, name: graph.name(of: value))
  }
}

extension Node {
  /// The zero point of a node that quantizes or dequantizes.
  var zeroPoint: Value? { inputs.count > 2 ? inputs[2] : nil }
}
