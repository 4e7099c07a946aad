/// How the windows of a fused pool are reduced.
public enum PoolKind: String, CaseIterable, Codable, Hashable, Sendable {
  /// There is no pool.
  case none
  /// To their largest element.
  case max
  /// To their mean.
  case average
}

/// A convolution of data [N, H, W, C]. nnc's own.
public protocol ChannelsLastConvolution: Operation {
  /// The extents of the kernel: rows, columns.
  var kernelShape: [Int] { get }
  /// The distances between windows; 1 where empty.
  var strides: [Int] { get }
  /// The distances between taps; 1 where empty.
  var dilations: [Int] { get }
  /// Padding: top, left, bottom, right; 0 where empty.
  var pads: [Int] { get }
}

extension ChannelsLastConvolution {
  /// The geometry of the convolution for X of the given shape.
  public func window(_ x: Shape) throws(Diagnostic) -> Window {
    try require(x.rank == 4, "X should have axes [N, H, W, C], but has shape [\(x)]")
    return try Window(input: x[1..<3], kernel: kernelShape, strides: strides, dilations: dilations, pads: pads)
  }
}

/// A convolution of data [N, H, W, C] that applies bias, activation and a pool before it stores its result.
public protocol FusedConvolution: ChannelsLastConvolution, ActivatingOperation {
  /// The pool after the activation.
  var pool: PoolKind { get set }
  /// The extents of the windows of the pool, which lie wholly inside the result of the convolution.
  var poolShape: [Int] { get set }
  /// The distances between the windows of the pool, which do not overlap; `poolShape` where empty.
  var poolStrides: [Int] { get set }
  /// How many channels the result has, for X of the given shape.
  func channelCount(_ x: Shape) -> Int
  /// The sums plus the bias, channels innermost.
  func biasedSums(_ operands: Operands<Tensor>) throws -> [Double]
}

extension FusedConvolution {
  /// The geometry of the pool after a convolution of the given geometry; nil where there is no pool.
  public func poolWindow(_ window: Window) throws(Diagnostic) -> Window? {
    if pool == .none {
      try require(poolShape.isEmpty && poolStrides.isEmpty, "has pool_shape or pool_strides, but pool is none")
      return nil
    }
    let strides = poolStrides.isEmpty ? poolShape : poolStrides
    return try .inside(window.outputShape, shape: poolShape, strides: strides)
  }

  /// The type of the result for X of the given type.
  func resultType(_ x: TensorType, channels: Int) throws(Diagnostic) -> TensorType {
    try activation.check(alpha: alpha, beta: beta)
    let window = try window(x.shape)
    let spatial = try poolWindow(window)?.outputShape ?? window.outputShape
    return TensorType(x.element, Shape([x.shape[0]] + spatial + [channels]))
  }

  public func imageCount(_ x: Shape) -> Int { x[0] }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first.shape
    let sums = try biasedSums(operands).map { activation($0, alpha: Double(alpha), beta: Double(beta)) }
    guard let pooled = try poolWindow(window(x)) else { return [Tensor(results[0], reals: sums)] }
    return [Tensor(results[0], reals: pooled.reduceChannelsLast(sums, channels: channelCount(x), pool))]
  }
}

extension Window {
  /// Reduces each window of data [N, elements, channels], which are the taps that lie in the data.
  ///
  /// - Parameter counts: For each window, the number by which the sum is divided; how many taps there are by default.
  func reduceChannelsLast(_ data: [Double], channels: Int, _ kind: PoolKind, counts: [Int]? = nil) -> [Double] {
    let (positions, elements) = (outputCount, inputCount)
    let batch = data.isEmpty ? 0 : data.count / (elements * channels)
    var results = [Double](repeating: 0, count: batch * positions * channels)
    guard !results.isEmpty else { return results }
    forEachPosition { position, taps in
      let inside = taps.filter { $0 >= 0 }
      for sample in 0..<batch {
        for channel in 0..<channels {
          let values = inside.lazy.map { data[(sample * elements + $0) * channels + channel] }
          let first = values.first!
          results[(sample * positions + position) * channels + channel] =
            kind == .max
            ? values.reduce(first) { $1 > $0 ? $1 : $0 }
            : values.reduce(0, +) / Double(counts?[position] ?? inside.count)
        }
      }
    }
    return results
  }
}
