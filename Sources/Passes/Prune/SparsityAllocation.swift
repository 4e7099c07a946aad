import IR

/// How many weights of each layer become zero, so that together they are a share of all.
enum SparsityAllocation {
  /// The same share of each layer.
  static func uniform(_ sizes: [Int], share: Double) -> [Int] {
    sizes.map { Int((share * Double($0)).rounded()) }
  }

  /// Layers keep weights in proportion to the sum of their extents, relative to the product (Evci et al. 2020, appendix B: ERK).
  /// Those that would keep more than they have keep all.
  static func erk(_ layers: [ConstantLayer], share: Double) -> [Int] {
    let sizes = layers.map { Double($0.allWeights.count) }
    let weights = layers.map { layer in
      Double(layer.shape.reduce(layer.channelCount, +)) / Double(layer.allWeights.count)
    }
    var isFull = layers.map { _ in false }
    while true {
      let kept = (1 - share) * sizes.reduce(0, +) - zip(sizes, isFull).reduce(0) { $0 + ($1.1 ? $1.0 : 0) }
      let free = zip(zip(sizes, weights), isFull).reduce(0) { $0 + ($1.1 ? 0 : $1.0.0 * $1.0.1) }
      let scale = free > 0 ? max(0, kept) / free : 0
      let over = layers.indices.filter { !isFull[$0] && scale * weights[$0] > 1 }
      if over.isEmpty {
        return layers.indices.map { isFull[$0] ? 0 : Int((sizes[$0] * (1 - scale * weights[$0])).rounded()) }
      }
      for index in over { isFull[index] = true }
    }
  }

  /// The least scores of all layers together.
  static func global(_ scores: [[Double]], share: Double) -> [Int] {
    let all = scores.enumerated().flatMap { layer, scores in scores.map { ($0, layer) } }.sorted { $0.0 < $1.0 }
    var counts = scores.map { _ in 0 }
    for (_, layer) in all.prefix(Int((share * Double(all.count)).rounded())) { counts[layer] += 1 }
    return counts
  }

  /// The amounts with the least sum of distortions, one for each layer (Xu et al. 2023, section 3.3: dynamic programming over
  /// layers and weights).
  ///
  /// - Parameter curves: For each layer, numbers of zeros and what they distort; one of them is 0.
  static func leastDistortion(_ curves: [[(count: Int, distortion: Double)]], share: Double, total: Int) -> [Int] {
    // Weights are counted in thousandths of all, rounded down, so that the sum reaches what is asked for.
    let steps = 1000
    func units(_ count: Int) -> Int { count * steps / max(1, total) }
    let wanted = Int((share * Double(steps)).rounded(.up)) - curves.count
    var best = [Double](repeating: .infinity, count: steps + 1)
    best[0] = 0
    var choices: [[Int]] = []
    for curve in curves {
      var next = [Double](repeating: .infinity, count: steps + 1)
      var choice = [Int](repeating: 0, count: steps + 1)
      for (index, point) in curve.enumerated() {
        let step = units(point.count)
        for sum in 0...steps where best[sum] + point.distortion < next[min(steps, sum + step)] {
          next[min(steps, sum + step)] = best[sum] + point.distortion
          choice[min(steps, sum + step)] = index * (steps + 1) + sum
        }
      }
      choices.append(choice)
      best = next
    }
    var sum = (max(0, wanted)...steps).min { best[$0] < best[$1] } ?? steps
    var counts = [Int](repeating: 0, count: curves.count)
    for layer in curves.indices.reversed() {
      let choice = choices[layer][sum]
      counts[layer] = curves[layer][choice / (steps + 1)].count
      sum = choice % (steps + 1)
    }
    return counts
  }
}
