import IR

/// Computes layers whose weights are sums of bits from the bits themselves.
///
///     %w = ScaledBits(%bits, %scale) {shape: [3, 3, 3]}
///     %c = Conv(%x, %w, %b)
///   →
///     %t = Transpose(%x) {perm: [0, 2, 3, 1]}
///     %n = BitConv2D(%t, %bits, %scale, %b)
///     %c = Transpose(%n) {perm: [0, 3, 1, 2]}
///
/// The same for Gemm and MatMul, which become BitDense, and for an addition after one. Weights that other operations use
/// are expanded when the model is compiled: expanded in each run, they would take RAM.
let lowerScaledBits = Pass(
  "lower-scaled-bits", "Computes layers whose weights are sums of bits from the bits themselves.",
  preserves: .upToRounding
) { graph, notes in
  try graph.rewritten(by: layerRules, notes: &notes).rewritten(by: [expansion], notes: &notes)
}

/// What takes the place of layers with such weights.
private let layerRules = [
  Rule(on: Conv.self) { conv, node, rewriter in
    let x = rewriter.graph.type(of: node.inputs[0]!)
    guard (3...4).contains(x.shape.rank), conv.group == 1, let weights = rewriter.scaledBits(node.inputs[1]),
      rewriter.isConstantOrAbsent(node, 2)
    else { return nil }
    let shape = rewriter.graph.type(of: node.inputs[1]!).shape
    let window = try conv.window(x.shape, shape).padded
    var op = BitConv2D()
    (op.kernelShape, op.strides, op.dilations, op.pads) = (window.kernel, window.strides, window.dilations, window.pads)
    op.outputChannels = shape[0]
    let taps = shape.elementCount(of: 2..<shape.rank)
    // From [channel][tap] to [tap][channel], as data lie whose last axis is the channels.
    let order = (0..<shape[1] * taps).map { $0 % shape[1] * taps + $0 / shape[1] }
    let operands = try rewriter.operands(weights.takingColumns(order), like: node)
    let input = try rewriter.channelsLast(node.inputs[0]!, like: node)
    let bias = node.inputs.count > 2 ? node.inputs[2] : nil
    let result = try rewriter.add(op, [input, operands[0], operands[1], bias, operands[2]], like: node)
    return try rewriter.channelsFirst(result, node.types[0].shape, like: node)
  },
  Rule(on: Gemm.self) { gemm, node, rewriter in
    guard !gemm.transA, let weights = rewriter.scaledBits(node.inputs[1], isTransposed: !gemm.transB) else {
      return nil
    }
    var bias: Tensor?
    if node.inputs.count > 2, let addend = node.inputs[2] {
      guard let row = rewriter.constant(addend)?.asRow(of: node.types[0].shape[1]) else { return nil }
      bias = Tensor(row.type, reals: row.reals.map { $0 * Double(gemm.beta) })
    }
    return try rewriter.bitDense(node, weights.scaled(by: Double(gemm.alpha)), bias)
  },
  Rule(on: MatMul.self) { _, node, rewriter in
    guard let weights = rewriter.scaledBits(node.inputs[1], isTransposed: true) else { return nil }
    return try rewriter.bitDense(node, weights, nil)
  },
  Rule(on: Add.self) { _, node, rewriter in
    for (value, other) in [(node.inputs[0], node.inputs[1]), (node.inputs[1], node.inputs[0])] {
      guard let (dense, producer) = rewriter.onlyUse(of: value, as: BitDense.self), dense.activation == .none,
        rewriter.graph.type(of: value!) == node.types[0], rewriter.isConstantOrAbsent(producer, 3),
        let row = rewriter.constant(other)?.asRow(of: node.types[0].shape.last!)
      else { continue }
      let before = producer.inputs.count > 3 ? rewriter.constant(producer.inputs[3])?.reals : nil
      let sum = before.map { Tensor(row.type, reals: zip($0, row.reals).map(+)) } ?? row
      var inputs = producer.inputs + [Value?](repeating: nil, count: max(0, 4 - producer.inputs.count))
      inputs[3] = try rewriter.add(constant: sum, like: node, name: other.flatMap(rewriter.graph.name(of:)))
      return try rewriter.add(dense, inputs, like: node)
    }
    return nil
  },
]

