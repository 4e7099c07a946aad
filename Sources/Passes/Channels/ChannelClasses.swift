/// Which channels can only go, or change places, together: classes that grow while nodes are looked at, and why some stay.
///
/// A channel is a number that stands for a place along an axis of a value. Channels of one class are the same channel as
/// seen at different values (union-find).
struct ChannelClasses {
  private var parents: [Int] = []
  /// For the channel that stands for each class, why it must stay where it is; nil where it need not.
  private var reasons: [String?] = []

  /// How many channels there are.
  var count: Int { parents.count }

  /// Returns new channels.
  mutating func make(_ count: Int) -> [Int] {
    let first = parents.count
    parents += first..<first + count
    reasons += [String?](repeating: nil, count: count)
    return Array(first..<first + count)
  }

  /// Returns one channel for all places of an axis: it stays, so that they need not be told apart.
  mutating func makeFixed(_ count: Int, _ reason: String) -> [Int] {
    let channel = make(1)[0]
    reasons[channel] = reason
    return [Int](repeating: channel, count: count)
  }

  /// The channel that stands for the class of another.
  func representative(of channel: Int) -> Int {
    var channel = channel
    while parents[channel] != channel { channel = parents[channel] }
    return channel
  }

  /// Why a channel must stay; nil where it need not.
  func reason(of channel: Int) -> String? { reasons[representative(of: channel)] }

  /// Whether all of some channels must stay.
  func areFixed(_ channels: [Int]) -> Bool { channels.allSatisfy { reason(of: $0) != nil } }

  /// Lets channels stay, for a reason that those keep which have one.
  mutating func fix(_ channels: [Int], _ reason: String) {
    for channel in channels {
      let root = root(of: channel)
      if reasons[root] == nil { reasons[root] = reason }
    }
  }

  /// Makes channels at the same places of two lists the same.
  mutating func unite(_ a: [Int], _ b: [Int]) {
    precondition(a.count == b.count, "internal error: \(a.count) channels cannot be \(b.count)")
    for (a, b) in zip(a, b) { unite(a, b) }
  }

  /// Makes two channels the same.
  mutating func unite(_ a: Int, _ b: Int) {
    let (a, b) = (root(of: a), root(of: b))
    if a == b { return }
    // The older one stands for both, so that classes are in the order of the model.
    let (old, new) = (min(a, b), max(a, b))
    parents[new] = old
    if reasons[old] == nil { reasons[old] = reasons[new] }
  }

  /// Makes all channels of each run of `length` neighbours the same.
  mutating func uniteRuns(_ channels: [Int], length: Int) {
    for (place, channel) in channels.enumerated() { unite(channels[place - place % length], channel) }
  }

  /// Makes channels at the same place of each run of `length` neighbours the same.
  mutating func uniteAcrossRuns(_ channels: [Int], length: Int) {
    for (place, channel) in channels.enumerated() { unite(channels[place % length], channel) }
  }

  /// The same as `representative`, with shorter ways for the next time.
  private mutating func root(of channel: Int) -> Int {
    var channel = channel
    while parents[channel] != channel {
      parents[channel] = parents[parents[channel]]
      channel = parents[channel]
    }
    return channel
  }
}
