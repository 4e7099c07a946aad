import IR

/// Where the data of binary layers come from.
extension Rewriter {
  /// The bits [N, H, W, C] that an image [N, C, H, W] consists of, and the number of which each is a multiple.
  mutating func image(_ value: Value, _ user: Node) throws -> (bits: Value, scale: Double)? {
    guard graph.type(of: value).shape.rank == 4 else { return nil }
    if let (transpose, node) = producer(of: value, as: Transpose.self), transpose.perm == [0, 3, 1, 2],
      let (_, unpack) = producer(of: node.inputs[0], as: UnpackBits.self)
    {
      return (unpack.inputs[0]!, 1)
    }
    if let (pool, node) = producer(of: value, as: MaxPool.self) {
      guard value.result == 0, let data = try image(node.inputs[0]!, user) else { return nil }
      let window = try pool.window(graph.type(of: node.inputs[0]!).shape).padded
      let result = Pool2D(.max, window, countIncludePad: false)
      return (try add(result, [data.bits], like: node), data.scale)
    }
    if let (scale, input) = scaledInput(value), let data = try image(input, user) {
      return (data.bits, data.scale * scale)
    }
    return try packed(value, user) { try $1.channelsLast($0, like: user) }
  }

  /// The bits [M, 1, 1, K] that a matrix [M, K] consists of, and the number of which each is a multiple.
  mutating func matrix(_ value: Value, _ user: Node) throws -> (bits: Value, scale: Double)? {
    let shape = graph.type(of: value).shape
    let rows: Shape = [shape[0], 1, 1, shape[1]]
    if let (_, unpack) = producer(of: value, as: UnpackBits.self) {
      return (try reshape(unpack.inputs[0]!, to: rows, like: user), 1)
    }
    if let (scale, input) = scaledInput(value), let data = try matrix(input, user) {
      return (data.bits, data.scale * scale)
    }
    guard let data = try packed(value, user, { value, _ in value }) else { return nil }
    return (try reshape(data.bits, to: rows, like: user), data.scale)
  }

  /// The operand of a product with a positive scalar, and that.
  private func scaledInput(_ value: Value) -> (scale: Double, input: Value)? {
    guard let (_, node) = producer(of: value, as: Mul.self) else { return nil }
    for (index, other) in [(0, 1), (1, 0)] {
      guard let factor = constant(node.inputs[other]), factor.type.elementCount == 1, factor.reals[0] > 0,
        graph.type(of: node.inputs[index]!) == node.types[0]
      else { continue }
      return (factor.reals[0], node.inputs[index]!)
    }
    return nil
  }

  /// Adds the bits of a value that is a Sign, or that a comparison chooses out of two opposite numbers.
  ///
  /// - Parameter arranged: Returns a tensor like the value with its channels last.
  private mutating func packed(
    _ value: Value, _ user: Node, _ arranged: (Value, inout Rewriter) throws -> Value
  ) throws -> (bits: Value, scale: Double)? {
    let node = graph[value]
    if node.op is Sign, node.types[0].element == .f32 {
      let x = try arranged(node.inputs[0]!, &self)
      if let obstacle = try obstacleToSign(of: x) {
        note("stays as it is: \(obstacle)", for: user)
        return nil
      }
      return (try add(PackBits(), [x], like: node), 1)
    }
    guard let choice = try choice(value), let bound = bound(choice.comparison, node.types[0].shape) else { return nil }
    let x = try arranged(bound.x, &self)
    let count = graph.type(of: x).shape.last!
    let row = bound.numbers.count == 1 ? [Float](repeating: bound.numbers[0], count: count) : bound.numbers
    guard row.count == count else { return nil }
    let threshold = try add(constant: Tensor(row), like: node)
    var operands = [x, threshold]
    if bound.isBelow != (choice.whenTrue < 0) {
      operands.append(try add(constant: Tensor([Bit](repeating: Bit(bits: 1), count: count)), like: node))
    }
    return (try add(PackBits(), operands, like: node), choice.whenTrue.magnitude)
  }
}

/// What Sign makes of zeros.
extension Rewriter {
  /// Why bits cannot stand for the signs of `x`, whose channels are last, which may be 0.
  private func obstacleToSign(of x: Value) throws -> String? {
    let chain = ChannelChain(to: x, in: graph)
    let source = graph[chain.source]
    if let layer = source.op as? BinaryConv2D {
      let shape = graph.type(of: source.inputs[0]!).shape
      let search = ChannelSearch.integers(layer.panels(shape).inputs)
      let (zero, positive) = try zeros(chain, search)
      // Where nothing is left out, sums are odd where there is an odd number of products.
      let skips = layer.padding == 0 && layer.pads.contains { $0 > 0 }
      for channel in zero.indices {
        let sums = zero[channel]..<positive[channel]
        if let sum = sums.first(where: { skips || ($0 - search.high) % 2 == 0 }) {
          return "what a Sign of its data gets is 0 for a sum of \(sum) in channel \(channel), and so is the Sign"
        }
      }
      return nil
    }
    switch source.op {
    case is Conv, is ConvTranspose, is Gemm, is MatMul, is Add, is Sub: break
    default: return "a Sign of its data may be 0, which \(source.op.opName) makes or passes on"
    }
    let (zero, positive) = try zeros(chain, .floats)
    // A product that underflows, and a sum that is just 0, are few numbers; what a Relu cuts off is half of all.
    if let channel = zero.indices.first(where: { positive[$0] - zero[$0] > 16 }) {
      return "what a Sign of its data gets is 0 for many numbers in channel \(channel), and so is the Sign"
    }
    return nil
  }

