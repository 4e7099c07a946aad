/// Takes weights out of a layer and lets the others make up for them on calibration data.
///
/// Each channel loses one weight after the other, that of which its results miss least, after the others have changed for the
/// last (OBC: Frantar and Alistarh 2022, section 4, which does what Optimal Brain Surgeon says). In layers where that would take
/// minutes the first such losses decide, and weights are made up for in their order (SparseGPT: Frantar and Alistarh 2023,
/// section 3). The bias, where there is one, makes up for weights too, and for what layers before have changed.
struct OptimalBrainSurgeon {
  let layer: ConstantLayer
  /// How many numbers of a channel may change: its weights, and its bias if it has one.
  let size: Int
  /// The sums of products of columns, with some added to the diagonal, so that columns that are nearly zero stay as they are.
  private let matrix: [Double]
  private let inverse: [Double]
  /// For each weight, how those behind it make up for it: the upper triangle of the inverse; empty where that is not used.
  private let sweeps: [Double]
  /// The weights and bias of each channel that serve best before any is taken out.
  private let starts: [[Double]]
  /// For each channel, the right sides of the equations for such weights.
  private let rights: [[Double]]

  /// Prepares a layer; nil where its data leave nothing to solve.
  ///
  /// - Parameter takesWeightsInOrder: Whether weights are taken in order also where there is time to choose each.
  init?(_ layer: ConstantLayer, _ statistics: GramStatistics, takesWeightsInOrder: Bool = false) {
    self.layer = layer
    size = layer.length + (layer.bias == nil ? 0 : 1)
    let (n, all) = (size, statistics.size)
    var matrix = (0..<n).flatMap { row in statistics.changed[row * all..<row * all + n] }
    let damping = Self.damping * (0..<layer.length).reduce(0) { $0 + matrix[$1 * n + $1] } / Double(layer.length)
    guard damping > 0 else { return nil }
    for index in 0..<n { matrix[index * n + index] += damping }
    guard let factor = CholeskyFactor(matrix, size: n) else { return nil }
    (self.matrix, inverse) = (matrix, factor.inverse)
    isExact = !takesWeightsInOrder && Double(n) * Double(n) * Double(n) * Double(layer.channelCount) <= Self.exactLimit
    let upper = isExact ? nil : CholeskyFactor(inverse, size: n)
    guard isExact || upper != nil else { return nil }
    sweeps = upper?.upperTriangle ?? []
    rights = (0..<layer.channelCount).map { channel in
      // Damping holds weights where they are.
      let own = layer.vector(of: channel)
      let right = multiply(statistics.target, own, all)
      return (0..<n).map { right[$0] + damping * own[$0] }
    }
    starts = rights.map { factor.solve($0) }
  }

  /// What is added to the diagonal, of its mean.
  private static let damping = 0.002

  /// How much work it may be to take the weights of a layer out one by one: for each channel, the cube of its weights.
  private static let exactLimit = 6e10

  /// Whether weights are taken out one by one.
  private let isExact: Bool

  /// For each weight, how much the results miss when it and all with less are taken out of its channel: scores for masks.
  ///
  /// - Parameter groups: The places of which at most two of four may go; nil where any may.
  func scores(groups: [[Int]]?) -> [Double] {
    (0..<layer.channelCount).flatMap { channel in
      isExact
        ? removals(channel, groups)
        : starts[channel].prefix(layer.length).enumerated().map { index, weight in
          weight * weight / inverse[index * size + index]
        }
    }
  }

  /// The losses of one channel. Each is at least that of the one before it, so that masks take weights in this order.
  private func removals(_ channel: Int, _ groups: [[Int]]?) -> [Double] {
    var losses = [Double](repeating: .infinity, count: layer.length)
    var removal = ChannelRemoval(starts[channel], inverse, size: size)
    var left = [Int](repeating: 2, count: groups?.count ?? 0)
    var groupOf = [Int](repeating: -1, count: layer.length)
    for (index, group) in (groups ?? []).enumerated() { for place in group { groupOf[place] = index } }
    var last = 0.0
    for _ in 0..<layer.length {
      guard
        let (place, loss) = removal.removeLeast(where: { place in
          place < layer.length && (groups == nil || (groupOf[place] >= 0 && left[groupOf[place]] > 0))
        })
      else { break }
      if groups != nil { left[groupOf[place]] -= 1 }
      last = max(last, loss)
      losses[place] = last
    }
    return losses
  }

