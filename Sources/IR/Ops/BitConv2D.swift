/// The convolution of X [N, H, W, Ci] with weights that are sums of bits, as `ScaledBits` has them, plus a bias B [Co], then
/// an activation and a pool. nnc's own operation, to which `Conv` is lowered. The result is [N, OH, OW, Co], rounded once.
///
/// The bits are [M, Co, kh * kw * Ci]: the weights of a channel lie as the taps of its window do in X.
public struct BitConv2D: FusedConvolution {
  public static let name = "BitConv2D"
  public static let operands: Signature = ["X", "bits", "scale", "B?", "offset?"]

  public var kernelShape: [Int] = []
  public var strides: [Int] = []
  public var dilations: [Int] = []
  public var pads: [Int] = []
  public var activation = Activation.none
  public var alpha: Float = 0
  public var beta: Float = 0
  public var pool = PoolKind.none
  public var poolShape: [Int] = []
  public var poolStrides: [Int] = []
  /// The number of channels of the result.
  public var outputChannels = 0

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try BitWeights.check(operands, first: 1, offset: 4)
    let (x, bits) = (operands.first.type, operands.required(1).shape)
    try require(x.element == .f32, "X has elements of type \(x.element), but should have f32")
    let result = try resultType(x, channels: outputChannels)
    try operands.requireShape(
      1, "bits", is: [bits[0], outputChannels, Shape(kernelShape + [x.shape[3]]).elementCount],
      because: "output_channels is \(outputChannels), and a window has \(kernelShape)x\(x.shape[3]) taps")
    try checkBias(operands, count: outputChannels)
    return [result]
  }

  public func channelCount(_ x: Shape) -> Int { outputChannels }

  public func biasedSums(_ operands: Operands<Tensor>) throws -> [Double] {
    let (x, weights) = (operands.first, BitWeights(operands, first: 1, offset: 4))
    let convolution = Convolution(
      window: try window(x.shape), batch: x.shape[0], inputs: x.shape[3], outputs: outputChannels, group: 1)
    return convolution.sums(x.reals, weights.expandedByColumn).adding(operands[3]?.reals, count: outputChannels)
  }
}

/// activation(X * W + B) for rows X […, K] and the transposition W of a matrix [N, K] of sums of bits, as `ScaledBits` has
/// them, with a bias B [N]. nnc's own operation, to which `Gemm` and `MatMul` are lowered. The result is […, N], rounded
/// once.
public struct BitDense: ActivatingOperation {
  public static let name = "BitDense"
  public static let operands: Signature = ["X", "bits", "scale", "B?", "offset?"]

  /// What is applied to each sum.
  public var activation = Activation.none
  /// The parameters of the activation.
  public var alpha: Float = 0
  public var beta: Float = 0

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try BitWeights.check(operands, first: 1, offset: 4)
    let (x, bits) = (operands.first.type, operands.required(1).shape)
    try activation.check(alpha: alpha, beta: beta)
    try require(x.element == .f32, "X has elements of type \(x.element), but should have f32")
    try require(x.shape.rank >= 1, "X should have at least one axis, but is a scalar")
    try operands.requireShape(
      1, "bits", is: [bits[0], bits[1], x.shape.last!], because: "rows of X have \(x.shape.last!) elements")
    try checkBias(operands, count: bits[1])
    return [TensorType(.f32, Shape(x.shape.dropLast() + [bits[1]]))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, weights) = (operands.first, BitWeights(operands, first: 1, offset: 4))
    let convolution = Convolution(
      window: Window(axes: [.single]), batch: x.shape.elementCount(of: 0..<x.shape.rank - 1), inputs: weights.length,
      outputs: weights.channels, group: 1)
    let sums = convolution.sums(x.reals, weights.expandedByColumn).adding(operands[3]?.reals, count: weights.channels)
    return [Tensor(results[0], reals: sums.map { activation($0, alpha: Double(alpha), beta: Double(beta)) })]
  }
}

extension ActivatingOperation {
  /// Throws unless the bias, if there is one, has a number for each of `count` channels.
  fileprivate func checkBias(_ operands: Operands<Operand>, count: Int) throws(Diagnostic) {
    guard let bias = operands[3] else { return }
    try require(bias.element == .f32, "B has elements of type \(bias.element), but should have f32")
    try operands.requireShape(3, "B", is: [count], because: "the result has \(count) channels")
  }
}

extension [Double] {
  /// The sums, channels innermost, plus the bias of their channel.
  fileprivate func adding(_ bias: [Double]?, count: Int) -> [Double] {
    guard let bias else { return self }
    return enumerated().map { $1 + bias[$0 % count] }
  }
}
