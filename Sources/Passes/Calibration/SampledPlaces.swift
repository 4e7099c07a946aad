/// Chooses places of the results of a layer at which to look, other ones in each sample of the data, but the same in each run.
struct SampledPlaces {
  private var random: UInt64 = 1

  /// Some of `count` places, one out of each of `wanted` stretches of about the same length.
  mutating func next(_ wanted: Int, of count: Int) -> [Int] {
    guard wanted < count else { return Array(0..<count) }
    return (0..<wanted).map { index in
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let (low, high) = (index * count / wanted, (index + 1) * count / wanted)
      return low + Int(random >> 33) % (high - low)
    }
  }
}
