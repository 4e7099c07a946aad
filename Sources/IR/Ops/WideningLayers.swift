/// The convolution that `Conv2D` is, with weights that are stored as integers. nnc's own operation, to which `Conv` is lowered.
/// The result is [N, OH, OW, Co], rounded once.
///
/// W has the elements i8 or i4 in the order of `Conv2D.pack(_:group:panel:)`. S [G, Co] are their scales: the products of a sum,
/// in the order [kh][kw][Ci / group], are divided into G parts of as many neighbours, each with a scale for each channel.
public struct WideningConv2D: WideningLayer, ChannelsLastConvolution, ActivatingOperation {
  public static let name = "WideningConv2D"
  public static let operands: Signature = ["X", "W", "S", "B?", "Z?"]

  /// The number of channels of the result.
  public var outputChannels = 0
  public var kernelShape: [Int] = []
  public var strides: [Int] = []
  public var dilations: [Int] = []
  public var pads: [Int] = []
  /// Into how many independent groups channels are divided.
  public var group = 1
  /// How many output channels of a group make a panel.
  public var panel = 1
  /// The weights of how many output channels are floats at a time.
  public var span = 1
  public var activation = Activation.none
  public var alpha: Float = 0
  public var beta: Float = 0
  public var pool = PoolKind.none
  public var poolShape: [Int] = []
  public var poolStrides: [Int] = []

  public init() {}

  /// Creates the convolution that `conv` is.
  public init(_ conv: Conv2D, span: Int) {
    (outputChannels, group, panel, self.span) = (conv.outputChannels, conv.group, conv.panel, span)
    (kernelShape, strides, dilations, pads) = (conv.kernelShape, conv.strides, conv.dilations, conv.pads)
    (activation, alpha, beta) = (conv.activation, conv.alpha, conv.beta)
    (pool, poolShape, poolStrides) = (conv.pool, conv.poolShape, conv.poolStrides)
  }

  public var wide: Conv2D {
    var conv = Conv2D()
    (conv.outputChannels, conv.group, conv.panel) = (outputChannels, group, panel)
    (conv.kernelShape, conv.strides, conv.dilations, conv.pads) = (kernelShape, strides, dilations, pads)
    (conv.activation, conv.alpha, conv.beta) = (activation, alpha, beta)
    (conv.pool, conv.poolShape, conv.poolStrides) = (pool, poolShape, poolStrides)
    return conv
  }
}

/// activation(X * W + B + Z) as `Dense` has it, with weights that are stored as integers. nnc's own operation, to which `Gemm` and
/// `MatMul` are lowered. The result is […, N], rounded once.
///
/// W has the elements i8 or i4 in the order of `Dense.pack(_:panel:)`. S [G, N] are their scales: the K rows of the matrix are
/// divided into G parts of as many neighbours, each with a scale for each column.
public struct WideningDense: WideningLayer, ActivatingOperation {
  public static let name = "WideningDense"
  public static let operands: Signature = ["X", "W", "S", "B?", "Z?"]

  /// N, the length of a row of the result.
  public var outputFeatures = 0
  /// How many columns of W make a panel.
  public var panel = 1
  /// How many columns of W are floats at a time, where X has several rows.
  public var span = 1
  /// What is applied to each sum.
  public var activation = Activation.none
  /// The parameters of the activation.
  public var alpha: Float = 0
  public var beta: Float = 0

  public init() {}

  /// Creates the product that `dense` is.
  public init(_ dense: Dense, span: Int) {
    (outputFeatures, panel, self.span) = (dense.outputFeatures, dense.panel, span)
    (activation, alpha, beta) = (dense.activation, dense.alpha, dense.beta)
  }

  public var wide: Dense {
    var dense = Dense()
    (dense.outputFeatures, dense.panel) = (outputFeatures, panel)
    (dense.activation, dense.alpha, dense.beta) = (activation, alpha, beta)
    return dense
  }
}

/// A layer whose weights are stored as integers W times scales S, and are floats only while it computes.
public protocol WideningLayer: Operation {
  associatedtype Wide: PanelledLayer
  /// The layer that computes the same with weights that are floats.
  var wide: Wide { get }
  /// The weights of how many channels are floats at a time.
  var span: Int { get }
}

extension WideningLayer {
  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let (weights, scales, x) = (operands.required(1), operands.required(2), operands.first.shape)
    try require(
      weights.element == .i8 || weights.element == .i4,
      "W has elements of type \(weights.element), but should have i8 or i4")
    _ = try weights.requireKnown("W")
    try require(scales.element == .f32, "S has elements of type \(scales.element), but should have f32")
    try require(span >= 1, "span is \(span), but should be at least 1")
    let floats = Operand(TensorType(.f32, weights.shape))
    let results = try wide.resultTypes(Operands([operands.first, floats, operands[3], nil, operands[4]]))
    let (channels, products) = (wide.channelCount(x), wide.productCount(x))
    try require(
      scales.shape.rank == 2 && scales.shape[1] == channels && scales.shape[0] > 0 && products % scales.shape[0] == 0,
      "S has shape [\(scales.shape)], but should have a scale for each of \(channels) channels, for all \(products) products "
        + "or for parts of as many")
    return results
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, weights) = (operands.first.shape, operands.required(1))
    let (scales, parts): ([Float], Int) = (operands.required(2).elements(), operands.required(2).shape[0])
    let (channels, partLength) = (wide.channelCount(x), wide.productCount(x) / parts)
    let floats = zip(weights.integers, zip(wide.weightChannels(x), wide.productPlaces(x))).map { integer, place in
      Double(Float(integer) * scales[place.1 / partLength * channels + place.0])
    }
    let tensor = Tensor(TensorType(.f32, weights.shape), reals: floats)
    return try wide.evaluate(Operands([operands.first, tensor, operands[3], nil, operands[4]]), results)
  }
}
