/// The convolution of X [N, H, W, Ci] with packed weights, plus a bias B [Co] and data Z of the shape of the result, then an
/// activation and a pool, of which there is none with Z. nnc's own operation, to which `Conv` is lowered. The result is
/// [N, OH, OW, Co], rounded once.
///
/// W is the 1-D tensor that `pack(_:group:panel:)` makes: [group][panel][kh][kw][Ci / group][lane]. With exponents E [Co]
/// it is in fixed point.
public struct Conv2D: FusedConvolution, PanelledLayer {
  public static let name = "Conv2D"
  public static let operands: Signature = ["X", "W", "B?", "E?", "Z?"]

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
  public var activation = Activation.none
  public var alpha: Float = 0
  public var beta: Float = 0
  public var pool = PoolKind.none
  public var poolShape: [Int] = []
  public var poolStrides: [Int] = []

  public init() {}

  /// Returns the weights [Co, Ci / group, kh, kw] in the order in which the operation takes them.
  public static func pack(_ weights: Tensor, group: Int, panel: Int) -> Tensor {
    let shape = weights.shape
    precondition(shape.rank == 4 && group > 0 && panel > 0 && shape[0] % group == 0, "cannot pack \(weights.type)")
    let rows = shape.elementCount(of: 1..<4)
    return Panels.pack(
      filters: weights, group: group,
      Panels.order(count: group, rows: rows, columns: shape[0] / group, width: panel))
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try checkElements(operands)
    let result = try resultType(operands.first.type, channels: outputChannels)
    let channels = operands.first.shape[3]
    try require(outputChannels >= 1, "output_channels is \(outputChannels), but should be at least 1")
    try require(panel >= 1, "panel is \(panel), but should be at least 1")
    try require(
      group >= 1 && channels % group == 0 && outputChannels % group == 0,
      "\(channels) channels cannot be made into \(outputChannels) in \(group) groups")
    let count = Shape([outputChannels, channels / group] + kernelShape).elementCount
    try operands.requireShape(
      1, "W", is: [count],
      because: "\(outputChannels) filters of \(kernelShape[0])x\(kernelShape[1])x\(channels / group) weights are packed"
    )
    try operands.requireShape(2, "B", is: [outputChannels], because: "output_channels is \(outputChannels)")
    try checkFixedPoint(operands)
    try checkAddend(operands, result.shape)
    try require(operands[4] == nil || pool == .none, "Z is added to each sum, but pool is \(pool)")
    return [result]
  }

  public func channelCount(_ x: Shape) -> Int { outputChannels }

  public func productCount(_ x: Shape) -> Int { Shape(kernelShape + [x[3] / group]).elementCount }

  public func weightChannels(_ x: Shape) -> [Int] {
    let (fanOut, size) = (outputChannels / group, productCount(x) * outputChannels / group)
    return panelOrder(x).map { $0 / size * fanOut + $0 % fanOut }
  }

  public func sums<Number: Numeric & BitwiseCopyable>(_ data: [Number], _ weights: [Number], _ x: Shape) throws
    -> [Number]
  {
    let convolution = Convolution(
      window: try window(x), batch: x[0], inputs: x[3], outputs: outputChannels, group: group)
    return convolution.sums(data, Panels.unpack(weights, panelOrder(x)))
  }

  public var groupChannelCount: Int { outputChannels / group }

  public func panelOrder(_ x: Shape) -> [Int] {
    Panels.order(count: group, rows: productCount(x), columns: outputChannels / group, width: panel)
  }
}