  /// For each channel the places of the first numbers that the chain makes 0, and behind the last.
  private func zeros(_ chain: ChannelChain, _ search: ChannelSearch) throws -> ([Int], [Int]) {
    let changes = try [{ $0 >= 0 }, { (real: Double) in real > 0 }].map { condition in
      try search.changes(channels: chain.channelCount) { try chain($0).map(condition) }
    }
    let pairs = zip(changes[0], changes[1]).map { notNegative, positive in
      let places = [notNegative, positive].map { change in
        change.holdsAtLow == change.holdsAtHigh
          ? (change.holdsAtHigh ? search.low : search.high + 1) : change.place
      }
      // Where the chain falls, numbers are positive below the zeros; what always holds begins at the bottom.
      let falls = notNegative.holdsAtLow && !positive.holdsAtHigh
      let negativeFrom = notNegative.holdsAtHigh ? search.high + 1 : places[0]
      return falls ? (positive.holdsAtLow ? places[1] : search.low, negativeFrom) : (places[0], places[1])
    }
    return (pairs.map { $0.0 }, pairs.map { $0.1 })
  }
}

/// Choices between two numbers.
extension Rewriter {
  /// The comparison that chooses between two opposite numbers as which a value is computed.
  private func choice(_ value: Value) throws -> (comparison: Node, whenTrue: Double)? {
    guard let (comparison, yes, no) = try twoNumbers(value), yes == -no, yes != 0, yes.isFinite else { return nil }
    return (comparison, yes)
  }

  private func twoNumbers(_ value: Value) throws -> (comparison: Node, whenTrue: Double, whenFalse: Double)? {
    let node = graph[value]
    if node.op is any Comparison, !(node.op is Equal) { return (node, 1, 0) }
    guard node.op is any ElementwiseOperation || node.op is Identity || node.op is Cast else { return nil }
    let variables = node.inputs.indices.filter { constant(node.inputs[$0]) == nil }
    guard variables.count == 1, let input = node.inputs[variables[0]],
      graph.type(of: input).shape == node.types[0].shape, let choice = try twoNumbers(input)
    else { return nil }
    func result(_ number: Double) throws -> Double? {
      var operands: [Tensor] = []
      for (index, operand) in node.inputs.enumerated() {
        if index == variables[0] {
          operands.append(Tensor(TensorType(graph.type(of: input).element, []), reals: [number]))
        } else {
          guard let tensor = constant(operand), tensor.type.elementCount == 1 else { return nil }
          operands.append(tensor.reshaped(to: []))
        }
      }
      return try node.op.evaluate(Operands(operands), [TensorType(node.types[0].element, [])])[0].reals[0]
    }
    guard let yes = try result(choice.whenTrue), let no = try result(choice.whenFalse) else { return nil }
    return (choice.comparison, yes, no)
  }

  /// The numbers with which `x` is compared, for all channels or for each, so that the comparison holds from there on, or
  /// below.
  private func bound(_ node: Node, _ shape: Shape) -> (x: Value, numbers: [Float], isBelow: Bool)? {
    let isReversed = constant(node.inputs[0]) != nil
    guard let tensor = constant(node.inputs[isReversed ? 0 : 1]), let x = node.inputs[isReversed ? 1 : 0],
      graph.type(of: x) == TensorType(.f32, shape), tensor.shape.rank <= shape.rank
    else { return nil }
    let (extents, axis) = (tensor.shape.padded(toRank: shape.rank), shape.rank == 4 ? 1 : shape.rank - 1)
    guard extents.indices.allSatisfy({ $0 == axis || extents[$0] == 1 }) else { return nil }
    let numbers: [Float] = tensor.elements()
    guard numbers.allSatisfy(\.isFinite) else { return nil }
    let next = numbers.map(\.nextUp)
    return switch (node.op, isReversed) {
    case (is GreaterOrEqual, false), (is LessOrEqual, true): (x, numbers, false)
    case (is Greater, false), (is Less, true): (x, next, false)
    case (is Less, false), (is Greater, true): (x, numbers, true)
    case (is LessOrEqual, false), (is GreaterOrEqual, true): (x, next, true)
    default: nil
    }
  }
}
