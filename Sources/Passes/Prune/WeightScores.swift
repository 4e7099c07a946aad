import IR

/// Which weights of a layer stay.
struct WeightMask {
  /// Whether each weight stays, channel by channel.
  var stays: [Bool]

  /// How many become zero.
  var zeroCount: Int { stays.count { !$0 } }

  /// The share of those in per cent, in words.
  var share: String { (100 * Double(zeroCount) / Double(stays.count)).inThreeDigits }

  /// Takes out the weights with the least scores.
  ///
  /// - Parameter count: How many, all channels together; ignored where a pattern says how many.
  init(_ scores: [Double], _ layer: ConstantLayer, count: Int, _ pattern: PruneOptions.Pattern) {
    stays = [Bool](repeating: true, count: scores.count)
    guard pattern == .twoOfFour else {
      for index in Self.ascending(Array(scores.indices), scores).prefix(count) { stays[index] = false }
      return
    }
    for row in 0..<layer.channelCount {
      for group in layer.groupsOfFour {
        let members = group.map { row * layer.length + $0 }
        for index in Self.ascending(members, scores).prefix(2) { stays[index] = false }
      }
    }
  }

  /// The indices by their scores, equal ones in order.
  static func ascending(_ indices: [Int], _ scores: [Double]) -> [Int] {
    indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
  }

  /// The first channel that loses its last weight, if one does.
  func emptyChannel(of layer: ConstantLayer) -> Int? {
    (0..<layer.channelCount).first { channel in
      let places = channel * layer.length..<(channel + 1) * layer.length
      return !places.contains { stays[$0] && layer.allWeights[$0] != 0 }
        && places.contains { layer.allWeights[$0] != 0 }
    }
  }
}

extension ConstantLayer {
  /// The places, in a channel, of weights for four neighbouring channels of the data at the same tap.
  var groupsOfFour: [[Int]] {
    let taps = length / shape[0]
    return (0..<shape[0] / 4).flatMap { group in
      (0..<taps).map { tap in (0..<4).map { (4 * group + $0) * taps + tap } }
    }
  }

  /// How little is lost with each weight, from the weights alone, or from the norms of what they are multiplied with too
  /// (Wanda, Sun et al. 2024, section 3). A weight that is zero has the least score.
  func scores(_ method: PruneOptions.Method, _ statistics: GramStatistics?, seed: UInt64) -> [Double] {
    switch method {
    case .random:
      let random = Tensor(random: TensorType(.f64, [allWeights.count]), seed: seed).reals
      return zip(random, allWeights).map { $1 == 0 ? -1 : $0 + 1 }
    case .wanda where statistics != nil:
      let norms = (0..<length).map { statistics!.changed[$0 * statistics!.size + $0].squareRoot() }
      return allWeights.enumerated().map { $1.magnitude * norms[$0 % length] }
    default: return allWeights.map(\.magnitude)
    }
  }

  /// The scores, of which the greatest of each channel is without end, so that it goes last (as in LAMP, Lee et al. 2021).
  func protectingLastWeights(_ scores: [Double]) -> [Double] {
    var scores = scores
    for channel in 0..<channelCount {
      let last = (channel * length..<(channel + 1) * length).max { scores[$0] < scores[$1] }
      scores[last!] = .infinity
    }
    return scores
  }
}
