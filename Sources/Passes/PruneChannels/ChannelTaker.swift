import IR

/// A layer that loses channels of its data one by one, while its other weights make up for them (Optimal Brain Surgeon by
/// blocks: OBC, Frantar and Alistarh 2022, section 4; as in ZipLM, Kurtic et al. 2023, section 3.1).
struct ChannelTaker {
  /// For each channel of the data, its weights: places in a row.
  private var columns: [Int: [Int]] = [:]
  /// The weights that are left, a row for each channel of the results, with the bias behind them if there is one.
  private var weights: [Double]
  /// The inverse of the sums of products of columns; empty where there are too many to make it.
  private var inverse: [Double]
  /// For each weight, the sum of squares of what it is multiplied with.
  private let squares: [Double]
  private let size: Int, rowCount: Int
  /// The sum of the squares of all results.
  private let energy: Double

  /// The most weights of a row for which others make up.
  private static let maximumSize = 1024

  /// - Parameter inputs: The channels of the data.
  init(_ entry: LayerStatistics.Entry, _ inputs: [Int]) {
    let (layer, statistics) = (entry.layer, entry.statistics)
    for (place, channel) in layer.columns(inputs).enumerated() { columns[channel, default: []].append(place) }
    let (size, all) = (layer.length + (layer.bias == nil ? 0 : 1), statistics.size)
    (self.size, rowCount, energy) = (size, layer.channelCount, max(entry.energy, .leastNormalMagnitude))
    weights = (0..<rowCount).flatMap { layer.vector(of: $0).prefix(size) }
    squares = (0..<size).map { statistics.changed[$0 * all + $0] }
    inverse = []
    guard size <= Self.maximumSize else { return }
    var matrix = (0..<size).flatMap { row in statistics.changed[row * all..<row * all + size] }
    let damping = 0.002 * squares.prefix(layer.length).reduce(0, +) / Double(layer.length)
    for index in 0..<size { matrix[index * size + index] += damping }
    inverse = CholeskyFactor(matrix, size: size)?.inverse ?? []
  }

  /// What a channel adds to the results, relative to all of them, if columns had nothing to do with each other.
  func addition(_ channel: Int) -> Double {
    var sum = 0.0
    for place in columns[channel] ?? [] {
      for row in 0..<rowCount {
        let weight = weights[row * size + place]
        sum += weight * weight * squares[place]
      }
    }
    return sum / energy
  }

  /// What the results miss without a channel when all weights that are left make up for it, relative to all results.
  func loss(_ channel: Int) -> Double {
    guard !inverse.isEmpty, let places = columns[channel], let factor = factor(places) else { return addition(channel) }
    var sum = 0.0
    for row in 0..<rowCount {
      let own = places.map { weights[row * size + $0] }
      sum += dot(own, factor.solve(own))
    }
    return sum / energy
  }

  /// Removes a channel.
  mutating func remove(_ channel: Int) {
    guard let places = columns[channel] else { return }
    if !inverse.isEmpty, let factor = factor(places) { eliminate(places, factor) }
    for row in 0..<rowCount { for place in places { weights[row * size + place] = 0 } }
  }

  /// The part of the inverse that belongs to some columns.
  private func factor(_ places: [Int]) -> CholeskyFactor? {
    CholeskyFactor(places.flatMap { row in places.map { inverse[row * size + $0] } }, size: places.count)
  }

  /// Lets other weights make up for those at some places, and takes these out of the inverse: a step of Gaussian
  /// elimination by blocks.
  private mutating func eliminate(_ places: [Int], _ factor: CholeskyFactor) {
    let lines = places.map { Array(inverse[$0 * size..<($0 + 1) * size]) }
    for row in 0..<rowCount {
      let shares = factor.solve(places.map { weights[row * size + $0] })
      for (share, line) in zip(shares, lines) { subtract(share, line, from: row * size, of: &weights) }
    }
    for row in 0..<size {
      let shares = factor.solve(lines.map { $0[row] })
      for (share, line) in zip(shares, lines) { subtract(share, line, from: row * size, of: &inverse) }
    }
    // What rounding has left of them.
    for place in places { for other in 0..<size { inverse[place * size + other] = place == other ? 1 : 0 } }
    for row in 0..<size { for place in places where row != place { inverse[row * size + place] = 0 } }
  }

  private func subtract(_ share: Double, _ line: [Double], from start: Int, of numbers: inout [Double]) {
    if share == 0 { return }
    for index in 0..<size { numbers[start + index] -= share * line[index] }
  }
}
