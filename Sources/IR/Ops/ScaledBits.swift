/// Weights that are sums of bits, each times a factor of its channel: the sum of `scale[m, c] * bits[m, c, …]` over m, plus
/// `offset[c]`. nnc's own operation; layers that take the bits as they are fuse it. The result is [C, `shape`].
///
/// One bit for each weight makes binary weights (XNOR-Net, Rastegari et al. 2016), two with equal factors ternary ones, more
/// a residual binarization.
public struct ScaledBits: Operation {
  public static let name = "ScaledBits"
  public static let operands: Signature = ["bits", "scale", "offset?"]

  /// The extents of the result behind that of the channels. The last axis of the bits, [M, C, n], has as many elements.
  public var shape: [Int] = []

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let bits = operands.first.type
    try BitWeights.check(operands, first: 0)
    try require(
      !shape.contains { $0 < 0 } && Shape(shape).elementCount == bits.shape[2],
      "shape is \(shape), which does not have the \(bits.shape[2]) elements of each channel")
    return [TensorType(.f32, Shape([bits.shape[1]] + shape))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    [Tensor(results[0], reals: BitWeights(operands, first: 0).expanded)]
  }
}

/// What bits, factors and offsets stand for.
struct BitWeights {
  /// How many bits a weight has, how many channels there are, and how many weights a channel.
  let terms: Int, channels: Int, length: Int
  private let codes: [UInt8]
  private let scale: [Double]
  private let offset: [Double]?

  /// Reads bits and factors, which are the operands from `first` on, and offsets.
  init(_ operands: Operands<Tensor>, first: Int, offset place: Int? = nil) {
    let bits = operands.required(first)
    (terms, channels, length) = (bits.shape[0], bits.shape[1], bits.shape[2])
    codes = bits.codes
    scale = operands.required(first + 1).reals
    offset = operands[place ?? first + 2]?.reals
  }

  /// Throws unless the operands from `first` on are bits [M, C, n] and factors [M, C], and those at `offset` offsets [C].
  static func check(_ operands: Operands<Operand>, first: Int, offset: Int? = nil) throws(Diagnostic) {
    let (bits, scale) = (operands.required(first).type, operands.required(first + 1).type)
    try require(
      bits.element == .bit && bits.shape.rank == 3, "bits should be of type bit[M x C x n], but are \(bits)")
    try require(scale.element == .f32, "scale has elements of type \(scale.element), but should have f32")
    try operands.requireShape(
      first + 1, "scale", is: [bits.shape[0], bits.shape[1]],
      because: "there is a factor for each channel of each set of bits")
    let place = offset ?? first + 2
    guard let type = operands[place]?.type else { return }
    try require(type.element == .f32, "offset has elements of type \(type.element), but should have f32")
    try operands.requireShape(place, "offset", is: [bits.shape[1]], because: "there is one for each channel")
  }

  /// The weights [C, n].
  var expanded: [Double] {
    var sums = [Double](repeating: 0, count: channels * length)
    for term in 0..<terms {
      for index in sums.indices {
        let factor = scale[term * channels + index / length]
        sums[index] += codes[term * sums.count + index] == 1 ? factor : -factor
      }
    }
    guard let offset else { return sums }
    return sums.enumerated().map { $1 + offset[$0 / length] }
  }

  /// The weights [n, C].
  var expandedByColumn: [Double] { expanded.transposed(count: 1, rows: channels, columns: length) }
}
