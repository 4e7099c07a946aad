/// How far the results of a changed layer are from those of the model.
struct LayerError {
  /// The norm of the difference from what the model has there, relative to the norm of that: what the layers before have changed
  /// counts too. Without data, how far the weights are from those of the model.
  let all: Double
  /// What of that the layer adds to what it would be with its own weights; 0 where it undoes some.
  let own: Double

  /// Creates the error that follows from squared errors and squared results of channels.
  ///
  /// - Parameter inherited: The squared errors with the weights of the model.
  init(squaredErrors: [Double], inherited: [Double], squares: [Double]) {
    all = Self.relative(squaredErrors, to: squares)
    let before = Self.relative(inherited, to: squares)
    own = before.isFinite ? max(0, all * all - before * before).squareRoot() : all
  }

  /// Measures a layer with other weights on the data of some sums, or its weights where there are none.
  ///
  /// - Parameter vectors: For each channel, weights and bias.
  init(of layer: ConstantLayer, with vectors: [[Double]], _ statistics: GramStatistics?) {
    guard let statistics else {
      let errors = vectors.enumerated().map { channel, vector in
        zip(vector, layer.weights(of: channel)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }
      self.init(
        squaredErrors: errors, inherited: errors.map { _ in 0 }, squares: layer.allWeights.map { $0 * $0 })
      return
    }
    var (errors, inherited, squares) = ([Double](), [Double](), [Double]())
    for (channel, vector) in vectors.enumerated() {
      let own = layer.weights(of: channel) + [layer.bias?[channel] ?? 0]
      let objective = ChannelObjective(own, statistics)
      errors.append(objective.squaredError(vector))
      inherited.append(objective.squaredError(own))
      squares.append(objective.square)
    }
    self.init(squaredErrors: errors, inherited: inherited, squares: squares)
  }

  private static func relative(_ errors: [Double], to squares: [Double]) -> Double {
    let (error, square) = (errors.reduce(0, +), squares.reduce(0, +))
    return square > 0 ? (error / square).squareRoot() : error > 0 ? .infinity : 0
  }

  /// The error in words.
  ///
  /// - Parameter isOfWeights: Whether there were no data.
  func inWords(isOfWeights: Bool) -> String {
    let (own, all) = (own.inThreeDigits, all.inThreeDigits)
    return "error \(own)" + (isOfWeights ? " of the weights" : own == all ? "" : ", \(all) with that of layers before")
  }
}
