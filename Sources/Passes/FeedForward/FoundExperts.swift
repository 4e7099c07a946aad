import IR
import Targets

/// The experts of a feed-forward block, and what they were measured to do.
struct FoundExperts {
  /// What was measured on rows to which nothing was fitted.
  struct Measurement {
    /// The norm of the difference of the result, relative to that of the result.
    var error: Double
    /// The share of what all neurons of experts add that the chosen ones add, and what it is where the choice knows
    /// that.
    let captured: Double, best: Double
  }

  let block: FeedForwardBlock
  let activation: (Activation, alpha: Float, beta: Float)
  let partition: ExpertPartition
  /// How many neurons an expert has.
  let size: Int
  /// What scores experts; nil where all serve all rows.
  var router: ExpertRouter?
  /// How many experts a row chooses.
  var active = 0
  /// The mean of what is left out.
  var mean: [Double]?
  var measured: Measurement?

  private var experts: Int { block.neurons / size }
  private var shared: Int { router == nil ? experts : partition.shared.count / size }

  /// How many products a row takes.
  var productCount: Int {
    (shared + active) * block.productCount / experts + (router?.productCount(block) ?? 0)
  }

  /// What the block is expected to take for a row, in the unit of the target's costs: with all neurons at once, and with
  /// these experts, each of which begins sums of its own, copies rows and adds to their results besides.
  ///
  /// - Parameter rows: How many rows there are.
  func costs(rows: Int, on target: Target) -> (dense: Double, experts: Double) {
    let (costs, factors) = (target.sparseCosts, block.third == nil ? 1 : 2)
    let product = rows > 1 ? costs.product : costs.rowProduct
    let perExpert =
      Double(block.depth + block.columns) * costs.copy / 2 + Double(size * factors + block.columns) * costs.sum
    return (
      Double(block.productCount) * product + Double(block.neurons * factors + block.columns) * costs.sum,
      Double(productCount) * product + Double(shared + active) * perExpert
    )
  }

  /// The experts in words.
  var words: String {
    let parts = "\(experts) experts of \(size) neurons"
    guard let router, let measured else { return "\(parts), all of which serve all rows" }
    return parts + (shared > 0 ? ", \(shared) shared" : "")
      + ", \(active) chosen: error \(measured.error.inThreeDigits), "
      + "\(measured.captured.inPercent) % found by router \(router.method.rawValue), at best "
      + "\(measured.best.inPercent) %, \(block.productCount) -> \(productCount) products a row"
  }

  /// The mean of what the neurons that rows do not choose would add to the result.
  func meanLeftOut(_ samples: FeedForwardSamples) -> [Double] {
    var sums = [Double](repeating: 0, count: block.columns)
    for row in leftOut(samples) { for (column, value) in row.enumerated() { sums[column] += value } }
    return sums.map { $0 / Double(samples.count) }
  }

  /// The error of the result on some rows.
  func error(_ samples: FeedForwardSamples) -> Double {
    let zeros = [Double](repeating: 0, count: block.columns)
    let (bias, all) = (block.second.bias ?? zeros, Array(0..<block.neurons))
    var (error, square) = (0.0, 0.0)
    for (row, missing) in leftOut(samples).enumerated() {
      error += zip(missing, mean ?? zeros).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      let result = block.product(of: samples.neurons(of: row), for: all)
      square += zip(result, bias).reduce(0) { $0 + ($1.0 + $1.1) * ($1.0 + $1.1) }
    }
    return square > 0 ? (error / square).squareRoot() : 0
  }

  /// What the neurons that a row does not choose would add to the result, row by row.
  private func leftOut(_ samples: FeedForwardSamples) -> [[Double]] {
    let (count, scores) = (partition.experts.count, router?.scores(samples, block) ?? [])
    return (0..<samples.count).map { row in
      let chosen = Set(MixtureOfExperts.best(active, of: Array(scores[row * count..<(row + 1) * count])))
      let missing = partition.experts.indices.filter { !chosen.contains($0) }.flatMap { partition.experts[$0] }
      return block.product(of: samples.neurons(of: row), for: missing)
    }
  }
}

extension FoundExperts {
  /// Adds the block with experts to a graph, and returns its result.
  ///
  /// - Parameter rows: How many rows X has.
  func add(_ x: Value, in graph: inout Graph, rows: Int, target: Target) throws -> Value {
    let (node, order) = (block.second.product, partition.order)
    func constant(_ tensor: Tensor, _ part: String) throws -> Value {
      try graph.add(Constant(tensor), [], name: "\(block.name)_\(part)", at: node.location)
    }
    func row(_ values: [Double]) -> Tensor {
      Tensor(TensorType(.f32, [experts, size]), reals: order.map { values[$0] })
    }
    let scores = try router?.add(x, block, in: &graph)
    var op = MixtureOfExperts()
    (op.experts, op.shared, op.active, op.size) = (experts, shared, active, size)
    (op.outputFeatures, op.panel) = (block.columns, target.panelWidth)
    // A processor of 64 bits has registers for the sums of some rows.
    op.band = target.pointerBits == 64 ? min(rows, 6) : 1
    (op.activation, op.alpha, op.beta) = activation
    let zeros = [Double](repeating: 0, count: block.columns)
    let bias = zip(block.second.bias ?? zeros, mean ?? zeros).map(+)
    let inputs: [Value?] = [
      x, scores,
      try constant(columns(of: block.first.weights, order, panel: op.panel), "w1"),
      try block.first.bias.map { try constant(row($0), "b1") },
      try block.third.map { try constant(columns(of: $0.weights, order, panel: op.panel), "w3") },
      try block.third?.bias.map { try constant(row($0), "b3") },
      try constant(rowsOfSecond(order, panel: op.panel), "w2"),
      try bias.contains { $0 != 0 } ? constant(Tensor(TensorType(.f32, [block.columns]), reals: bias), "b2") : nil,
    ]
    return try graph.add(op, inputs, names: [block.name], at: node.location)[0]
  }

  /// [experts, depth, size], packed.
  private func columns(of weights: Tensor, _ order: [Int], panel: Int) -> Tensor {
    let indices = (0..<experts).flatMap { expert in
      (0..<block.depth).flatMap { row in
        (0..<size).map { row * block.neurons + order[expert * size + $0] }
      }
    }
    return MixtureOfExperts.pack(
      weights.gathering(indices, shape: [experts, block.depth, size]), panel: panel)
  }

  /// [experts, size, columns], packed.
  private func rowsOfSecond(_ order: [Int], panel: Int) -> Tensor {
    let indices = order.flatMap { neuron in (0..<block.columns).map { neuron * block.columns + $0 } }
    return MixtureOfExperts.pack(
      block.second.weights.gathering(indices, shape: [experts, size, block.columns]), panel: panel)
  }
}

extension Double {
  /// A share as a number of per cent with one digit behind the point.
  fileprivate var inPercent: String { ((self * 1000).rounded() / 10).inThreeDigits }
}
