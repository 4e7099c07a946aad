import IR

/// A convolution or matrix product with constant weights, and how it takes data.
struct ConstantLayer {
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

  /// Whether it is a convolution.
  var isConvolution: Bool { if case .convolution = form { true } else { false } }

  /// The weights of a channel.
  func weights(of channel: Int) -> [Double] { Array(allWeights[channel * length..<(channel + 1) * length]) }

  /// The bytes of the weights, the bias included.
  var byteCount: Int { 4 * (allWeights.count + (bias?.count ?? 0)) }

  /// The layer that a node is, whose weights are a constant.
  ///
  /// - Returns: Nil where the node is no such layer.
  /// - Throws: `Unsuitable` where it is one, but there is no kernel for other forms of its weights.
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
      guard conv.group == 1 else { throw Unsuitable("there is no kernel for it in groups of channels") }
      guard x.rank <= 4 else { throw Unsuitable("there is no kernel for it along three spatial axes") }
      form = .convolution(conv, try conv.window(x, weights.shape))
      (shape, allWeights, bias) = (Array(weights.shape.dropFirst()), weights.reals, addend?.reals)
    case let gemm as Gemm:
      guard !gemm.transA else { throw Unsuitable("there is no kernel for it where the data are transposed") }
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

  /// Why weights of a layer cannot take another form.
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
