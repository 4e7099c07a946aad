/// The convolution of each channel of X [N, H, W, C] with its own kernel of W [kh, kw, C], plus a bias B [C], then an
/// activation and a pool. nnc's own operation, to which `Conv` with a group for each channel is lowered.
///
/// With exponents E [C] the weights are in fixed point.
public struct DepthwiseConv2D: FusedConvolution, WeightedLayer {
  public static let name = "DepthwiseConv2D"
  public static let operands: Signature = ["X", "W", "B?", "E?"]

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

  public init() {}

  /// Returns the weights [C, 1, kh, kw] in the order in which the operation takes them, [kh, kw, C].
  public static func pack(_ weights: Tensor) -> Tensor {
    let shape = weights.shape
    precondition(shape.rank == 4 && shape[1] == 1, "cannot pack \(weights.type)")
    let result: Shape = [shape[2], shape[3], shape[0]]
    return weights.gathering(result.offsets(strides: [shape[3], 1, shape[2] * shape[3]]), shape: result)
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try checkElements(operands)
    let x = operands.first.type
    try require(x.shape.rank == 4, "X should have axes [N, H, W, C], but has shape [\(x.shape)]")
    let channels = x.shape[3]
    let result = try resultType(x, channels: channels)
    try operands.requireShape(
      1, "W", is: Shape(kernelShape + [channels]),
      because: "kernel_shape is \(kernelShape) and X has \(channels) channels")
    try operands.requireShape(2, "B", is: [channels], because: "X has \(channels) channels")
    try checkFixedPoint(operands)
    return [result]
  }

  public func channelCount(_ x: Shape) -> Int { x[3] }

  public func productCount(_ x: Shape) -> Int { Shape(kernelShape).elementCount }

  public func weightChannels(_ x: Shape) -> [Int] { (0..<productCount(x)).flatMap { _ in 0..<x[3] } }

  public func sums<Number: Numeric & BitwiseCopyable>(_ data: [Number], _ weights: [Number], _ x: Shape) throws
    -> [Number]
  {
    let convolution = Convolution(window: try window(x), batch: x[0], inputs: x[3], outputs: x[3], group: x[3])
    return convolution.depthwiseSums(data, weights)
  }
}
