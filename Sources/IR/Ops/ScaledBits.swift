/// Weights that are sums of bits, each times a factor of its channel: the sum of `scale[m, c] * bits[m, c, …]` over m. nnc's
/// own operation; layers that take the bits as they are fuse it. The result is [C, `shape`].
///
/// One bit for each weight makes binary weights (XNOR-Net, Rastegari et al. 2016), two with equal factors ternary ones, more
/// a residual binarization.
public struct ScaledBits: Operation {
  public static let name = "ScaledBits"
  public static let operands: Signature = ["bits", "scale"]

  /// The extents of the result behind that of the channels. The last axis of the bits, [M, C, n], has as many elements.
  public var shape: [Int] = []

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let (bits, scale) = (operands.first.type, operands.required(1))
    try require(
      bits.element == .bit && bits.shape.rank == 3, "bits should be of type bit[M x C x n], but are \(bits)")
    try require(scale.element == .f32, "scale has elements of type \(scale.element), but should have f32")
    try operands.requireShape(
      1, "scale", is: [bits.shape[0], bits.shape[1]], because: "there is a factor for each channel of each set of bits")
    try require(
      !shape.contains { $0 < 0 } && Shape(shape).elementCount == bits.shape[2],
      "shape is \(shape), which does not have the \(bits.shape[2]) elements of each channel")
    return [TensorType(.f32, Shape([bits.shape[1]] + shape))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (bits, scale) = (operands.first, operands.required(1).reals)
    let (terms, channels, length) = (bits.shape[0], bits.shape[1], bits.shape[2])
    var sums = [Double](repeating: 0, count: channels * length)
    let codes = bits.codes
    for term in 0..<terms {
      for index in sums.indices {
        let factor = scale[term * channels + index / length]
        sums[index] += codes[term * sums.count + index] == 1 ? factor : -factor
      }
    }
    return [Tensor(results[0], reals: sums)]
  }
}
