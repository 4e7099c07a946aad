/// The convolution of X [N, H, W, Ci] with windows of 3x3 elements, one element apart, by products of transformed tiles, plus a bias B
/// [Co] and data Z of the shape of the result, then an activation and a pool, of which there is none with Z. nnc's own operation,
/// by which a `Conv2D` is computed where that is faster. The result is [N, OH, OW, Co].
///
/// W is the 1-D tensor that `transform(_:of:)` makes: [Co / panel][36][Ci][panel]. Ci and Co are multiples of the panel.
/// `WinogradTransform` tells how it computes; what is rounded on the way makes errors up to ten times as large as those of `Conv2D`.
public struct WinogradConv2D: FusedConvolution {
  public static let name = "WinogradConv2D"
  public static let operands: Signature = ["X", "W", "B?", "Z?"]

  /// The number of channels of the result.
  public var outputChannels = 0
  /// How many channels kernels compute side by side.
  public var panel = Self.leastPanel
  public var pads: [Int] = []
  public var activation = Activation.none
  public var alpha: Float = 0
  public var beta: Float = 0
  public var pool = PoolKind.none
  public var poolShape: [Int] = []
  public var poolStrides: [Int] = []

  public var kernelShape: [Int] { [WinogradTransform.kernel, WinogradTransform.kernel] }
  public var strides: [Int] { [] }
  public var dilations: [Int] { [] }

  /// How many channels kernels compute side by side at least, and how many tiles at a time at most.
  public static let (leastPanel, tilesAtOnce) = (8, 8)

  public init() {}

  /// Creates the operation that computes what `convolution` does; nil where there is none.
  public init?(_ convolution: Conv2D, _ x: Shape) {
    let isPlain = (convolution.strides + convolution.dilations + [convolution.group]).allSatisfy { $0 == 1 }
    let channels = [x[3], convolution.outputChannels]
    guard convolution.kernelShape == kernelShape, isPlain, x[3] > 0,
      channels.allSatisfy({ $0.isMultiple(of: Self.leastPanel) }),
      convolution.poolStrides.isEmpty || convolution.poolStrides == convolution.poolShape
    else { return nil }
    let isWide = convolution.panel > Self.leastPanel && channels.allSatisfy { $0.isMultiple(of: convolution.panel) }
    panel = isWide ? convolution.panel : Self.leastPanel
    (outputChannels, pads, pool) = (convolution.outputChannels, convolution.pads, convolution.pool)
    (poolShape, poolStrides) = (convolution.poolShape, convolution.poolStrides)
    (activation, alpha, beta) = (convolution.activation, convolution.alpha, convolution.beta)
  }

  /// Returns the weights of the convolution that this computes, as packed for X of the given shape, transformed and in the order in
  /// which the operation takes them.
  public func transform(_ packed: Tensor, of convolution: Conv2D, _ x: Shape) -> Tensor {
    let (inputs, outputs) = (x[3], convolution.outputChannels)
    let taps = WinogradTransform.kernel * WinogradTransform.kernel
    let rows = Panels.unpack(packed.reals, convolution.panelOrder(x))  // [tap][input][output]
    var result = [Float](repeating: 0, count: WinogradTransform.places * inputs * outputs)
    for output in 0..<outputs {
      for input in 0..<inputs {
        let kernel = (0..<taps).map { rows[($0 * inputs + input) * outputs + output] }
        for (place, weight) in WinogradTransform.apply(WinogradTransform.ofKernel, to: kernel).enumerated() {
          result[index(place, input, output, inputs: inputs)] = Float(weight)
        }
      }
    }
    return Tensor(result, shape: [result.count])
  }

