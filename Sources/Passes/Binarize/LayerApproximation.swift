import IR

/// The weights of a layer as sums of bits, and how well they serve.
struct LayerApproximation {
  /// One for each channel.
  var channels: [FittedChannel]
  /// How far the results of the layer are from those of the model.
  var error: LayerError

  /// The number of bits of a weight.
  var bits: Int { channels[0].channel.scales.count }
  /// Whether weights have offsets.
  var hasOffset: Bool { channels.contains { $0.channel.offset != 0 } }

  /// Approximates a layer.
  ///
  /// - Parameter statistics: Sums over calibration data, where there are some.
  init(_ layer: ConstantLayer, _ options: BinarizeOptions, bits: Int, _ statistics: GramStatistics?) {
    var method = options.method
    if method == .auto { method = statistics == nil ? .residual : .gpfq }
    let starts = (0..<layer.channelCount).map { index in
      FittedChannel(channel: Self.channel(method, layer.weights(of: index), bits), bias: layer.bias?[index] ?? 0)
    }
    guard let statistics else {
      channels = starts
      let errors = starts.enumerated().map { $1.channel.squaredError(layer.weights(of: $0)) }
      error = LayerError(
        squaredErrors: errors, inherited: errors.map { _ in 0 }, squares: layer.allWeights.map { $0 * $0 })
      return
    }
    let search =
      method == .gpfq || method == .gpfqTernary ? CodeSearch(statistics, hasFreeBias: options.correct) : nil
    channels = []
    for (index, start) in starts.enumerated() {
      let vector = layer.weights(of: index) + [start.bias]
      let objective = ChannelObjective(vector, statistics)
      channels.append(Self.fitted(start, vector, objective, search, isFree: options.correct))
    }
    error = LayerError(of: layer, with: channels.map(\.vector), statistics)
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
}
