import IR

/// Computes layers of binary networks, whose data and weights are +1 and -1, with bits.
///
///     %b = Sign(%s)
///     %c = Conv(%b, %w)                          %w = ±α for each channel
///   →
///     %t = Transpose(%s) {perm: [0, 2, 3, 1]}
///     %p = PackBits(%t)
///     %n = BinaryConv2D(%p, packed %w)
///     %f = Cast(%n) {to: f32}
///     %m = Mul(%f, %α)
///     %c = Transpose(%m) {perm: [0, 3, 1, 2]}
///
/// The same for MatMul and Gemm, whose weights become `ScaledBits` where only they are binary; also of a flattened image, and for data that a max pool or a padding with +1 or -1 has
/// passed. Data are bits where a comparison chooses between two opposite numbers, or where they are a Sign. That is 0 for 0:
/// where sums of +1 and -1 can be so that this happens, the layer stays as it is; that a rounded float is just 0 is a
/// coincidence, and +1 is taken. `Pool2D` takes bits as they are.
let findBits = Pass(
  "find-bits", "Computes layers of binary networks, whose data and weights are +1 and -1, with bits.",
  preserves: .upToRounding,
  rules: [
    Rule(on: Conv.self) { conv, node, rewriter in
      guard let weights = rewriter.constant(node.inputs[1]), weights.shape.rank == 4, weights.element == .f32,
        let rows = BinaryRows(weights, isTransposed: false)
      else { return nil }
      let (input, padding, pads) = try rewriter.beforePadding(node.inputs[0]!)
      guard let data = try rewriter.image(input, node) else { return nil }
      let window = try conv.window(rewriter.graph.type(of: node.inputs[0]!).shape, weights.shape).padded
      guard padding == 0 || window.pads.allSatisfy({ $0 == 0 }) else { return nil }
      var op = BinaryConv2D()
      (op.kernelShape, op.strides, op.dilations) = (window.kernel, window.strides, window.dilations)
      (op.pads, op.padding) = (padding == 0 ? window.pads : pads, padding)
      (op.outputChannels, op.group) = (weights.shape[0], conv.group)
      return try rewriter.binaryLayer(op, data, rows, bias: node.inputs.count > 2 ? node.inputs[2] : nil, node)
    },
    Rule(on: MatMul.self) { _, node, rewriter in
      guard let weights = rewriter.constant(node.inputs[1]), let rows = BinaryRows(weights, isTransposed: true) else {
        return nil
      }
      if let layer = try rewriter.binaryProduct(rows, bias: nil, node) { return layer }
      guard let packed = try rewriter.scaledBits(rows, like: node) else { return nil }
      let transposed = try rewriter.add(Transpose([1, 0]), [packed], like: node)
      return try rewriter.add(MatMul(), [node.inputs[0], transposed], like: node)
    },
    Rule(on: Gemm.self) { gemm, node, rewriter in
      guard !gemm.transA, let weights = rewriter.constant(node.inputs[1]),
        var rows = BinaryRows(weights, isTransposed: !gemm.transB)
      else { return nil }
      let bias = node.inputs.count > 2 ? node.inputs[2] : nil
      let scales = rows.scales
      rows.scales = scales.map { $0 * Double(gemm.alpha) }
      if bias == nil || gemm.beta == 1, let layer = try rewriter.binaryProduct(rows, bias: bias, node) { return layer }
      rows.scales = scales
      guard let packed = try rewriter.scaledBits(rows, like: node) else { return nil }
      var op = gemm
      op.transB = true
      return try rewriter.add(op, [node.inputs[0], packed, bias], like: node)
    },
  ])

/// Weights of which those of each channel are a number or its opposite.
struct BinaryRows {
  /// The weights, +1 and -1: [channels, inputs].
  let signs: Tensor
  /// The number for each channel.
  var scales: [Double]

  /// Takes weights apart, if they are such: [channels, ...], or where they are transposed [inputs, channels].
  init?(_ weights: Tensor, isTransposed: Bool) {
    guard weights.element == .f32, weights.shape.rank >= 2, !isTransposed || weights.shape.rank == 2,
      weights.type.elementCount > 0
    else { return nil }
    let count = weights.shape[isTransposed ? 1 : 0]
    let length = weights.type.elementCount / count
    let (rowStep, step) = isTransposed ? (1, count) : (length, 1)
    let parts = weights.withUnsafeBytes { bytes -> (scales: [Double], signs: [Float])? in
      let weights = bytes.bindMemory(to: Float.self)
      let scales = (0..<count).map { weights[$0 * rowStep].magnitude }
      var signs: [Float] = []
      for row in 0..<count {
        for column in 0..<length {
          let weight = weights[row * rowStep + column * step]
          guard weight.magnitude == scales[row], weight != 0, weight.isFinite else { return nil }
          signs.append(weight < 0 ? -1 : 1)
        }
      }
      return (scales.map(Double.init), signs)
    }
    guard let (scales, signs) = parts else { return nil }
    self.scales = scales
    self.signs = Tensor(signs, shape: isTransposed ? [count, length] : weights.shape)
  }
}