  /// Where the weight of an input and an output at a place of the transformed tile lies.
  private func index(_ place: Int, _ input: Int, _ output: Int, inputs: Int) -> Int {
    ((output / panel * WinogradTransform.places + place) * inputs + input) * panel + output % panel
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let element = try operands.commonElement()
    try require(element == .f32, "is not defined for elements of type \(element)")
    let result = try resultType(operands.first.type, channels: outputChannels)
    let channels = operands.first.shape[3]
    try require(panel >= 1, "panel is \(panel), but should be at least 1")
    try require(
      outputChannels >= 1 && [channels, outputChannels].allSatisfy { $0.isMultiple(of: panel) },
      "\(channels) channels are made into \(outputChannels), but both numbers should be multiples of \(panel)")
    let count = Shape([WinogradTransform.places, channels, outputChannels]).elementCount
    try operands.requireShape(
      1, "W", is: [count],
      because: "for each of \(channels) times \(outputChannels) channels there are \(WinogradTransform.places) weights")
    try operands.requireShape(2, "B", is: [outputChannels], because: "output_channels is \(outputChannels)")
    try require(
      poolStrides.isEmpty || poolStrides == poolShape,
      "pool_strides is \(poolStrides), but windows should lie side by side, as pool_shape \(poolShape) says")
    if operands[3] != nil {
      try operands.requireShape(3, "Z", is: result.shape, because: "it is added to the sums")
      try require(pool == .none, "Z is added to each sum, but pool is \(pool)")
    }
    return [result]
  }

  public func channelCount(_ x: Shape) -> Int { outputChannels }

  /// How many tiles of the result the sums of an image have, from above and from the left.
  public func tiles(_ x: Shape) throws(Diagnostic) -> (rows: Int, columns: Int) {
    let sums = try window(x).outputShape.map { ($0 + WinogradTransform.result - 1) / WinogradTransform.result }
    return (sums[0], sums[1])
  }

  public func biasedSums(_ operands: Operands<Tensor>) throws -> [Double] {
    let (x, bias, addend) = (operands.first.shape, operands[2]?.reals, operands[3]?.reals)
    let (axes, tiles) = (try window(x).axes, try tiles(x))
    let (data, weights, size) = (operands.first.reals, operands.required(1).reals, WinogradTransform.result)
    var sums = [Double](repeating: 0, count: x[0] * axes[0].output * axes[1].output * outputChannels)
    for tile in 0..<x[0] * tiles.rows * tiles.columns {
      let image = tile / (tiles.rows * tiles.columns)
      let (top, left) = (tile / tiles.columns % tiles.rows * size, tile % tiles.columns * size)
      let results = self.tile(
        data, weights, x, image: image, row: axes[0].start(of: top), column: axes[1].start(of: left))
      for row in top..<min(top + size, axes[0].output) {
        for column in left..<min(left + size, axes[1].output) {
          let first = ((image * axes[0].output + row) * axes[1].output + column) * outputChannels
          for channel in 0..<outputChannels {
            let sum = results[channel][(row - top) * size + column - left]
            sums[first + channel] = sum + (bias?[channel] ?? 0) + (addend?[first + channel] ?? 0)
          }
        }
      }
    }
    return sums
  }

  /// The tile of the result, for each channel, of the tile of the data whose corner is given.
  private func tile(_ data: [Double], _ weights: [Double], _ x: Shape, image: Int, row: Int, column: Int) -> [[Double]]
  {
    let (inputs, size) = (x[3], WinogradTransform.data)
    let transformed = (0..<inputs).map { channel in
      WinogradTransform.apply(
        WinogradTransform.ofData,
        to: (0..<WinogradTransform.places).map { place in
          let (y, x1) = (row + place / size, column + place % size)
          guard (0..<x[1]).contains(y), (0..<x[2]).contains(x1) else { return 0 }
          return data[((image * x[1] + y) * x[2] + x1) * inputs + channel]
        })
    }
    return (0..<outputChannels).map { output in
      let sums = (0..<WinogradTransform.places).map { place in
        (0..<inputs).reduce(0) {
          $0 + transformed[$1][place] * weights[index(place, $1, output, inputs: inputs)]
        }
      }
      return WinogradTransform.apply(WinogradTransform.ofSums, to: sums)
    }
  }
}
