import IR

/// What scores the experts of a feed-forward block for a row, before they are computed.
struct ExpertRouter {
  /// The method.
  let method: MoefyOptions.Router
  /// The neurons that are computed first; where there are none, scores are a product with the row itself.
  let neurons: [Int]
  /// The matrix [features, experts] by which scores are made of the values of these neurons, or of the row; nil where
  /// the values are the scores.
  let weights: Tensor?
  /// What is added to scores.
  let bias: Tensor?

  /// How many products a row takes.
  func productCount(_ block: FeedForwardBlock) -> Int {
    neurons.count * block.depth * (block.third == nil ? 1 : 2) + (weights?.type.elementCount ?? 0)
  }

  /// The scores of rows: [count, experts].
  func scores(_ samples: FeedForwardSamples, _ block: FeedForwardBlock) -> [Double] {
    let width = neurons.isEmpty ? block.depth : neurons.count
    let features = features(samples, block)
    guard let weights else { return features }
    let (matrix, count) = (weights.reals, weights.shape[1])
    var scores: [Double] = []
    scores.reserveCapacity(samples.count * count)
    for row in 0..<samples.count {
      var sums = bias?.reals ?? [Double](repeating: 0, count: count)
      for (index, value) in features[row * width..<(row + 1) * width].enumerated() where value != 0 {
        for expert in 0..<count { sums[expert] += value * matrix[index * count + expert] }
      }
      scores += sums
    }
    return scores
  }

  /// What scores are made of: [count, features].
  private func features(_ samples: FeedForwardSamples, _ block: FeedForwardBlock) -> [Double] {
    guard !neurons.isEmpty else { return samples.data.map { Double($0) } }
    return (0..<samples.count).flatMap { row in
      neurons.map { Double(samples.hidden[row * block.neurons + $0].magnitude) }
    }
  }
}

extension ExpertRouter {
  /// Rows choose the experts to the mean of whose first weights they point most (MoEfication, section 3.3).
  static func similarity(_ block: FeedForwardBlock, _ partition: ExpertPartition) -> ExpertRouter {
    let (all, width): ([Float], Int) = (block.first.weights.elements(), block.neurons)
    let norms = (0..<width).map { neuron in
      (0..<block.depth).reduce(Float(0)) { $0 + all[$1 * width + neuron] * all[$1 * width + neuron] }.squareRoot()
    }
    let centres = (0..<block.depth).flatMap { index in
      partition.experts.map { members in
        members.reduce(Float(0)) { $0 + (norms[$1] > 0 ? all[index * width + $1] / norms[$1] : 0) }
          / Float(members.count)
      }
    }
    let shape: Shape = [block.depth, partition.experts.count]
    return ExpertRouter(
      method: .similarity, neurons: [], weights: Tensor(TensorType(.f32, shape), reals: centres.map { Double($0) }),
      bias: nil)
  }

  /// The score of an expert is what that of its neurons is that goes with the others most (CMoE, section 3.3).
  static func representative(
    _ block: FeedForwardBlock, _ partition: ExpertPartition, _ samples: FeedForwardSamples
  ) -> ExpertRouter {
    let chosen = representatives(block, partition, samples, perExpert: 1)
    return ExpertRouter(method: .representative, neurons: chosen, weights: nil, bias: nil)
  }

  /// Scores are what the row, or some neurons of each expert, say of the share that an expert has in the result: by
  /// least squares on calibration data.
  ///
  /// - Parameter perExpert: How many neurons of each expert are computed first; 0 where the row itself is used.
  static func fitted(
    _ block: FeedForwardBlock, _ partition: ExpertPartition, _ samples: FeedForwardSamples, perExpert: Int
  ) -> ExpertRouter? {
    let neurons = perExpert == 0 ? [] : representatives(block, partition, samples, perExpert: perExpert)
    let method: MoefyOptions.Router = perExpert == 0 ? .linear : .neurons
    let plain = ExpertRouter(method: method, neurons: neurons, weights: nil, bias: nil)
    let (features, width) = (plain.features(samples, block), neurons.isEmpty ? block.depth : neurons.count)
    let (targets, experts) = (samples.expertMasses(block, partition).map { $0.squareRoot() }, partition.experts.count)
    var sums = GramStatistics(length: width, isChanged: false)
    var right = [[Double]](repeating: [Double](repeating: 0, count: width + 1), count: experts)
    for row in 0..<samples.count {
      let extended = Array(features[row * width..<(row + 1) * width]) + [1]
      sums.add(original: extended, changed: extended)
      for expert in 0..<experts {
        let target = targets[row * experts + expert]
        if target != 0 { for index in 0...width { right[expert][index] += target * extended[index] } }
      }
    }
    sums.finish()
    guard let factor = CholeskyFactor(sums.changed.withRidge(size: width + 1), size: width + 1) else { return nil }
    let solutions = right.map(factor.solve)
    let weights = (0..<width).flatMap { index in solutions.map { $0[index] } }
    return ExpertRouter(
      method: method, neurons: neurons, weights: Tensor(TensorType(.f32, [width, experts]), reals: weights),
      bias: Tensor(TensorType(.f32, [experts]), reals: solutions.map { $0[width] }))
  }

