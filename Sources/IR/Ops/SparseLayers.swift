/// The convolution of X [N, H, W, Ci] with weights of which most are zero, plus a bias B [Co] and data Z of the shape of the
/// result, then an activation. nnc's own operation, to which `Conv` is lowered. The result is [N, OH, OW, Co], rounded once.
///
/// The weights are a matrix [Co, Ci * kh * kw] of values f32 [n] and their places: bits [Co, Ci * kh * kw], or gaps in bytes,
/// as `SparseMatrix` has them. Zeros are multiplied with nothing, so that infinities in X do not become NaN there.
public struct SparseConv2D: ChannelsLastConvolution, ActivatingOperation {
  public static let name = "SparseConv2D"
  public static let operands: Signature = ["X", "values", "places", "B?", "Z?"]

  /// The number of channels of the result.
  public var outputChannels = 0
  public var kernelShape: [Int] = []
  public var strides: [Int] = []
  public var dilations: [Int] = []
  public var pads: [Int] = []
  public var activation = Activation.none
  public var alpha: Float = 0
  public var beta: Float = 0
  /// How many rows of the result are computed at once: of the data that they take, there is a copy.
  public var band = 1

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let x = operands.first.type
    try activation.check(alpha: alpha, beta: beta)
    try require(x.element == .f32, "X has elements of type \(x.element), but should have f32")
    try require(outputChannels >= 1, "output_channels is \(outputChannels), but should be at least 1")
    let spatial = try window(x.shape).outputShape
    let result = TensorType(.f32, Shape([x.shape[0]] + spatial + [outputChannels]))
    try require(
      (1...max(1, spatial[0])).contains(band),
      "band is \(band), but should be 1 to \(spatial[0]), the rows of the result")
    _ = try SparseMatrix(operands, first: 1, rows: outputChannels, columns: productCount(x.shape))
    try operands.checkAddends(channels: outputChannels, result.shape)
    return [result]
  }

  /// How many weights a channel has, zeros included.
  public func productCount(_ x: Shape) -> Int { Shape(kernelShape + [x[3]]).elementCount }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, taps) = (operands.first, Shape(kernelShape).elementCount)
    let weights = SparseMatrix(operands, first: 1, rows: outputChannels, columns: productCount(x.shape))
    // From [Co, Ci, taps] to [taps, Ci, Co].
    let order = Shape([taps, x.shape[3], outputChannels]).offsets(strides: [1, taps, weights.columns])
    let convolution = Convolution(
      window: try window(x.shape), batch: x.shape[0], inputs: x.shape[3], outputs: outputChannels, group: 1)
    let elements = weights.elements
    let sums = convolution.sums(x.reals, order.map { Double(elements[$0]) })
    return [activated(sums, operands, results[0])]
  }
}

/// activation(X * W + B + Z) for rows X […, K] and the transposition W of a matrix [N, K] of which most elements are zero,
/// with a bias B [N] and data Z […, N]. nnc's own operation, to which `Gemm` and `MatMul` are lowered. The result is […, N],
/// rounded once.
///
/// The matrix is values f32 [n] and their places: bits [N, K], or gaps in bytes, as `SparseMatrix` has them.
public struct SparseDense: ActivatingOperation {
  public static let name = "SparseDense"
  public static let operands: Signature = ["X", "values", "places", "B?", "Z?"]

  /// N, the length of a row of the result.
  public var outputFeatures = 0
  /// What is applied to each sum.
  public var activation = Activation.none
  /// The parameters of the activation.
  public var alpha: Float = 0
  public var beta: Float = 0

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let x = operands.first.type
    try activation.check(alpha: alpha, beta: beta)
    try require(x.element == .f32, "X has elements of type \(x.element), but should have f32")
    try require(x.shape.rank >= 1, "X should have at least one axis, but is a scalar")
    try require(outputFeatures >= 1, "output_features is \(outputFeatures), but should be at least 1")
    _ = try SparseMatrix(operands, first: 1, rows: outputFeatures, columns: x.shape.last!)
    let result = Shape(x.shape.dropLast() + [outputFeatures])
    try operands.checkAddends(channels: outputFeatures, result)
    return [TensorType(.f32, result)]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, depth) = (operands.first, operands.first.shape.last!)
    let weights = SparseMatrix(operands, first: 1, rows: outputFeatures, columns: depth)
    let convolution = Convolution(
      window: Window(axes: [.single]), batch: x.shape.elementCount(of: 0..<x.shape.rank - 1), inputs: depth,
      outputs: outputFeatures, group: 1)
    let byColumn = weights.elements.map(Double.init).transposed(count: 1, rows: outputFeatures, columns: depth)
    return [activated(convolution.sums(x.reals, byColumn), operands, results[0])]
  }
}

extension ActivatingOperation {
  /// The activation of sums, channels innermost, plus the bias, which is operand 3, and other data, which are operand 4.
  fileprivate func activated(_ sums: [Double], _ operands: Operands<Tensor>, _ type: TensorType) -> Tensor {
    let (bias, addend) = (operands[3]?.reals, operands[4]?.reals)
    let reals = sums.enumerated().map { index, sum in
      let biased = sum + (bias.map { $0[index % $0.count] } ?? 0) + (addend?[index] ?? 0)
      return activation(biased, alpha: Double(alpha), beta: Double(beta))
    }
    return Tensor(type, reals: reals)
  }
}

extension Operands<Operand> {
  /// Throws unless the bias, which is operand 3, and other data, operand 4, can be added to sums of some channels.
  fileprivate func checkAddends(channels: Int, _ result: Shape) throws(Diagnostic) {
    for (index, name) in [(3, "B"), (4, "Z")] {
      guard let operand = self[index] else { continue }
      try require(operand.element == .f32, "\(name) has elements of type \(operand.element), but should have f32")
    }
    if self[3] != nil { try requireShape(3, "B", is: [channels], because: "the result has \(channels) channels") }
    if self[4] != nil { try requireShape(4, "Z", is: result, because: "it is added to the sums") }
  }
}
