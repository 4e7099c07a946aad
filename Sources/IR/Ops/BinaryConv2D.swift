/// The convolution of bits X [N, H, W, Ci] with bits: sums i32 of products of +1 and -1. nnc's own operation, to which `Conv`
/// and products of bits with binary weights are lowered. The result is [N, OH, OW, Co].
///
/// With thresholds [Co], the result is bits: set where the largest sum of a window of the pool is not less than the threshold
/// of its channel; bits of channels whose flip is set are changed then. W is the tensor that `BitPanels` makes.
public struct BinaryConv2D: BinaryConvolution {
  public static let name = "BinaryConv2D"
  public static let operands: Signature = ["X", "W", "threshold?", "flip?"]
  public static let panel = 16

  public var outputChannels = 0
  public var kernelShape: [Int] = []
  public var strides: [Int] = []
  public var dilations: [Int] = []
  public var pads: [Int] = []
  public var padding = 0
  public var group = 1
  public var poolShape: [Int] = []
  public var poolStrides: [Int] = []

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    [try resultType(operands.first.shape, operands)]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first
    let sums = try sums(x.signs, x.shape, operands.required(1))
    if operands[2] == nil { return [Tensor(sums, shape: results[0].shape)] }
    return [try bits(sums, x.shape, operands, results[0])]
  }
}

extension Tensor {
  /// Bits as integers, +1 and -1.
  var signs: [Int32] { codes.map { $0 == 1 ? 1 : -1 } }
}
