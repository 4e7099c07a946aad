/// The convolution of numbers X [N, H, W, Ci] with packed weights, plus a bias B [Co], of which bits are made: set where the
/// largest result of a window of the pool is not less than the threshold of its channel; bits of channels whose flip is set
/// are changed then. nnc's own operation, to which a `Conv2D` before `PackBits` is lowered. The result is bits
/// [N, OH, OW, Co].
///
/// W is packed as for `Conv2D`. Results are rounded once, then compared.
public struct BinarizedConv2D: ChannelsLastConvolution {
  public static let name = "BinarizedConv2D"
  public static let operands: Signature = ["X", "W", "B?", "threshold", "flip?"]

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
  /// The extents of the windows of a max pool, which lie wholly inside; none where empty.
  public var poolShape: [Int] = []
  /// The distances between the windows of the pool, which do not overlap; `poolShape` where empty.
  public var poolStrides: [Int] = []

  public init() {}

  /// Creates the operation that makes bits of what `convolution` computes, which has no activation and no mean.
  public init(_ convolution: Conv2D) {
    (outputChannels, kernelShape, strides) = (
      convolution.outputChannels, convolution.kernelShape, convolution.strides
    )
    (dilations, pads, group, panel) = (
      convolution.dilations, convolution.pads, convolution.group, convolution.panel
    )
    (poolShape, poolStrides) = (convolution.poolShape, convolution.poolStrides)
  }

  /// The convolution of whose results bits are made.
  public var convolution: Conv2D {
    var conv = Conv2D()
    (conv.outputChannels, conv.kernelShape, conv.strides) = (outputChannels, kernelShape, strides)
    (conv.dilations, conv.pads, conv.group, conv.panel) = (dilations, pads, group, panel)
    (conv.pool, conv.poolShape, conv.poolStrides) = (poolShape.isEmpty ? .none : .max, poolShape, poolStrides)
    return conv
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let result = try convolution.resultTypes(Operands(Array(operands.prefix(3))))[0]
    try require(result.element == .f32, "is not defined for elements of type \(result.element)")
    try require(
      operands.required(3).element == .f32,
      "thresholds have elements of type \(operands.required(3).element), but should have f32")
    try operands.requireThresholds(3, 4, count: outputChannels)
    return [TensorType(.bit, result.shape)]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let type = TensorType(.f32, results[0].shape)
    let sums = try convolution.evaluate(Operands(Array(operands.prefix(3))), [type])[0]
    return [
      Tensor(results[0], comparing: sums.reals, with: operands.required(3).reals, flips: operands[4]?.codes)
    ]
  }
}
