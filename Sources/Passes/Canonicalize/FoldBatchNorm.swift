import IR

/// Lets a convolution apply the factors and offsets of each channel that follow it, as batch normalization has them.
///
///     %c = Conv(%x, %w, %b)
///     %n = BatchNormalization(%c, %scale, %shift, %mean, %var)
///   →
///     %n = Conv(%x, %w · a, %b · a + (%shift - %mean · a))     with a = %scale / sqrt(%var + epsilon)
///
/// Elsewhere a batch normalization becomes a multiplication and an addition, which fuse with other things.
let foldBatchNorm = Pass(
  "fold-batch-norm", "Lets a convolution apply the factors and offsets of each channel that follow it.",
  preserves: .upToRounding,
  rules: [
    Rule(on: BatchNormalization.self) { op, node, rewriter in
      let numbers = node.inputs[1...].compactMap { rewriter.constant($0)?.reals }
      let type = node.types[0]
      guard numbers.count == 4, type.shape.rank >= 2 else { return nil }
      let factors = zip(numbers[0], numbers[3]).map { $0 / ($1 + Double(op.epsilon)).squareRoot() }
      let offsets = factors.indices.map { numbers[1][$0] - numbers[2][$0] * factors[$0] }
      if let folded = try rewriter.scaled(node.inputs[0]!, factors, offsets, like: node) { return folded }
      let shape = Shape([factors.count] + [Int](repeating: 1, count: type.shape.rank - 2))
      let channels = TensorType(type.element, shape)
      let factor = try rewriter.add(constant: Tensor(channels, reals: factors), like: node)
      let offset = try rewriter.add(constant: Tensor(channels, reals: offsets), like: node)
      return try rewriter.add(
        Add(), [try rewriter.add(Mul(), [node.inputs[0], factor], like: node), offset], like: node)
    },
    Rule(on: Mul.self) { _, node, rewriter in
      guard let (value, factors) = rewriter.channelConstant(node) else { return nil }
      return try rewriter.scaled(value, factors, factors.map { _ in 0 }, like: node)
    },
    Rule(on: Add.self) { _, node, rewriter in
      guard let (value, offsets) = rewriter.channelConstant(node) else { return nil }
      return try rewriter.scaled(value, offsets.map { _ in 1 }, offsets, like: node)
    },
  ])

extension Rewriter {
  /// The other operand of a node, and the numbers for each channel (axis 1), if one operand is a constant of such.
  fileprivate func channelConstant(_ node: Node) -> (Value, [Double])? {
    let shape = node.types[0].shape
    for (constantIndex, valueIndex) in [(1, 0), (0, 1)] {
      guard let value = node.inputs[valueIndex], graph.type(of: value).shape == shape, shape.rank >= 3 else { continue }
      guard let tensor = constant(node.inputs[constantIndex]) else { continue }
      let padded = tensor.shape.padded(toRank: shape.rank)
      guard tensor.shape.rank <= shape.rank, padded.indices.allSatisfy({ $0 == 1 || padded[$0] == 1 }) else { continue }
      let numbers = tensor.reals
      return (value, numbers.count == 1 ? [Double](repeating: numbers[0], count: shape[1]) : numbers)
    }
    return nil
  }

  /// The convolution that computes `value`, with each channel scaled and shifted, if it can be had.
  fileprivate mutating func scaled(
    _ value: Value, _ factors: [Double], _ offsets: [Double], like node: Node
  ) throws -> Value? {
    if let (conv, producer) = onlyUse(of: value, as: Conv.self) {
      return try scaled(conv, producer, channelAxis: 0, group: 1, factors, offsets, like: node)
    }
    if let (conv, producer) = onlyUse(of: value, as: ConvTranspose.self) {
      return try scaled(conv, producer, channelAxis: 1, group: conv.group, factors, offsets, like: node)
    }
    return nil
  }

  /// - Parameter channelAxis: The axis of the weights that counts the output channels of a group.
  private mutating func scaled(
    _ op: some Operation, _ producer: Node, channelAxis: Int, group: Int, _ factors: [Double], _ offsets: [Double],
    like node: Node
  ) throws -> Value? {
    guard let weights = constant(producer.inputs[1]) else { return nil }
    let hasBias = producer.inputs.count > 2 && producer.inputs[2] != nil
    guard !hasBias || constant(producer.inputs[2]) != nil else { return nil }
    let bias = hasBias ? constant(producer.inputs[2])!.reals : factors.map { _ in 0 }
    let (outer, channels) = (weights.shape[0], weights.shape[channelAxis])
    let inner = weights.shape.elementCount(of: channelAxis + 1..<weights.shape.rank)
    let scaled = weights.reals.enumerated().map { index, weight in
      let channel = index / inner % channels
      let groupIndex = channelAxis == 0 ? 0 : index / inner / channels / (outer / group)
      return weight * factors[groupIndex * channels + channel]
    }
    let newBias = factors.indices.map { bias[$0] * factors[$0] + offsets[$0] }
    let w = try add(
      constant: Tensor(weights.type, reals: scaled), like: node, name: graph.name(of: producer.inputs[1]!))
    let biasName = hasBias ? graph.name(of: producer.inputs[2]!) : node.names[0].map { $0 + ".bias" }
    let b = try add(
      constant: Tensor(TensorType(weights.element, [factors.count]), reals: newBias), like: node, name: biasName)
    return try add(op, [producer.inputs[0], w, b], like: node)
  }
}
