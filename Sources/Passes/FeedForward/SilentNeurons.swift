/// Which values of the neurons of a feed-forward block are left out, and what that does on calibration data.
struct SilentNeurons {
  /// For each neuron, the largest magnitude that is left out; nil where that is 0 for all.
  let thresholds: [Double]?
  /// The share of values that are left out.
  let share: Double
  /// The norm of what they would add to the result, relative to that of the result.
  let error: Double

  /// Looks for the largest threshold with which the error is within a budget.
  init(_ block: FeedForwardBlock, _ samples: FeedForwardSamples, error budget: Double) {
    let norms = block.outputNorms.map { Double($0) }
    guard budget > 0 else {
      self.init(thresholds: nil, Self.measure(block, samples, nil))
      return
    }
    let rows = stride(from: 0, to: samples.count, by: max(1, samples.count / 512))
    let sizes = rows.flatMap { row in zip(samples.neurons(of: row), norms).map { Double($0.magnitude) * $1 } }.sorted()
    // The error grows with the threshold, so halving finds it.
    var (low, high) = (0.0, 1.0)
    var best = SilentNeurons(thresholds: nil, Self.measure(block, samples, nil))
    for _ in 0..<8 {
      let middle = (low + high) / 2
      let size = sizes[min(sizes.count - 1, Int(middle * Double(sizes.count)))]
      let thresholds = norms.map { $0 > 0 ? size / $0 : Double(Float.greatestFiniteMagnitude) }
      let found = SilentNeurons(thresholds: thresholds, Self.measure(block, samples, thresholds))
      if found.error <= budget {
        if found.share > best.share { best = found }
        low = middle
      } else {
        high = middle
      }
    }
    self = best
  }

  private init(thresholds: [Double]?, _ measured: (share: Double, error: Double)) {
    (self.thresholds, share, error) = (thresholds, measured.share, measured.error)
  }

  private static func measure(_ block: FeedForwardBlock, _ samples: FeedForwardSamples, _ thresholds: [Double]?) -> (
    share: Double, error: Double
  ) {
    let limits = thresholds.map { $0.map { Float($0) } }
    let bias = block.second.bias ?? [Double](repeating: 0, count: block.columns)
    var (count, difference, square) = (0, 0.0, 0.0)
    for row in 0..<samples.count {
      let values = samples.neurons(of: row)
      var silent: [Int] = []
      for (neuron, value) in values.enumerated() where value.magnitude <= limits?[neuron] ?? 0 { silent.append(neuron) }
      count += silent.count
      guard limits != nil else { continue }
      let missing = block.product(of: values, for: silent)
      let result = zip(block.product(of: values, for: Array(0..<block.neurons)), bias).map { $0 + $1 }
      difference += missing.reduce(0) { $0 + $1 * $1 }
      square += result.reduce(0) { $0 + $1 * $1 }
    }
    return (
      Double(count) / Double(max(1, samples.hidden.count)), square > 0 ? (difference / square).squareRoot() : 0
    )
  }
}
