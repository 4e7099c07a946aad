/// Weights of a layer that are inverted so that its channels lie nearer together, and the thresholds that then serve best.
///
/// A channel is computed from its parent in the tree by the weights in which they differ. Of those, the ones matter least that,
/// together, move the sum least about its mean on samples of the data: the mean is for the threshold. They are found one after
/// the other, each with the least increase of the variance by those before, of which it undoes some where they are correlated.
/// As many are inverted as the budget of changed results allows.
struct LayerFlips {
  /// The rows after the changes.
  private(set) var graph: ChannelGraph
  /// The threshold of each channel.
  private(set) var thresholds: [Int]
  /// The share of results that are not those of the model, with the weights of the model and with the new ones.
  private(set) var errors = (before: 0.0, after: 0.0)
  /// How many weights are inverted.
  private(set) var flipCount = 0

  /// What is known of the layer from samples.
  struct Evidence {
    /// Covariances of the data that the layer takes, as it is after layers before were changed.
    let covariances: [Float]
    /// The same of that data with what it has become more than the model has it.
    let drift: [Float]
    /// Rows of such data for which results are compared.
    let rows: BitSamples
    /// For each channel, the results of the model for these rows: whether bits are set.
    let targets: [[Bool]]
  }

  private let evidence: Evidence
  private let budget: Double
  private let originalRows: ChannelGraph
  private let originalThresholds: [Int]
  private var channelErrors: [(before: Int, after: Int)]

  /// Moves the channels of a layer towards their parents.
  ///
  /// - Parameter budget: How many results of a channel may change, as a share of those that are set or those that are clear,
  ///   whichever are fewer.
  init(_ rows: ChannelGraph, thresholds: [Int], _ evidence: Evidence, budget: Double) {
    (originalRows, originalThresholds, self.evidence, self.budget) = (rows, thresholds, evidence, budget)
    (graph, self.thresholds) = (rows, thresholds)
    channelErrors = Array(repeating: (0, 0), count: rows.channelCount)
    // The second time by the tree of the rows that have been found, in which channels have other parents.
    for _ in 0..<2 {
      let tree = SpanningTree(count: graph.count, distance: graph.distance)
      let children = tree.children
      flipCount = 0
      var rows = children[0].map { ($0, [UInt64](repeating: 0, count: evidence.rows.wordCount)) }
      while let (row, parent) = rows.popLast() {
        let new = flipped(row, towards: parent)
        graph.replace(row, by: new)
        rows += children[row].map { ($0, new) }
      }
      graph.measure()
    }
    let count = Double(evidence.rows.rows.count * rows.channelCount)
    errors.before = Double(channelErrors.reduce(0) { $0 + $1.before }) / count
    errors.after = Double(channelErrors.reduce(0) { $0 + $1.after }) / count
  }

  /// The weights of a row after as many have become those of its parent, or their opposite, as the budget allows.
  private mutating func flipped(_ row: Int, towards parent: [UInt64]) -> [UInt64] {
    let weights = originalRows.weights(of: row)
    let order = flipOrder(weights, differingFrom: parent)
    let (targets, original) = (evidence.targets[row - 1], originalThresholds[row - 1])
    func fit(_ count: Int) -> (row: [UInt64], threshold: Int, errors: Int) {
      var changed = weights
      for place in order[..<count] { changed[place / 64] ^= 1 << UInt64(place % 64) }
      let (threshold, errors) = Self.bestThreshold(
        evidence.rows.sums(changed), targets, evidence.rows.length, old: original)
      return (changed, threshold, errors)
    }
    let start = fit(0)
    let setCount = targets.count { $0 }
    let allowed = start.errors + Int(budget * Double(min(setCount, targets.count - setCount)))
    var (least, most, best) = (0, order.count, start)
    while least < most {
      let middle = (least + most + 1) / 2
      let candidate = fit(middle)
      if candidate.errors <= allowed { (least, best) = (middle, candidate) } else { most = middle - 1 }
    }
    (thresholds[row - 1], flipCount) = (best.threshold, flipCount + least)
    channelErrors[row - 1] = (start.errors, best.errors)
    return best.row
  }

  /// The places in which a row differs from its parent, or from its opposite where that is nearer, those first which may change
  /// first.
  private func flipOrder(_ weights: [UInt64], differingFrom parent: [UInt64]) -> [Int] {
    let length = evidence.rows.length
    func isSet(_ words: [UInt64], _ place: Int) -> Bool { words[place / 64] >> UInt64(place % 64) & 1 == 1 }
    var left = (0..<length).filter { isSet(weights, $0) != isSet(parent, $0) }
    if left.count * 2 > length { left = (0..<length).filter { isSet(weights, $0) == isSet(parent, $0) } }
    let signs = (0..<length).map { isSet(weights, $0) ? 1 as Float : -1 }
    // The covariance of each element with what the sum has lost so far: first, by layers before.
    var shared = (0..<length).map { place in
      let row = evidence.drift.span.extracting(place * length..<(place + 1) * length)
      var sum: Float = 0
      for i in row.indices { sum += signs[i] * row[i] }
      return -sum / 2
    }
    var order: [Int] = []
    while !left.isEmpty {
      var (best, least) = (0, Float.infinity)
      for (index, place) in left.enumerated() {
        let increase = evidence.covariances[place * length + place] + 2 * signs[place] * shared[place]
        if increase < least { (best, least) = (index, increase) }
      }
      let place = left.remove(at: best)
      order.append(place)
      let row = evidence.covariances.span.extracting(place * length..<(place + 1) * length)
      for i in row.indices { shared[i] += signs[place] * row[i] }
    }
    return order
  }

  /// The threshold with which the fewest comparisons differ from targets, and how many do. The old one is kept where no other is
  /// better; of others that are as good, one in the middle of the first that lie together is taken.
  private static func bestThreshold(_ sums: [Int], _ targets: [Bool], _ length: Int, old: Int) -> (Int, Int) {
    // Sums lie in -length...length; one at place sum + length. The threshold at a place is the least sum whose bit is set.
    var change = [Int](repeating: 0, count: 2 * length + 2)
    for (sum, target) in zip(sums, targets) { change[sum + length + 1] += target ? 1 : -1 }
    var errors = targets.count { !$0 }
    let all = change.map { change in
      errors += change
      return errors
    }
    let least = all.min()!
    if all.indices.contains(old + length), all[old + length] == least { return (old, least) }
    let first = all.firstIndex(of: least)!
    let end = all[first...].firstIndex { $0 > least } ?? all.count
    return ((first + end - 1) / 2 - length, least)
  }
}
