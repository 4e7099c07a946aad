import IR

extension ConstantLayer {
  /// The bytes with `bits` bits for each weight.
  func byteCount(bits: Int, hasOffset: Bool, hasBias: Bool) -> Int {
    let words = bits * channelCount * Shape.wordCount(ofBits: length)
    return 4 * (words + channelCount * (bits + (hasOffset ? 1 : 0) + (hasBias ? 1 : 0)))
  }

  /// Adds the layer with other weights, in the place of `node`.
  ///
  /// - Parameter x: The data that it takes.
  func add(
    _ approximation: LayerApproximation, _ x: Value, in graph: inout Graph, like node: Node, _ name: String?
  ) throws -> Value {
    let weights = try scaledBits(approximation, in: &graph, like: node, name)
    let numbers = approximation.channels.map(\.bias)
    let bias = numbers.allSatisfy { $0 == 0 } ? nil : Tensor(TensorType(.f32, [channelCount]), reals: numbers)
    let addend = try bias.map {
      try graph.add(Constant($0), [], name: name.map { $0 + "_bias" }, at: node.location)
    }
    switch node.op {
    case let conv as Conv: return try graph.add(conv, [x, weights, addend], name: node.names[0], at: node.location)
    case is Gemm:
      var gemm = Gemm()
      gemm.transB = true
      return try graph.add(gemm, [x, weights, addend], name: node.names[0], at: node.location)
    default:
      let matrix = try graph.add(Transpose([1, 0]), [weights], name: nil, at: node.location)
      guard let addend else { return try graph.add(MatMul(), [x, matrix], name: node.names[0], at: node.location) }
      let product = try graph.add(MatMul(), [x, matrix], name: nil, at: node.location)
      return try graph.add(Add(), [product, addend], name: node.names[0], at: node.location)
    }
  }

  private func scaledBits(
    _ approximation: LayerApproximation, in graph: inout Graph, like node: Node, _ name: String?
  ) throws -> Value {
    let channels = approximation.channels.map(\.channel)
    let codes = (0..<approximation.bits).flatMap { bit in channels.flatMap { $0.codes.map { $0 >> UInt8(bit) & 1 } } }
    let scales = (0..<approximation.bits).flatMap { bit in channels.map { $0.scales[bit] } }
    var operands = [
      Tensor(TensorType(.bit, [approximation.bits, channelCount, length]), codes: codes),
      Tensor(TensorType(.f32, [approximation.bits, channelCount]), reals: scales),
    ]
    if approximation.hasOffset {
      operands.append(Tensor(TensorType(.f32, [channelCount]), reals: channels.map(\.offset)))
    }
    let values = try zip(operands, ["bits", "scale", "offset"]).map { tensor, word in
      try graph.add(Constant(tensor), [], name: name.map { "\($0)_\(word)" }, at: node.location)
    }
    var op = ScaledBits()
    op.shape = shape
    return try graph.add(op, values, name: name, at: node.location)
  }
}
