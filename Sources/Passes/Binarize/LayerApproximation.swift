import IR

/// The weights of a layer as sums of bits, and how well they serve.
struct LayerApproximation {
  /// One for each channel.
  var channels: [FittedChannel]
  /// How far the results of the layer on calibration data are from those that the model has there, relative to these: what
  /// the layers before have changed counts too. Without data, how far the weights are from those of the model.
  var error: Double
  /// What of that the layer adds to what it would be with its own weights; 0 where it undoes some.
  var ownError: Double

  /// The number of bits of a weight.
  var bits: Int { channels[0].channel.scales.count }
  /// Whether weights have offsets.
  var hasOffset: Bool { channels.contains { $0.channel.offset != 0 } }

  /// Approximates a layer.
  ///
  /// - Parameter statistics: Sums over calibration data, where there are some.
  init(_ layer: BinarizableLayer, _ options: BinarizeOptions, bits: Int, _ statistics: GramStatistics?) {
    var method = options.method
    if method == .auto { method = statistics == nil ? .residual : .gpfq }
    let starts = (0..<layer.channelCount).map { index in
      FittedChannel(channel: Self.channel(method, layer.weights(of: index), bits), bias: layer.bias?[index] ?? 0)
    }
    guard let statistics else {
      channels = starts
      let errors = starts.enumerated().map { $1.channel.squaredError(layer.weights(of: $0)) }
      error = Self.relative(errors, to: layer.allWeights.map { $0 * $0 })
      ownError = error
      return
    }
    let search =
      method == .gpfq || method == .gpfqTernary ? CodeSearch(statistics, hasFreeBias: options.correct) : nil
    channels = []
    var (errors, inherited, squares) = ([Double](), [Double](), [Double]())
    for (index, start) in starts.enumerated() {
      let vector = layer.weights(of: index) + [start.bias]
      let objective = ChannelObjective(vector, statistics)
      let fitted = Self.fitted(start, vector, objective, search, isFree: options.correct)
      channels.append(fitted)
      errors.append(objective.squaredError(fitted.vector))
      inherited.append(objective.squaredError(vector))
      squares.append(objective.square)
    }
    error = Self.relative(errors, to: squares)
    let before = Self.relative(inherited, to: squares)
    ownError = before.isFinite ? max(0, error * error - before * before).squareRoot() : error
  }

  /// The approximation by weights alone from which the one by data begins.
  private static func channel(_ method: BinarizeOptions.Method, _ weights: [Double], _ bits: Int) -> BitChannel {
    switch method {
    case .sign: .sign(weights)
    case .balanced: .balanced(weights)
    case .ternary, .gpfqTernary: .ternary(weights)
    case .auto, .residual, .gpfq: .residual(weights, bits: bits)
    }
  }

  /// The best that is found for a channel, which is `start` where nothing is better.
  private static func fitted(
    _ start: FittedChannel, _ vector: [Double], _ objective: ChannelObjective, _ search: CodeSearch?, isFree: Bool
  ) -> FittedChannel {
    var best = (channel: start, error: objective.squaredError(start.vector))
    func consider(_ candidate: inout FittedChannel) {
      if isFree { _ = candidate.fit(to: objective) }
      let error = objective.squaredError(candidate.vector)
      if error < best.error { best = (candidate, error) }
    }
    var corrected = start
    consider(&corrected)
    guard let search else { return best.channel }
    let right = multiply(search.target, vector, search.size)
    var onPath = best.channel
    onPath.channel.codes = search.followPath(Array(vector.dropLast()), onPath.channel)
    for var candidate in [onPath, best.channel] {
      consider(&candidate)
      for _ in 0..<4 {
        search.descend(&candidate.channel, right: right, rounds: 3)
        consider(&candidate)
      }
    }
    return best.channel
  }

  private static func relative(_ errors: [Double], to squares: [Double]) -> Double {
    let (error, square) = (errors.reduce(0, +), squares.reduce(0, +))
    return square > 0 ? (error / square).squareRoot() : error > 0 ? .infinity : 0
  }
}

extension ChannelObjective {
  /// The results of the model are the target.
  init(_ vector: [Double], _ statistics: GramStatistics) {
    let square = dot(vector, multiply(statistics.targetSquare, vector, statistics.size))
    self.init(
      size: statistics.size, matrix: statistics.changed, right: multiply(statistics.target, vector, statistics.size),
      square: square)
  }
}
