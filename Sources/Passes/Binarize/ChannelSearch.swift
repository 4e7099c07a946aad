import IR

/// Numbers in their order, among which the first is searched for which something holds.
struct ChannelSearch {
  /// The type of the numbers: f32, or i32.
  let element: ElementType
  /// The first and the last place in the order.
  let low: Int, high: Int

  /// All integers from `-limit` to `limit`.
  static func integers(_ limit: Int) -> ChannelSearch { ChannelSearch(element: .i32, low: -limit, high: limit) }

  /// All finite numbers f32.
  static let floats = ChannelSearch(element: .f32, low: -0x7f7f_ffff, high: 0x7f7f_ffff)

  /// The number at a place.
  func number(at place: Int) -> Double {
    guard element == .f32 else { return Double(place) }
    let magnitude = Float(bitPattern: UInt32(abs(place)))
    return Double(place < 0 ? -magnitude : magnitude)
  }

  /// Where what holds for the numbers of a channel changes.
  struct Change {
    /// Whether it holds for the first number, and for the last.
    var holdsAtLow: Bool, holdsAtHigh: Bool
    /// The first place at which it is as for the last number, where the two differ.
    var place: Int
  }

  /// Searches all channels at once, for something that changes at most once.
  ///
  /// - Parameters:
  ///   - negated: The channels for which the negative of each number is meant.
  ///   - holds: Tells for a number for each channel whether it holds.
  func changes(channels: Int, negated: [Bool]? = nil, _ holds: (Tensor) throws -> [Bool]) rethrows -> [Change] {
    func tensor(_ places: [Int]) -> Tensor {
      let numbers = places.enumerated().map { negated?[$0] == true ? -number(at: $1) : number(at: $1) }
      return Tensor(TensorType(element, [1, channels]), reals: numbers)
    }
    let atLow = try holds(tensor([Int](repeating: low, count: channels)))
    let atHigh = try holds(tensor([Int](repeating: high, count: channels)))
    var below = [Int](repeating: low, count: channels)
    var above = [Int](repeating: high, count: channels)
    while zip(below, above).contains(where: { $1 - $0 > 1 }) {
      let middle = zip(below, above).map { $0 + ($1 - $0) / 2 }
      for (channel, found) in try holds(tensor(middle)).enumerated() {
        if found == atHigh[channel] { above[channel] = middle[channel] } else { below[channel] = middle[channel] }
      }
    }
    return (0..<channels).map { Change(holdsAtLow: atLow[$0], holdsAtHigh: atHigh[$0], place: above[$0]) }
  }
}
