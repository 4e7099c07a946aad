import IR

/// A layer with constant weights that can become bits.
struct BinarizableLayer {
  /// How it takes data.
  private enum Form {
    case convolution(Conv, Window)
    case product
  }

  /// How many channels the result has, and how many weights each has.
  let channelCount: Int, length: Int
  /// The weights, channel by channel.
  let allWeights: [Double]
  /// The bias, if there is one.
  let bias: [Double]?
  /// The extents of the weights behind that of the channels.
  let shape: [Int]
  private let form: Form

  /// The weights of a channel.
  func weights(of channel: Int) -> [Double] { Array(allWeights[channel * length..<(channel + 1) * length]) }

  /// The bytes of the weights, the bias included.
  var byteCount: Int { 4 * (allWeights.count + (bias?.count ?? 0)) }

  /// The bytes with `bits` bits for each weight.
  func byteCount(bits: Int, hasOffset: Bool, hasBias: Bool) -> Int {
    let words = bits * channelCount * Shape.wordCount(ofBits: length)
    return 4 * (words + channelCount * (bits + (hasOffset ? 1 : 0) + (hasBias ? 1 : 0)))
  }

  /// The layer that a node is, whose weights are a constant.
  ///
  /// - Returns: Nil where the node is no such layer.
  /// - Throws: `Unsuitable` where it is one, but there is no way to take bits.
  init?(_ node: Node, in graph: Graph) throws {
    guard node.op is Conv || node.op is Gemm || node.op is MatMul, node.inputs.count > 1, let value = node.inputs[1],
      let weights = (graph[value].op as? Constant)?.value, weights.element == .f32, !weights.shape.contains(0)
    else { return nil }
    var addend: Tensor?
    if node.inputs.count > 2, let value = node.inputs[2] {
      guard let constant = (graph[value].op as? Constant)?.value else { throw Unsuitable("its bias is computed") }
      addend = constant
    }
    let x = graph.type(of: node.inputs[0]!).shape
    switch node.op {
    case let conv as Conv:
      guard conv.group == 1 else { throw Unsuitable("there is no kernel for bits in groups of channels") }
      guard x.rank <= 4 else { throw Unsuitable("there is no kernel for bits along three spatial axes") }
      form = .convolution(conv, try conv.window(x, weights.shape))
      (shape, allWeights, bias) = (Array(weights.shape.dropFirst()), weights.reals, addend?.reals)
    case let gemm as Gemm:
      guard !gemm.transA else { throw Unsuitable("there is no kernel for bits where the data are transposed") }
      guard addend == nil || addend?.asRow(of: node.types[0].shape[1]) != nil else {
        throw Unsuitable("what is added is no row")
      }
      form = .product
      let factor = Double(gemm.alpha)
      allWeights = (gemm.transB ? weights : weights.transposedMatrix).reals.map { $0 * factor }
      shape = [weights.shape[gemm.transB ? 1 : 0]]
      bias = addend?.asRow(of: node.types[0].shape[1])?.reals.map { $0 * Double(gemm.beta) }
    default:
      guard weights.shape.rank == 2 else { throw Unsuitable("its weights are no matrix") }
      form = .product
      (shape, allWeights, bias) = ([weights.shape[0]], weights.transposedMatrix.reals, nil)
    }
    length = shape.reduce(1, *)
    channelCount = allWeights.count / length
    guard channelCount > 0, node.types[0].element == .f32 else { throw Unsuitable("it computes in \(node.types[0])") }
    guard allWeights.allSatisfy(\.isFinite) else { throw Unsuitable("not all of its weights are finite") }
  }

  /// Why a layer cannot take bits.
  struct Unsuitable: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
  }

  /// How many rows, each of which makes a result of all channels, data of a given shape have.
  func rowCount(_ x: Shape) -> Int {
    guard case .convolution(_, let window) = form else { return x.elementCount / length }
    return x[0] * window.outputCount
  }

  /// Some rows of data, with a 1 behind each.
  func rows(of x: Tensor, at places: [Int]) -> [Double] {
    let data: [Float] = x.elements()
    var rows: [Double] = []
    rows.reserveCapacity(places.count * (length + 1))
    guard case .convolution(_, let window) = form else {
      for place in places { rows += data[place * length..<(place + 1) * length].map { Double($0) } + [1] }
      return rows
    }
    let (positions, elements, taps) = (window.outputCount, window.inputCount, length / shape[0])
    var byPosition: [Int: [Int]] = [:]
    for place in places { byPosition[place % positions, default: []].append(place / positions) }
    window.forEachPosition { position, offsets in
      for sample in byPosition[position] ?? [] {
        for channel in 0..<shape[0] {
          let start = (sample * shape[0] + channel) * elements
          for tap in 0..<taps { rows.append(offsets[tap] >= 0 ? Double(data[start + offsets[tap]]) : 0) }
        }
        rows.append(1)
      }
    }
    return rows
  }
}

extension BinarizableLayer {
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
