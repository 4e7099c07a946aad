import IR

/// The neurons of a feed-forward block, divided into those that all rows use and experts of the same size.
struct ExpertPartition {
  /// The neurons that serve all rows; some times the size of an expert.
  let shared: [Int]
  /// The neurons of each expert that rows choose.
  let experts: [[Int]]

  /// All neurons in the order of the experts, shared ones first.
  var order: [Int] { shared + experts.joined() }

  /// Divides the neurons of a block.
  ///
  /// - Parameter samples: What neurons were on calibration data; nil where there are none and the method needs none.
  /// - Parameter shared: How many neurons serve all rows: those that matter to most.
  /// - Parameter size: How many neurons an expert has, which divides the number of neurons.
  init(
    _ block: FeedForwardBlock, _ samples: FeedForwardSamples?, method: MoefyOptions.Partition, shared: Int, size: Int
  ) {
    var isShared = [Bool](repeating: false, count: block.neurons)
    if shared > 0, let samples {
      let rates = Self.rates(samples, block)
      for neuron in rates.indices.sorted(by: { (rates[$1], $0) < (rates[$0], $1) }).prefix(shared) {
        isShared[neuron] = true
      }
    }
    self.shared = isShared.indices.filter { isShared[$0] }
    let others = isShared.indices.filter { !isShared[$0] }
    let clusters = others.count / size
    guard clusters > 1, method != .contiguous else {
      experts = (0..<clusters).map { Array(others[$0 * size..<($0 + 1) * size]) }
      return
    }
    let points: (values: [Float], dimensions: Int)
    if method == .coactivation, let samples {
      points = Self.activations(others, samples, block)
    } else {
      points = Self.weights(others, block)
    }
    experts = balancedClusters(points.values, dimensions: points.dimensions, clusters: clusters)
      .map { $0.map { others[$0] } }
  }

  /// For each neuron, the share of rows in which it is among the eighth that matter most.
  private static func rates(_ samples: FeedForwardSamples, _ block: FeedForwardBlock) -> [Double] {
    let (norms, neurons) = (block.outputNorms, block.neurons)
    var counts = [Double](repeating: 0, count: neurons)
    for row in 0..<samples.count {
      let sizes = zip(samples.neurons(of: row), norms).map { $0.magnitude * $1 }
      let least = sizes.sorted(by: >)[max(1, neurons / 8) - 1]
      for (neuron, size) in sizes.enumerated() where size >= least && size > 0 { counts[neuron] += 1 }
    }
    return counts.map { $0 / Double(max(1, samples.count)) }
  }

  /// The columns of the first matrix, of length 1.
  private static func weights(_ neurons: [Int], _ block: FeedForwardBlock) -> (values: [Float], dimensions: Int) {
    let (all, width, depth): ([Float], Int, Int) = (block.first.weights.elements(), block.neurons, block.depth)
    let columns = neurons.flatMap { neuron in normalized((0..<depth).map { all[$0 * width + neuron] }) }
    return (columns, depth)
  }

  /// What each neuron was in some rows, of length 1.
  private static func activations(
    _ neurons: [Int], _ samples: FeedForwardSamples, _ block: FeedForwardBlock
  ) -> (values: [Float], dimensions: Int) {
    let rows = Array(stride(from: 0, to: samples.count, by: max(1, samples.count / 1024)))
    let columns = neurons.flatMap { neuron in
      normalized(rows.map { samples.hidden[$0 * block.neurons + neuron].magnitude })
    }
    return (columns, rows.count)
  }

  private static func normalized(_ vector: [Float]) -> [Float] {
    let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return norm > 0 ? vector.map { $0 / norm } : vector
  }
}
