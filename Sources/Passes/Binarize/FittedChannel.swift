/// Weights of a channel as sums of bits, with the bias that goes with them, fitted to calibration data.
struct FittedChannel {
  var channel: BitChannel
  var bias: Double

  /// The weights and the bias behind them.
  var vector: [Double] { channel.values + [bias] }

  /// Sets the factors, the offset if there is one, and the bias to those that make the squared error least.
  ///
  /// - Returns: False where the bits do not determine them; nothing is changed then.
  mutating func fit(to objective: ChannelObjective) -> Bool {
    let features = features(objective.size)
    let products = features.map(objective.product)
    let count = features.count
    var matrix = [Double](repeating: 0, count: count * count)
    var right = [Double](repeating: 0, count: count)
    for row in 0..<count {
      right[row] = dot(features[row], objective.right)
      for column in 0..<count { matrix[row * count + column] = dot(features[row], products[column]) }
    }
    guard let factor = CholeskyFactor(matrix, size: count) else { return false }
    let solution = factor.solve(right)
    bias = solution[count - 1]
    if channel.isTernary {
      channel.scales = [solution[0], solution[0]]
    } else {
      channel.scales = Array(solution[..<channel.scales.count])
    }
    if channel.offset != 0 { channel.offset = solution[count - 2] }
    return true
  }

  /// What the results are sums of: the bits of each factor, all data for the offset, and 1 for the bias.
  private func features(_ size: Int) -> [[Double]] {
    let bits = channel.scales.indices.map { bit in
      channel.codes.map { $0 >> UInt8(bit) & 1 == 1 ? 1.0 : -1.0 } + [0]
    }
    var features = channel.isTernary ? [zip(bits[0], bits[1]).map(+)] : bits
    if channel.offset != 0 { features.append([Double](repeating: 1, count: size - 1) + [0]) }
    features.append([Double](repeating: 0, count: size - 1) + [1])
    return features
  }
}

/// The sum of the products of elements.
func dot(_ a: [Double], _ b: [Double]) -> Double {
  var sum = 0.0
  for index in a.indices { sum += a[index] * b[index] }
  return sum
}

/// How codes are chosen by their effect on calibration data.
struct CodeSearch {
  /// The sums of the changed data with themselves, and with the data of the model.
  let matrix: [Double], target: [Double]
  /// How many columns they have, and how many of those are weights.
  let size: Int, length: Int

  /// Creates a search over the sums of a layer. Where the bias is free, it takes the mean out of the data.
  init(_ statistics: GramStatistics, hasFreeBias: Bool) {
    (size, length) = (statistics.size, statistics.size - 1)
    let size = statistics.size
    var sums = (matrix: statistics.changed, target: statistics.target)
    if hasFreeBias { sums = (Self.centred(sums.matrix, size), Self.centred(sums.target, size)) }
    // As if the data had some noise more, so that codes are not fitted to what these samples have by chance.
    let variances = (0..<size - 1).map { sums.matrix[$0 * size + $0] }
    let noise = Self.noise * variances.reduce(0, +) / Double(max(1, variances.count))
    for index in variances.indices {
      sums.matrix[index * size + index] += noise
      sums.target[index * size + index] += noise
    }
    (matrix, target) = sums
  }

  /// The variance of the noise, relative to the mean variance of the columns.
  private static let noise = 0.01

  /// The sums of products of columns from each of which its mean is taken.
  private static func centred(_ sums: [Double], _ size: Int) -> [Double] {
    let count = sums[size * size - 1]
    guard count > 0 else { return sums }
    var result = sums
    for row in 0..<size {
      let mean = sums[row * size + size - 1] / count
      for column in 0..<size { result[row * size + column] -= mean * sums[(size - 1) * size + column] }
    }
    return result
  }

  /// Chooses codes one after the other, each so that it undoes the error of those before on the data as far as it can:
  /// greedy path following (Zhang, Zhou, Saab 2022).
  func followPath(_ weights: [Double], _ channel: BitChannel) -> [UInt8] {
    let levels = channel.sortedCodes
    var codes = channel.codes
    var values = [Double](repeating: 0, count: length)
    for column in 0..<length {
      let start = column * size
      var wanted = target[start + column] * weights[column]
      for before in 0..<column {
        wanted += target[start + before] * weights[before] - matrix[start + before] * values[before]
      }
      let scale = matrix[start + column]
      let choice = nearest(scale > 0 ? wanted / scale : weights[column], in: levels)
      (codes[column], values[column]) = (choice.code, choice.level)
    }
    return codes
  }

  /// Changes codes one at a time where that makes the error less, in a few rounds over all of them.
  ///
  /// - Parameter right: What the target asks for: `target` times the weights.
  func descend(_ channel: inout BitChannel, right: [Double], rounds: Int) {
    let levels = channel.sortedCodes
    var values = channel.values
    var gradient = multiply(matrix, values + [0], size)
    for index in 0..<length { gradient[index] -= right[index] }
    for _ in 0..<rounds {
      var isChanged = false
      for column in 0..<length {
        let scale = matrix[column * size + column]
        guard scale > 0 else { continue }
        let choice = nearest(values[column] - gradient[column] / scale, in: levels)
        let change = choice.level - values[column]
        guard change != 0 else { continue }
        isChanged = true
        (channel.codes[column], values[column]) = (choice.code, choice.level)
        add(change, column, to: &gradient)
      }
      if !isChanged { break }
    }
  }

  /// gradient += change * a column of the matrix, which is symmetric.
  private func add(_ change: Double, _ column: Int, to gradient: inout [Double]) {
    matrix.withUnsafeBufferPointer { matrix in
      gradient.withUnsafeMutableBufferPointer { gradient in
        let line = matrix.baseAddress! + column * size
        for index in 0..<length { gradient[index] += change * line[index] }
      }
    }
  }
}