  /// Some neurons of each expert: those whose values go most with the share of the expert in the result.
  private static func representatives(
    _ block: FeedForwardBlock, _ partition: ExpertPartition, _ samples: FeedForwardSamples, perExpert: Int
  ) -> [Int] {
    let (masses, experts) = (samples.expertMasses(block, partition), partition.experts.count)
    return partition.experts.enumerated().flatMap { expert, members -> [Int] in
      let scores = members.map { neuron -> Double in
        var (product, square) = (0.0, 0.0)
        for row in 0..<samples.count {
          let value = Double(samples.hidden[row * block.neurons + neuron].magnitude)
          product += value * masses[row * experts + expert]
          square += value * value
        }
        return square > 0 ? product / square.squareRoot() : 0
      }
      return scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }.prefix(perExpert).map { members[$0] }
        .sorted()
    }
  }
}

extension ExpertRouter {
  /// Adds the operations that compute the scores of `x`, and returns those.
  func add(_ x: Value, _ block: FeedForwardBlock, in graph: inout Graph) throws -> Value {
    func add(_ op: some Operation, _ inputs: [Value], _ part: String) throws -> Value {
      try graph.add(op, inputs, name: "\(block.name)_\(part)", at: block.second.product.location)
    }
    func product(_ value: Value, _ weights: Tensor, _ bias: Tensor?, _ part: String) throws -> Value {
      let matrix = try add(Constant(weights), [], "\(part)_weights")
      let result = try add(MatMul(), [value, matrix], part)
      guard let bias else { return result }
      return try add(Add(), [result, add(Constant(bias), [], "\(part)_bias")], part)
    }
    func projected(_ projection: FeedForwardBlock.Projection, _ part: String) throws -> Value {
      let (shape, width) = (projection.weights.shape, neurons.count)
      let indices = (0..<shape[0]).flatMap { row in neurons.map { row * shape[1] + $0 } }
      let bias = projection.bias.map { bias in
        Tensor(TensorType(.f32, [width]), reals: neurons.map { bias[$0] })
      }
      return try product(x, projection.weights.gathering(indices, shape: [shape[0], width]), bias, part)
    }
    var features = x
    if !neurons.isEmpty {
      features = try add(block.activation.op, [projected(block.first, "gate")], "gate")
      if let third = block.third { features = try add(Mul(), [features, projected(third, "factor")], "factor") }
      if !(block.activation.op is Relu) || block.third != nil { features = try add(Abs(), [features], "size") }
    }
    return try weights.map { try product(features, $0, bias, "router") } ?? features
  }
}

extension FeedForwardSamples {
  /// For each row and expert, the sum over its neurons of how much they add to the result: [count, experts].
  func expertMasses(_ block: FeedForwardBlock, _ partition: ExpertPartition) -> [Double] {
    let norms = block.outputNorms
    return (0..<count).flatMap { row in
      partition.experts.map { members in
        members.reduce(0) { $0 + Double(hidden[row * block.neurons + $1].magnitude * norms[$1]) }
      }
    }
  }
}

extension [Double] {
  /// A matrix with a little more on its diagonal, so that equations that say the same have a solution.
  fileprivate func withRidge(size: Int) -> [Double] {
    var result = self
    let mean = (0..<size).reduce(0) { $0 + self[$1 * size + $1] } / Double(size)
    for index in 0..<size { result[index * size + index] += 1e-4 * mean + 1e-12 }
    return result
  }
}