extension Rewriter {
  /// The data before a Pad of the spatial axes with +1 or -1, that number, and pads: top, left, bottom, right.
  fileprivate func beforePadding(_ value: Value) throws -> (Value, padding: Int, pads: [Int]) {
    guard let (pad, producer) = producer(of: value, as: Pad.self), pad.mode == .constant,
      let list = constant(producer.inputs[1])?.ints, list.count == 8, producer.inputs.count <= 3,
      let number = constant(producer.inputs[2])?.reals.first, abs(number) == 1,
      [0, 1, 4, 5].allSatisfy({ list[$0] == 0 }), list.allSatisfy({ $0 >= 0 })
    else { return (value, 0, [0, 0, 0, 0]) }
    return (producer.inputs[0]!, Int(number), [list[2], list[3], list[6], list[7]])
  }

  /// The layer that computes a product with a matrix, if its data are bits.
  fileprivate mutating func binaryProduct(_ rows: BinaryRows, bias: Value?, _ node: Node) throws -> Value? {
    let shape = graph.type(of: node.inputs[0]!).shape
    guard shape.rank == 2 else { return nil }
    var op = BinaryConv2D()
    op.outputChannels = rows.scales.count
    if let data = try matrix(node.inputs[0]!, node) {
      op.kernelShape = [1, 1]
      return try binaryLayer(op, data, rows, bias: bias, node)
    }
    // A flattened image meets a kernel of its own size.
    guard graph[node.inputs[0]!].op is any ReshapingOperation, let image = graph[node.inputs[0]!].inputs[0],
      graph.type(of: image).shape.rank == 4, graph.type(of: image).shape[0] == shape[0],
      let data = try self.image(image, node)
    else { return nil }
    op.kernelShape = Array(graph.type(of: image).shape[2...])
    return try binaryLayer(op, data, rows, bias: bias, node)
  }

  /// Adds weights as bits for a layer whose data are numbers; nil where they are so few that floats take little.
  fileprivate mutating func scaledBits(_ rows: BinaryRows, like node: Node) throws -> Value? {
    let (count, length) = (rows.signs.shape[0], rows.signs.shape[1])
    guard rows.signs.type.elementCount >= 4096, graph.type(of: node.inputs[0]!).element == .f32 else { return nil }
    let codes = rows.signs.reals.map { UInt8($0 > 0 ? 1 : 0) }
    let bits = try add(
      constant: Tensor(TensorType(.bit, [1, count, length]), codes: codes), like: node,
      name: graph.name(of: node.inputs[1]!))
    let scales = try add(constant: Tensor(TensorType(.f32, [1, count]), reals: rows.scales), like: node)
    var op = ScaledBits()
    op.shape = [length]
    return try add(op, [bits, scales], like: node)
  }

  /// Adds a layer on bits, and what makes floats of its sums as the layer in whose place it stands has them.
  fileprivate mutating func binaryLayer(
    _ op: BinaryConv2D, _ data: (bits: Value, scale: Double), _ rows: BinaryRows, bias: Value?, _ node: Node
  ) throws -> Value? {
    let panels = op.panels(graph.type(of: data.bits).shape)
    let shape = Shape([op.outputChannels, panels.inputs / Shape(op.kernelShape).elementCount] + op.kernelShape)
    guard panels.inputs <= BinaryConv2D.maximumProductCount, bias == nil || constant(bias) != nil else { return nil }
    let name = graph.name(of: node.inputs[1]!)
    let weights = try add(constant: panels.pack(rows.signs.reshaped(to: shape)), like: node, name: name)
    let sums = try add(Cast(to: .f32), [try add(op, [data.bits, weights], like: node)], like: node)
    let type = node.types[0]
    let floats =
      type.shape.rank == 4
      ? try channelsFirst(sums, type.shape, like: node)
      : try reshape(sums, to: type.shape, like: node)
    return try scaled(floats, rows.scales.map { $0 * data.scale }, bias.flatMap(constant), node)
  }

  /// Adds factors and addends of the channels, axis 1: rounded once, as in the layer that has them.
  private mutating func scaled(_ value: Value, _ factors: [Double], _ bias: Tensor?, _ node: Node) throws -> Value? {
    let count = factors.count
    let ones = [Int](repeating: 1, count: node.types[0].shape.rank - 2)
    let addends = bias?.asRow(of: count)?.reals
    if bias != nil && addends == nil { return nil }
    func numbers(_ numbers: [Double], _ shape: Shape) throws -> Value {
      try add(constant: Tensor(TensorType(.f32, shape), reals: numbers), like: node)
    }
    switch (factors.allSatisfy { $0 == 1 }, addends) {
    case (true, nil): return value
    case (false, nil): return try add(Mul(), [value, try numbers(factors, Shape([count] + ones))], like: node)
    case (true, let addends?): return try add(Add(), [value, try numbers(addends, Shape([count] + ones))], like: node)
    case (false, let addends?):
      var op = BatchNormalization()
      op.epsilon = 0
      let zeros = [Double](repeating: 0, count: count)
      let operands = try [factors, addends, zeros, factors.map { _ in 1 }].map { try numbers($0, [count]) }
      return try add(op, [value] + operands, like: node)
    }
  }
}