/// What takes the place of weights that are left.
private let expansion = Rule(on: ScaledBits.self) { _, node, rewriter in
  guard let tensor = try rewriter.graph.knownResults(of: node)?[0] else { return nil }
  rewriter.note(
    "expanded to \(tensor.type.byteCount) bytes: there is no kernel that takes the bits where they are used", for: node)
  return try rewriter.add(constant: tensor, like: node, name: node.names[0])
}

/// The operands of a `ScaledBits` that is known.
struct KnownBits {
  var bits: Tensor, scale: Tensor
  var offset: Tensor?
  var name: String?

  /// The same with the weights of each channel in another order.
  func takingColumns(_ order: [Int]) -> KnownBits {
    var result = self
    let (rows, length) = (bits.shape[0] * bits.shape[1], bits.shape[2])
    result.bits = bits.gathering(
      (0..<rows).flatMap { row in order.map { Optional(row * length + $0) } },
      shape: [bits.shape[0], bits.shape[1], order.count])
    return result
  }

  /// The same times a factor.
  fileprivate func scaled(by factor: Double) -> KnownBits {
    guard factor != 1 else { return self }
    var result = self
    result.scale = Tensor(scale.type, reals: scale.reals.map { $0 * factor })
    result.offset = offset.map { Tensor($0.type, reals: $0.reals.map { $0 * factor }) }
    return result
  }
}

extension Rewriter {
  /// The operands of the `ScaledBits` that a value is, or that it is the transposition of as a matrix.
  fileprivate func scaledBits(_ value: Value?, isTransposed: Bool = false) -> KnownBits? {
    if isTransposed {
      guard let (transpose, node) = producer(of: value, as: Transpose.self), node.types[0].shape.rank == 2,
        transpose.perm ?? [1, 0] == [1, 0]
      else { return nil }
      return scaledBits(node.inputs[0])
    }
    guard let value, let (_, node) = producer(of: value, as: ScaledBits.self), let bits = constant(node.inputs[0]),
      let scale = constant(node.inputs[1]), !graph.type(of: value).shape.contains(0), isConstantOrAbsent(node, 2)
    else { return nil }
    let offset = node.inputs.count > 2 ? constant(node.inputs[2]) : nil
    return KnownBits(bits: bits, scale: scale, offset: offset, name: graph.name(of: node.inputs[0]!))
  }

  /// Whether an operand is a constant, or left out.
  fileprivate func isConstantOrAbsent(_ node: Node, _ index: Int) -> Bool {
    index >= node.inputs.count || node.inputs[index] == nil || constant(node.inputs[index]) != nil
  }

  /// Adds bits, factors and offsets as constants.
  fileprivate mutating func operands(_ weights: KnownBits, like node: Node) throws -> [Value?] {
    let name = weights.name
    return [
      try add(constant: weights.bits, like: node, name: name),
      try add(constant: weights.scale, like: node, name: name.map { $0 + "_scale" }),
      try weights.offset.map { try add(constant: $0, like: node, name: name.map { $0 + "_offset" }) },
    ]
  }

  fileprivate mutating func bitDense(_ node: Node, _ weights: KnownBits, _ bias: Tensor?) throws -> Value {
    let name = node.inputs.count > 2 ? node.inputs[2].flatMap(graph.name(of:)) : nil
    let operands = try operands(weights, like: node)
    let addend = try bias.map { try add(constant: $0, like: node, name: name) }
    return try add(BitDense(), [node.inputs[0], operands[0], operands[1], addend, operands[2]], like: node)
  }
}
