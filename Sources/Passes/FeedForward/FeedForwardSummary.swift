import IR

/// What a feed-forward block is, and what its neurons do on calibration data.
public struct FeedForwardSummary {
  /// What options of passes call the block.
  public let name: String
  /// The operation that activates, and whether a third product is a factor of what it makes.
  public let activation: String, isGated: Bool
  /// How long rows of the data and of the result are, and how many neurons there are.
  public let depth: Int, columns: Int, neurons: Int
  /// How many rows a run has, and how many products each takes.
  public let rows: Int, productCount: Int
  /// What was measured; nil without calibration data.
  public let measured: Measurement?

  /// What neurons do.
  public struct Measurement {
    /// How many rows were looked at.
    public let rowCount: Int
    /// The share of values that are 0, and of those that add less than a hundredth of what the largest of a row adds to
    /// the result.
    public let zeros: Double, small: Double
    /// The share of the neurons that together add half of what all add to the results: heavy hitters are few.
    public let heavy: Double
    /// In how many directions rows of values vary: the participation ratio, the squared sum of the eigenvalues of their
    /// products over the sum of their squares.
    public let rank: Double
  }
}

extension Graph {
  /// The feed-forward blocks of a canonical graph, with measurements where there are calibration data.
  public func feedForwardSummaries(_ context: PassContext) throws -> [FeedForwardSummary] {
    try feedForwardBlocks.map { block in
      FeedForwardSummary(
        name: block.name, activation: block.activation.op.opName, isGated: block.third != nil, depth: block.depth,
        columns: block.columns, neurons: block.neurons, rows: type(of: block.input).elementCount / block.depth,
        productCount: block.productCount,
        measured: try context.calibration.flatMap { calibration in
          guard !calibration.samples.isEmpty else { return nil }
          context.progress(block.name)
          return FeedForwardSummary.Measurement(
            block,
            try FeedForwardSamples(of: block, in: self, block.input, block.hidden, calibration.samples, context))
        })
    }
  }
}

extension FeedForwardSummary.Measurement {
  init(_ block: FeedForwardBlock, _ samples: FeedForwardSamples) {
    let (neurons, norms) = (block.neurons, block.outputNorms)
    var (zeroCount, smallCount) = (0, 0)
    var masses = [Double](repeating: 0, count: neurons)
    for row in 0..<samples.count {
      let sizes = zip(samples.neurons(of: row), norms).map { $0.magnitude * $1 }
      let largest = sizes.max() ?? 0
      for (neuron, size) in sizes.enumerated() {
        if size == 0 { zeroCount += 1 }
        if size <= largest / 100 { smallCount += 1 }
        masses[neuron] += Double(size)
      }
    }
    rowCount = samples.count
    let all = Double(max(1, samples.count * neurons))
    (zeros, small) = (Double(zeroCount) / all, Double(smallCount) / all)
    var (rest, count) = (masses.reduce(0, +) / 2, 0)
    for mass in masses.sorted(by: >) where rest > 0 {
      rest -= mass
      count += 1
    }
    heavy = Double(count) / Double(neurons)
    rank = Self.participationRatio(samples.hidden, neurons)
  }

  /// Of the products of some rows with each other, which have the same eigenvalues as those of columns.
  private static func participationRatio(_ values: [Float], _ length: Int) -> Double {
    let count = values.count / length
    let rows = Array(stride(from: 0, to: count, by: max(1, count / 512)))
    var (trace, squares) = (0.0, 0.0)
    values.withUnsafeBufferPointer { values in
      for (place, a) in rows.enumerated() {
        for b in rows[...place] {
          let (x, y) = (values.baseAddress! + a * length, values.baseAddress! + b * length)
          var sum: Float = 0
          for index in 0..<length { sum += x[index] * y[index] }
          if a == b { trace += Double(sum) }
          squares += Double(sum) * Double(sum) * (a == b ? 1 : 2)
        }
      }
    }
    return squares > 0 ? trace * trace / squares : 0
  }
}
