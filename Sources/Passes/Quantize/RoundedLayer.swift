import IR

/// The integers of some bits to which weights are rounded.
struct RoundingGrid {
  /// The largest integer.
  let limit: Double

  /// Creates the integers with so many bits, of which the least is not used: so there is one for each and its opposite.
  init(bits: Int) { limit = Double(1 << (bits - 1) - 1) }

  /// The nearest integer times a scale.
  func round(_ weight: Double, _ scale: Float) -> Double {
    let integer = max(-limit, min(limit, (weight / Double(scale)).rounded()))
    return Double(Float(integer) * scale)
  }

  /// The scale with which some weights change least: one that reaches the largest, or a smaller one, which cuts that off.
  ///
  /// - Parameter importance: How much the square of the change of each counts; all the same where there is none.
  func scale(of weights: [Double], importance: [Double]?) -> Float {
    let largest = weights.reduce(0) { max($0, $1.magnitude) }
    guard largest > 0 else { return 1 }
    var best = (scale: Float(largest / limit), error: Double.infinity)
    for step in 0..<Self.steps {
      let scale = Float(largest * (1 - Self.reach * Double(step) / Double(Self.steps)) / limit)
      var error = 0.0
      for (index, weight) in weights.enumerated() {
        let change = weight - round(weight, scale)
        error += change * change * (importance?[index] ?? 1)
      }
      if error < best.error { best = (scale, error) }
    }
    return best.scale
  }

  /// How many scales are tried, and which share of the largest weight may be cut off.
  private static let (steps, reach) = (16, 0.5)
}

/// A table whose rows are integers of 8 bits times a scale for each.
struct RoundedTable {
  /// The table, f32 [rows, width].
  let table: Tensor
  /// The norm of what has changed, relative to that of the table.
  let error: Double
  /// The bytes of integers and scales.
  let byteCount: Int

  /// Rounds a table; nil where it is none of finite floats, would not be smaller, or is stored in integers as it is.
  init?(_ original: Tensor) {
    guard original.element == .f32, original.shape.rank == 2, !original.shape.contains(0) else { return nil }
    let (rows, width) = (original.shape[0], original.shape[1])
    byteCount = rows * (width + 4)
    let all: [Float] = original.elements()
    guard byteCount < original.type.byteCount, all.allSatisfy(\.isFinite), ScaledIntegers(all, length: width) == nil
    else { return nil }
    let grid = RoundingGrid(bits: 8)
    var (reals, change, square) = ([Double](), 0.0, 0.0)
    reals.reserveCapacity(all.count)
    for start in stride(from: 0, to: all.count, by: width) {
      let row = all[start..<start + width].map { Double($0) }
      let scale = grid.scale(of: row, importance: nil)
      for weight in row {
        let rounded = grid.round(weight, scale)
        reals.append(rounded)
        change += (rounded - weight) * (rounded - weight)
        square += weight * weight
      }
    }
    table = Tensor(original.type, reals: reals)
    error = square > 0 ? (change / square).squareRoot() : 0
  }
}

/// A layer whose weights are integers times scales, and how well it serves.
struct RoundedLayer {
  /// For each channel, its weights and its bias, or 0.
  let vectors: [[Double]]
  /// How far its results are from those of the model.
  let error: LayerError
  /// How far they would be with weights rounded to the nearest integer; nil where they are.
  let nearest: LayerError?
  /// The bytes of integers, scales and bias.
  let byteCount: Int
}

/// Rounds the weights of one layer, with the data that it meets.
struct LayerRounding {
  private let layer: ConstantLayer
  private let statistics: GramStatistics?
  private let surgeon: OptimalBrainSurgeon?
  /// For each weight of a channel, the part to which it belongs, of those that have a scale in common.
  private let parts: [Int]
  private let partCount: Int

  init(_ layer: ConstantLayer, _ options: QuantizeWeightsOptions, _ statistics: GramStatistics?) {
    (self.layer, self.statistics) = (layer, statistics)
    surgeon =
      options.method == .nearest
      ? nil : statistics.flatMap { OptimalBrainSurgeon(layer, $0, takesWeightsInOrder: true) }
    let isDivided = options.group > 0 && layer.length > options.group && layer.length % options.group == 0
    partCount = isDivided ? layer.length / options.group : 1
    // Kernels take the channels of a tap one after the other, and so are parts made of neighbours.
    let (length, inputs) = (layer.length / partCount, layer.shape[0])
    let taps = layer.length / inputs
    parts = (0..<layer.length).map { ($0 % taps * inputs + $0 / taps) / length }
  }

  /// The layer with integers of some bits.
  func rounded(to bits: Int) -> RoundedLayer {
    let grid = RoundingGrid(bits: bits)
    let nearest = (0..<layer.channelCount).map { plain(grid, channel: $0) }
    let error = LayerError(of: layer, with: nearest, statistics)
    let bytes = layer.channelCount * (layer.length * bits / 8 + 4 * partCount + (layer.bias == nil ? 0 : 4))
    guard let surgeon else { return RoundedLayer(vectors: nearest, error: error, nearest: nil, byteCount: bytes) }
    let vectors = (0..<layer.channelCount).map { compensated(grid, surgeon, channel: $0) }
    let found = LayerError(of: layer, with: vectors, statistics)
    // Few samples can mislead.
    guard found.all < error.all else {
      return RoundedLayer(vectors: nearest, error: error, nearest: nil, byteCount: bytes)
    }
    return RoundedLayer(vectors: vectors, error: found, nearest: error, byteCount: bytes)
  }

  /// The weights of a channel, each rounded to the nearest integer, and its bias.
  private func plain(_ grid: RoundingGrid, channel: Int) -> [Double] {
    let vector = layer.vector(of: channel)
    let scales = scales(grid, vector)
    return vector.enumerated().map { $0 < layer.length ? grid.round($1, scales[parts[$0]]) : $1 }
  }

  /// The same where those behind a weight make up for its rounding.
  private func compensated(_ grid: RoundingGrid, _ surgeon: OptimalBrainSurgeon, channel: Int) -> [Double] {
    var sweep = surgeon.sweep(channel: channel)
    let scales = scales(grid, sweep.vector)
    for place in 0..<layer.length { sweep.replace(place, by: grid.round(sweep.vector[place], scales[parts[place]])) }
    return sweep.vector + [Double](repeating: 0, count: layer.length + 1 - sweep.vector.count)
  }

  /// The scale of each part of a channel.
  private func scales(_ grid: RoundingGrid, _ vector: [Double]) -> [Float] {
    let importance = statistics.map { sums in (0..<layer.length).map { sums.changed[$0 * sums.size + $0] } }
    return (0..<partCount).map { part in
      let places = partCount == 1 ? Array(0..<layer.length) : parts.indices.filter { parts[$0] == part }
      return grid.scale(of: places.map { vector[$0] }, importance: importance.map { all in places.map { all[$0] } })
    }
  }
}
