/// The convolution of each channel of quantized numbers X [N, H, W, C] with its own kernel of W [kh, kw, C], quantized
/// again: sums of X minus its zero point times W, plus a bias B [C], times `multiplier`. nnc's own operation, to which
/// `QLinearConv` and the like with a group for each channel are lowered.
///
/// Padding is the number 0.
public struct QuantizedDepthwiseConv2D: ChannelsLastConvolution, QuantizedLayer {
  public static let name = "QuantizedDepthwiseConv2D"
  public static let operands: Signature = ["X", "W", "B", "multiplier"]

  public var kernelShape: [Int] = []
  public var strides: [Int] = []
  public var dilations: [Int] = []
  public var pads: [Int] = []
  public var xZero = 0
  public var yZero = 0
  public var low = -128
  public var high = 127
  public var outputDtype = ElementType.i8

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let x = operands.first.shape
    let window = try window(x)
    try checkLayer(
      operands, channels: x[3], weights: Shape(kernelShape + [x[3]]),
      because: "kernel_shape is \(kernelShape) and X has \(x[3]) channels")
    return [TensorType(outputDtype, Shape([x[0]] + window.outputShape + [x[3]]))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first
    let channels = x.shape[3]
    let convolution = Convolution(
      window: try window(x.shape), batch: x.shape[0], inputs: channels, outputs: channels, group: channels)
    let sums = convolution.depthwiseSums(distances(x), operands.required(1).reals)
    return [requantize(sums, operands, results[0])]
  }
}
