/// Numbers that look random, the same for the same seed on every machine.
struct RandomSource: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// A number from 0 up to `bound`, which is more than 0.
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  /// Whether something happens that has the given chance, in percent.
  mutating func percent(_ chance: Int) -> Bool { below(100) < chance }

  /// One of the elements, of which there are some.
  mutating func element<C: Collection>(of elements: C) -> C.Element {
    elements[elements.index(elements.startIndex, offsetBy: below(elements.count))]
  }

  /// A number at which programs tend to fail, as an integer of 64 bits.
  mutating func interestingInteger() -> UInt64 {
    switch below(4) {
    case 0: return UInt64(below(20))
    case 1: return UInt64(bitPattern: -Int64(1 + below(20)))
    case 2: return 1 << UInt64(below(64)) &- UInt64(below(3))
    default: return element(of: [1000, 65_536, 1_000_000, 100_000_000, 1 << 31, 1 << 32, 1 << 40, 1 << 62, .max])
    }
  }
}
