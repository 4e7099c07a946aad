/// The convolution of quantized numbers X [N, H, W, Ci] with packed weights, quantized again: sums of X minus its zero
/// point times W, plus a bias B [Co], times `multiplier`. nnc's own operation, to which `QLinearConv` and the like are
/// lowered. The result is [N, OH, OW, Co].
///
/// W is the 1-D tensor that `pack(_:group:)` makes: [group][panel][block][lane][input]. Padding is the number 0.
public struct QuantizedConv2D: ChannelsLastConvolution, QuantizedLayer {
  public static let name = "QuantizedConv2D"
  public static let operands: Signature = ["X", "W", "B", "multiplier"]

  /// The number of channels of the result.
  public var outputChannels = 0
  public var kernelShape: [Int] = []
  public var strides: [Int] = []
  public var dilations: [Int] = []
  public var pads: [Int] = []
  /// Into how many independent groups channels are divided.
  public var group = 1
  public var xZero = 0
  public var yZero = 0
  public var low = -128
  public var high = 127
  public var outputDtype = ElementType.i8

  public init() {}

  /// Returns the weights [Co, Ci / group, kh, kw] in the order in which the operation takes them.
  public static func pack(_ weights: Tensor, group: Int) -> Tensor {
    let shape = weights.shape
    precondition(shape.rank == 4 && group > 0 && shape[0] % group == 0, "cannot pack \(weights.type)")
    let rows = shape.elementCount(of: 1..<4)
    return Panels.pack(
      filters: weights, group: group, Panels.dotOrder(count: group, rows: rows, columns: shape[0] / group))
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let x = operands.first.shape
    let window = try window(x)
    try require(outputChannels >= 1, "output_channels is \(outputChannels), but should be at least 1")
    try require(
      group >= 1 && x[3] % group == 0 && outputChannels % group == 0,
      "\(x[3]) channels cannot be made into \(outputChannels) in \(group) groups")
    let taps = "\(kernelShape[0])x\(kernelShape[1])x\(x[3] / group)"
    try checkLayer(
      operands, channels: outputChannels, weights: [Shape([outputChannels, x[3] / group] + kernelShape).elementCount],
      because: "\(outputChannels) filters of \(taps) weights are packed")
    return [TensorType(outputDtype, Shape([x[0]] + window.outputShape + [outputChannels]))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first
    let window = try window(x.shape)
    let convolution = Convolution(
      window: window, batch: x.shape[0], inputs: x.shape[3], outputs: outputChannels, group: group)
    let order = Panels.dotOrder(
      count: group, rows: window.tapCount * (x.shape[3] / group), columns: outputChannels / group)
    let sums = convolution.sums(distances(x), Panels.unpack(operands.required(1).reals, order))
    return [requantize(sums, operands, results[0])]
  }
}
