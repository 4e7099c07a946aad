import IR

/// Weights of a layer that takes fewer channels, with which its results are nearest to what they should be on calibration data:
/// least squares over the columns that are left, and the bias (He et al. 2017, section 3.1; ThiNet, Luo et al. 2017, section
/// 3.2.3).
struct ConsumerFit {
  /// For each channel that is left, its weights and its bias, or 0.
  let vectors: [[Double]]

  /// What is added to the diagonal, of its mean, so that weights without data stay as they are.
  private static let damping = 0.002

  /// Fits weights to the results of the model; nil where the data leave nothing to solve.
  ///
  /// - Parameter statistics: Sums over the data of the model.
  /// - Parameter rows: The channels of the results that are left.
  /// - Parameter columns: The weights of a channel that are left.
  init?(_ layer: ConstantLayer, _ statistics: GramStatistics, rows: [Int], columns: [Int]) {
    let places = columns + (layer.bias == nil ? [] : [layer.length])
    self.init(
      statistics, places, weightCount: columns.count,
      rows.map { row in
        let own = layer.vector(of: row)
        let right = multiply(statistics.target, own, statistics.size)
        return (right: places.map { right[$0] }, own: places.map { own[$0] })
      })
  }

  /// Fits all weights of a layer; nil where the data leave nothing to solve.
  ///
  /// - Parameter statistics: Sums over rows of the data, behind which lie what the results should be.
  init?(_ layer: ConstantLayer, targets statistics: GramStatistics) {
    let (length, size) = (layer.length, statistics.size)
    let places = Array(0..<length) + (layer.bias == nil ? [] : [size - 1])
    self.init(
      statistics, places, weightCount: length,
      (0..<layer.channelCount).map { channel in
        let right = places.map { statistics.changed[$0 * size + length + channel] }
        return (right: right, own: Array(layer.vector(of: channel).prefix(places.count)))
      })
  }

  /// - Parameter places: The columns of the sums for weights, and for the bias if there is one.
  /// - Parameter channels: For each, the sums of products with what its results should be, and what its weights were.
  private init?(
    _ statistics: GramStatistics, _ places: [Int], weightCount: Int, _ channels: [(right: [Double], own: [Double])]
  ) {
    let (size, all) = (places.count, statistics.size)
    var matrix = places.flatMap { row in places.map { statistics.changed[row * all + $0] } }
    let trace = (0..<weightCount).reduce(0) { $0 + matrix[$1 * size + $1] }
    let damping = Self.damping * trace / Double(weightCount)
    guard damping > 0 else { return nil }
    for index in 0..<size { matrix[index * size + index] += damping }
    guard let factor = CholeskyFactor(matrix, size: size) else { return nil }
    vectors = channels.map { channel in
      let solution = factor.solve(zip(channel.right, channel.own).map { $0 + damping * $1 })
      return solution + [Double](repeating: 0, count: weightCount + 1 - size)
    }
  }
}

extension [ConsumerFit] {
  /// The weights and the bias of all parts of a layer as operands of its node, by their number there; none where they cannot
  /// be written so.
  ///
  /// - Parameter columnShape: The extents of the weights of a channel.
  func operands(of node: Node, columnShape: [Int]) -> [Int: Tensor] {
    if let gemm = node.op as? Gemm, gemm.alpha != 1 || gemm.beta != 1 { return [:] }
    let vectors = flatMap(\.vectors)
    var operands = [1: ConstantLayer.weights(vectors, of: node.op, shape: columnShape)]
    if node.inputs.count > 2, node.inputs[2] != nil { operands[2] = ConstantLayer.bias(vectors) }
    return operands
  }
}
