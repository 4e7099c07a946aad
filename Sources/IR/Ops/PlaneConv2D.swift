/// The same as `BinaryConv2D` with thresholds and steps of 1, on planes: the pixels of an image, of extents `image_shape`,
/// are one row of bits for each channel. nnc's own operation, chosen where adding bits of many pixels at once takes fewer
/// instructions than counting bits of many channels. X is [N, Ci, H * W]; the result is [N, Co, OH * OW].
///
/// Padding that is 0 is not supported. `lanes` is how many pixels C adds at once at most, for which it needs memory. W is the
/// tensor that `BitPanels` makes, a panel for each channel. A tree, the tensor of a `ChannelTree`, is the order in which C
/// computes channels from each other; results do not depend on it.
public struct PlaneConv2D: BinaryConvolution {
  public static let name = "PlaneConv2D"
  public static let operands: Signature = ["X", "W", "threshold", "flip?", "tree?"]
  public static let panel = 1

  /// The extents of the image: rows, columns.
  public var imageShape: [Int] = []
  public var outputChannels = 0
  public var kernelShape: [Int] = []
  public var dilations: [Int] = []
  public var pads: [Int] = []
  public var padding = -1
  public var poolShape: [Int] = []
  public var poolStrides: [Int] = []
  /// The most pixels that are added at once.
  public var lanes = 128

  public init() {}

  public var strides: [Int] { [] }
  public var group: Int { 1 }

  private enum CodingKeys: CodingKey {
    case imageShape, outputChannels, kernelShape, dilations, pads, padding, poolShape, poolStrides, lanes
  }

  /// How many chunks of so many pixels C works on together, for which it finds out once which weights are set.
  public static func chunksAtOnce(lanes: Int) -> Int { lanes == 32 ? 4 : lanes <= 128 ? 3 : 2 }

  /// The shape of X with its channels last.
  public func pixels(_ x: Shape) -> Shape { Shape([x[0]] + imageShape + [x[1]]) }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let x = operands.first.shape
    try require(
      x.rank == 3 && imageShape.count == 2 && !imageShape.contains { $0 < 1 } && x[2] == Shape(imageShape).elementCount,
      "X has shape [\(x)], but should have [N, C, H * W], where image_shape \(imageShape) is [H, W]")
    try require([32, 64, 128, 256, 512].contains(lanes), "lanes is \(lanes), but should be 32, 64, 128, 256 or 512")
    try require(padding != 0 || !pads.contains { $0 > 0 }, "padding is 0, but should be -1 or 1")
    let result = try resultType(pixels(x), operands).shape
    if let tree = try tree(operands), let weights = try operands.required(1).known() {
      try tree.requireWeights(weights, panels(pixels(x)))
    }
    return [TensorType(.bit, [result[0], result[3], result[1] * result[2]])]
  }

  /// The order of channels, where there is one.
  public func tree(_ operands: Operands<Operand>) throws -> ChannelTree? {
    guard let tree = operands[4] else { return nil }
    try require(
      (tree.element == .i16 || tree.element == .u8) && tree.shape.rank == 1,
      "tree has type \(tree.type), but should be a list of i16 or u8")
    return try ChannelTree(tree.requireKnown("tree"), channels: outputChannels)
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, y) = (operands.first.swappingLastAxes, results[0].shape)
    let shape = pixels(operands.first.shape)
    let sums = try sums(x.signs, shape, operands.required(1))
    return [try bits(sums, shape, operands, TensorType(.bit, [y[0], y[2], y[1]])).swappingLastAxes]
  }
}
