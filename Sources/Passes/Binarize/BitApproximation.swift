/// Weights of one channel as sums of bits: each weight is one of the levels that the factors of the bits make.
struct BitChannel {
  /// For each weight, its bits: that of the first factor is the lowest.
  var codes: [UInt8]
  /// The factor of each bit.
  var scales: [Double]
  /// What is added to each weight.
  var offset = 0.0
  /// Whether all factors are the same.
  var isTernary = false

  /// The weight that each code stands for.
  var levels: [Double] {
    (0..<1 << scales.count).map { code in
      scales.indices.reduce(offset) { $0 + (code >> $1 & 1 == 1 ? scales[$1] : -scales[$1]) }
    }
  }

  /// The weights.
  var values: [Double] {
    let levels = levels
    return codes.map { levels[Int($0)] }
  }

  /// The codes in the order of their levels, one for each level.
  var sortedCodes: [(level: Double, code: UInt8)] {
    let all = levels.enumerated().map { (level: $1, code: UInt8($0)) }.sorted { $0.level < $1.level }
    return all.indices.filter { $0 == 0 || all[$0].level != all[$0 - 1].level }.map { all[$0] }
  }

  /// Gives each weight the nearest level.
  mutating func round(_ weights: [Double]) {
    let sorted = sortedCodes
    codes = weights.map { nearest($0, in: sorted).code }
  }
}

/// The level that is nearest to a number.
@inline(__always)
func nearest(_ value: Double, in levels: [(level: Double, code: UInt8)]) -> (level: Double, code: UInt8) {
  var best = levels[0]
  for candidate in levels.dropFirst() where abs(candidate.level - value) < abs(best.level - value) { best = candidate }
  return best
}

/// The approximations that need nothing but the weights of a channel.
extension BitChannel {
  /// The signs, times the mean magnitude.
  static func sign(_ weights: [Double]) -> BitChannel {
    let mean = weights.reduce(0) { $0 + $1.magnitude } / Double(max(weights.count, 1))
    return BitChannel(codes: weights.map { $0 >= 0 ? 1 : 0 }, scales: [mean])
  }

  /// The greater half and the lesser half, each of which becomes its mean.
  static func balanced(_ weights: [Double]) -> BitChannel {
    let order = weights.indices.sorted { (weights[$0], $0) < (weights[$1], $1) }
    var codes = [UInt8](repeating: 0, count: weights.count)
    for index in order[(order.count / 2)...] { codes[index] = 1 }
    func mean(_ code: UInt8) -> Double {
      let part = zip(weights, codes).filter { $0.1 == code }.map(\.0)
      return part.isEmpty ? 0 : part.reduce(0, +) / Double(part.count)
    }
    let (low, high) = weights.count < 2 ? (mean(1), mean(1)) : (mean(0), mean(1))
    return BitChannel(codes: codes, scales: [(high - low) / 2], offset: (high + low) / 2)
  }

  /// The largest magnitudes, as many as make the squared error least, become their mean, and the others 0.
  static func ternary(_ weights: [Double]) -> BitChannel {
    let order = weights.indices.sorted { (-weights[$0].magnitude, $0) < (-weights[$1].magnitude, $1) }
    var (sum, best) = (0.0, (gain: -1.0, count: 0, mean: 0.0))
    for (position, index) in order.enumerated() {
      sum += weights[index].magnitude
      let gain = sum * sum / Double(position + 1)
      if gain > best.gain { best = (gain, position + 1, sum / Double(position + 1)) }
    }
    var codes = [UInt8](repeating: 1, count: weights.count)
    for index in order.prefix(best.count) { codes[index] = weights[index] >= 0 ? 3 : 0 }
    return BitChannel(codes: codes, scales: [best.mean / 2, best.mean / 2], isTernary: true)
  }

  /// Each bit is the sign of what those before leave; then factors and codes are refined in turn.
  static func residual(_ weights: [Double], bits: Int) -> BitChannel {
    var channel = BitChannel(codes: [UInt8](repeating: 0, count: weights.count), scales: [])
    var rest = weights
    for bit in 0..<bits {
      let term = sign(rest)
      channel.scales += term.scales
      for index in rest.indices {
        channel.codes[index] |= term.codes[index] << UInt8(bit)
        rest[index] -= term.codes[index] == 1 ? term.scales[0] : -term.scales[0]
      }
    }
    guard bits > 1 else { return channel }
    var error = channel.squaredError(weights)
    for _ in 0..<8 {
      var refined = channel
      guard refined.fitScales(weights) else { break }
      refined.round(weights)
      let newError = refined.squaredError(weights)
      guard newError < error else { break }
      (channel, error) = (refined, newError)
    }
    return channel
  }

  /// The squared distance from some weights.
  func squaredError(_ weights: [Double]) -> Double {
    let levels = levels
    return zip(weights, codes).reduce(0) { sum, pair in
      let difference = pair.0 - levels[Int(pair.1)]
      return sum + difference * difference
    }
  }

  /// Sets the factors to those that make the squared error least; false where bits depend on each other.
  private mutating func fitScales(_ weights: [Double]) -> Bool {
    let count = scales.count
    var matrix = [Double](repeating: 0, count: count * count)
    var right = [Double](repeating: 0, count: count)
    for (weight, code) in zip(weights, codes) {
      let signs = (0..<count).map { code >> UInt8($0) & 1 == 1 ? 1.0 : -1.0 }
      for row in 0..<count {
        right[row] += signs[row] * weight
        for column in 0..<count { matrix[row * count + column] += signs[row] * signs[column] }
      }
    }
    guard let factor = CholeskyFactor(matrix, size: count) else { return false }
    scales = factor.solve(right)
    return true
  }
}