  /// The weights, and the bias, of a channel of which some weights stay: those whose results are nearest to the model's.
  func fitted(_ mask: WeightMask, channel: Int) -> [Double] {
    guard isExact else { return swept(mask, channel: channel) }
    let first = channel * layer.length
    let kept = (0..<size).filter { $0 >= layer.length || mask.stays[first + $0] }
    let part = kept.flatMap { row in kept.map { matrix[row * size + $0] } }
    var result = [Double](repeating: 0, count: layer.length + 1)
    guard let factor = CholeskyFactor(part, size: kept.count) else {
      // Rounding has made the equations impossible: weights stay what they were.
      for place in kept { result[place] = layer.vector(of: channel)[place] }
      return result
    }
    for (place, value) in zip(kept, factor.solve(kept.map { rights[channel][$0] })) { result[place] = value }
    return result
  }

  /// The same where each weight that goes is made up for by those behind it.
  private func swept(_ mask: WeightMask, channel: Int) -> [Double] {
    var sweep = sweep(channel: channel)
    for place in 0..<layer.length where !mask.stays[channel * layer.length + place] { sweep.replace(place, by: 0) }
    return sweep.vector + [Double](repeating: 0, count: layer.length + 1 - size)
  }

  /// A channel with the weights that serve best before any is replaced. Weights must be taken in order.
  func sweep(channel: Int) -> ChannelSweep { ChannelSweep(starts[channel], sweeps) }
}

/// A channel whose weights are replaced one after the other, and made up for by those behind.
struct ChannelSweep {
  /// The weights, and the bias if there is one.
  private(set) var vector: [Double]
  private let sweeps: [Double]

  fileprivate init(_ vector: [Double], _ sweeps: [Double]) { (self.vector, self.sweeps) = (vector, sweeps) }

  /// Gives a weight another value; places come in their order.
  mutating func replace(_ place: Int, by value: Double) {
    let size = vector.count
    sweeps.withUnsafeBufferPointer { sweeps in
      let line = sweeps.baseAddress! + place * size
      let error = (vector[place] - value) / line[place]
      vector.withUnsafeMutableBufferPointer { vector in
        for other in place..<size { vector[other] -= error * line[other] }
      }
    }
    vector[place] = value
  }
}

/// A channel that loses weights one by one, with the inverse of the matrix of those that it has.
private struct ChannelRemoval {
  /// The places of the numbers that are left.
  private var places: [Int]
  private var vector: [Double]
  private var inverse: [Double]
  private var isLeft: [Bool]
  private var leftCount: Int

  init(_ vector: [Double], _ inverse: [Double], size: Int) {
    (self.vector, self.inverse) = (vector, inverse)
    places = Array(0..<size)
    isLeft = [Bool](repeating: true, count: size)
    leftCount = size
  }

  /// Removes the number that is missed least among some, and returns its place and how much it is missed.
  mutating func removeLeast(where isAllowed: (Int) -> Bool) -> (place: Int, loss: Double)? {
    let size = places.count
    var best: (index: Int, loss: Double)?
    for index in 0..<size where isLeft[index] && isAllowed(places[index]) {
      let loss = vector[index] * vector[index] / inverse[index * size + index]
      if loss < best?.loss ?? .infinity { best = (index, loss) }
    }
    guard let (index, loss) = best else { return nil }
    eliminate(index)
    let place = places[index]
    isLeft[index] = false
    leftCount -= 1
    if leftCount * 4 < size * 3 { compact() }
    return (place, loss)
  }

  /// Changes the others for the loss of one: a step of Gaussian elimination.
  private mutating func eliminate(_ index: Int) {
    let size = places.count
    let pivot = inverse[index * size + index]
    let share = vector[index] / pivot
    let row = Array(inverse[index * size..<(index + 1) * size])
    inverse.withUnsafeMutableBufferPointer { inverse in
      row.withUnsafeBufferPointer { row in
        for other in 0..<size where isLeft[other] && other != index && row[other] != 0 {
          let factor = row[other] / pivot
          let line = inverse.baseAddress! + other * size
          for column in 0..<size { line[column] -= factor * row[column] }
        }
      }
    }
    for other in 0..<size { vector[other] -= share * row[other] }
    vector[index] = 0
  }

  /// Leaves out what is removed.
  private mutating func compact() {
    let (size, kept) = (places.count, places.indices.filter { isLeft[$0] })
    inverse = kept.flatMap { row in kept.map { inverse[row * size + $0] } }
    vector = kept.map { vector[$0] }
    places = kept.map { places[$0] }
    isLeft = [Bool](repeating: true, count: kept.count)
  }
}
