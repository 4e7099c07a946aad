import IR
import Targets

/// Looks for the experts of one feed-forward block that keep within the budget.
struct ExpertSearch {
  private let block: FeedForwardBlock
  private let options: MoefyOptions
  private let activation: (Activation, alpha: Float, beta: Float)
  private let samples: FeedForwardSamples?
  private let rows: Int, target: Target
  /// How many experts there are, and how many neurons each has.
  private let count: Int, size: Int

  /// - Parameter rows: How many rows the block takes in a run.
  /// - Throws: `ConstantLayer.Unsuitable` where the block cannot have such experts.
  init(
    _ block: FeedForwardBlock, _ options: MoefyOptions, _ samples: FeedForwardSamples?, rows: Int, on target: Target
  ) throws {
    (self.block, self.options, self.samples, self.rows, self.target) = (block, options, samples, rows, target)
    guard let activation = block.activation.op.kernelActivation else {
      throw ConstantLayer.Unsuitable("there is no kernel for experts with \(block.activation.op.opName)")
    }
    self.activation = activation
    count = options.experts > 0 ? options.experts : Self.defaultCount(block.neurons)
    guard block.neurons % count == 0, options.shared < count || options.usesAll, options.shared <= count else {
      throw ConstantLayer.Unsuitable(
        "its \(block.neurons) neurons cannot be divided into \(count) experts of which \(options.shared) are shared")
    }
    size = block.neurons / count
    guard activeCount >= 1 || options.usesAll else {
      throw ConstantLayer.Unsuitable(
        "a share of \(options.active ?? 1) of \(count) experts leaves none to choose beside \(options.shared) shared ones"
      )
    }
  }

  /// Of the numbers by which that of neurons can be divided, the one that makes experts of about 32.
  private static func defaultCount(_ neurons: Int) -> Int {
    let wanted = Double(neurons) / 32
    return (1...neurons).filter { neurons % $0 == 0 }.min { abs(Double($0) - wanted) < abs(Double($1) - wanted) } ?? 1
  }

  /// The experts with the least products that keep within the budget.
  ///
  /// - Throws: `ConstantLayer.Unsuitable` where there are none.
  func best() throws -> FoundExperts {
    let partition = ExpertPartition(
      block, samples,
      method: options.partition == .auto ? (samples == nil ? .kmeans : .coactivation) : options.partition,
      shared: options.usesAll ? 0 : options.shared * size, size: size)
    guard !options.usesAll, let samples else {
      return FoundExperts(block: block, activation: activation, partition: partition, size: size)
    }
    let (fitted, held) = samples.divided
    let masses = held.expertMasses(block, partition)
    let candidates = routers(partition, fitted).map { (router: $0, scores: $0.scores(held, block)) }
    var reason = "there is no router for \(count) experts"
    for number in activeCounts {
      guard var choice = routed(candidates, masses, partition, active: number) else { break }
      choice.found.mean = choice.found.meanLeftOut(fitted)
      choice.found.measured!.error = choice.found.error(held)
      reason = choice.found.words
      guard choice.isFaster else {
        let costs = choice.found.costs(rows: rows, on: target)
        reason +=
          "; they would take \(costs.experts.thousands) \(target.sparseCosts.unit) a row, "
          + "all neurons at once \(costs.dense.thousands)"
        break
      }
      if choice.found.measured!.error <= options.errorBudget { return choice.found }
      reason += ", where \(options.errorBudget) is allowed"
    }
    throw ConstantLayer.Unsuitable(reason)
  }

  /// The experts with the router that finds most, of those with which the block takes less time if there are any.
  private func routed(
    _ candidates: [(router: ExpertRouter, scores: [Double])], _ masses: [Double], _ partition: ExpertPartition,
    active: Int
  ) -> (found: FoundExperts, isFaster: Bool)? {
    let best = captured(masses, masses, partition, active)
    let all = candidates.map { candidate in
      var found = FoundExperts(block: block, activation: activation, partition: partition, size: size)
      (found.router, found.active) = (candidate.router, active)
      let captured = captured(candidate.scores, masses, partition, active)
      found.measured = FoundExperts.Measurement(error: .infinity, captured: captured, best: best)
      let costs = found.costs(rows: rows, on: target)
      return (found: found, isFaster: costs.experts < costs.dense)
    }
    let fast = all.filter(\.isFaster)
    return (fast.isEmpty ? all : fast).max { $0.found.measured!.captured < $1.found.measured!.captured }
  }

  /// How many experts a row chooses by the share that is asked for.
  private var activeCount: Int { Int(((options.active ?? 1) * Double(count)).rounded()) - options.shared }

  /// The numbers of chosen experts to try, the least first.
  private var activeCounts: [Int] {
    let routed = count - options.shared
    if options.active != nil { return [activeCount] }
    return Array(stride(from: max(1, count / 16), to: routed, by: max(1, count / 16)))
  }

  private func routers(_ partition: ExpertPartition, _ samples: FeedForwardSamples) -> [ExpertRouter] {
    MoefyOptions.Router.allCases.filter { options.router == .auto || $0 == options.router }.compactMap { method in
      switch method {
      case .auto: nil
      case .similarity: .similarity(block, partition)
      case .linear: .fitted(block, partition, samples, perExpert: 0)
      case .representative: .representative(block, partition, samples)
      case .neurons: .fitted(block, partition, samples, perExpert: min(2, size))
      }
    }
  }

  /// The share of what the neurons of all experts add that those with the greatest scores add.
  private func captured(_ scores: [Double], _ masses: [Double], _ partition: ExpertPartition, _ active: Int) -> Double {
    let experts = partition.experts.count
    var (chosen, all) = (0.0, 0.0)
    for start in stride(from: 0, to: scores.count, by: experts) {
      let best = MixtureOfExperts.best(active, of: Array(scores[start..<start + experts]))
      chosen += best.reduce(0) { $0 + masses[start + $1] }
      all += masses[start..<start + experts].reduce(0, +)
    }
    return all > 0 ? chosen / all : 1
  }
}

extension FeedForwardSamples {
  /// Four fifths of the rows, to which routers are fitted, and the last fifth, on which they are measured.
  var divided: (fitted: FeedForwardSamples, held: FeedForwardSamples) {
    let first = max(1, count * 4 / 5)
    return (self[0..<first], self[min(first, count - 1)..<count])
  }

  private subscript(rows: Range<Int>) -> FeedForwardSamples {
    let (depth, neurons) = (data.count / count, hidden.count / count)
    return FeedForwardSamples(
      count: rows.count, data: Array(data[rows.lowerBound * depth..<rows.upperBound * depth]),
      hidden: Array(hidden[rows.lowerBound * neurons..<rows.upperBound * neurons]))
  }
}
