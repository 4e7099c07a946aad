/// An order in which the channels of a binary layer are computed, each from one that differs in few weights.
///
/// The sums of a channel follow from those of another one and the inputs at which their weights differ. A step goes on from
/// what is kept in a slot, and keeps its own sums in that slot or another. Slot 0 begins with the weights all -1. After the
/// spanning trees of MST-compression (Vo et al., ICCV 2023), whose steps are all channels of the result.
public struct ChannelTree: Equatable, Sendable {
  /// A channel, or its opposite: all weights inverted.
  public struct Row: Equatable, Sendable {
    /// The number of the channel.
    public var channel: Int
    /// Whether its weights are inverted.
    public var isInverted: Bool

    /// Creates a reference to a channel.
    public init(_ channel: Int, isInverted: Bool) { (self.channel, self.isInverted) = (channel, isInverted) }
  }

  /// Where the weights of a step come from.
  public enum Source: Equatable, Sendable {
    /// They are those of a channel, which the step computes.
    case channel(Row)
    /// Each is that of most of three channels, between which the step lies.
    case most([Row])
    /// They are those of the slot it goes on from, of which some become +1 and some -1, by ascending numbers. The step computes a
    /// channel, or lies between some.
    case changed(Row?, added: [Int], removed: [Int])
  }

  /// How sums are computed from others.
  public struct Step: Equatable, Sendable {
    /// The slot that it goes on from.
    public var from: Int
    /// The slot that keeps what it computes.
    public var to: Int
    /// Where its weights come from.
    public var source: Source

    /// Creates a step.
    public init(from: Int, to: Int, _ source: Source) { (self.from, self.to, self.source) = (from, to, source) }

    /// The channel that it computes.
    var channel: Row? {
      switch source {
      case .channel(let row): row
      case .most: nil
      case .changed(let row, _, _): row
      }
    }
  }

  /// The most slots, and the most channels.
  public static let maximumSlotCount = 64, maximumChannelCount = 16_384

  /// The steps, in order.
  public let steps: [Step]
  /// How many slots they use.
  public let slotCount: Int

  /// Whether steps carry what they change, so that kernels need no other weights.
  public var carriesWeights: Bool {
    if case .changed = steps.first?.source { true } else { false }
  }

  /// Creates a tree for all of `channels` channels.
  public init(_ steps: [Step], channels: Int) throws(Diagnostic) {
    var (filled, isComputed) = (1, [Bool](repeating: false, count: channels))
    for (index, step) in steps.enumerated() {
      let name = "step \(index) of the tree"
      try require(step.from < filled, "\(name) goes on from slot \(step.from), in which there is nothing yet")
      try require(step.to <= filled && step.to < Self.maximumSlotCount, "\(name) leaves out a slot before \(step.to)")
      filled = max(filled, step.to + 1)
      var rows = step.channel.map { [$0] } ?? []
      if case .most(let between) = step.source { rows = between }
      for row in rows {
        try require(row.channel < channels, "\(name) has channel \(row.channel), but there are \(channels)")
      }
      guard let channel = step.channel?.channel else { continue }
      try require(!isComputed[channel], "\(name) computes channel \(channel) again")
      isComputed[channel] = true
    }
    if let missing = isComputed.firstIndex(of: false) { throw Diagnostic("the tree leaves out channel \(missing)") }
    (self.steps, slotCount) = (steps, filled)
  }

  /// Throws unless the steps that carry what they change make the weights, a row of `panels` for each channel.
  ///
  /// - Returns: How many weights a step changes at most.
  @discardableResult
  public func requireWeights(_ weights: Tensor, _ panels: BitPanels) throws(Diagnostic) -> Int {
    let rows = PackedRows(words: weights.words, panels)
    var slots = [[UInt32]](repeating: [UInt32](repeating: 0, count: panels.wordsInRow), count: slotCount)
    var most = 0
    for (index, step) in steps.enumerated() {
      var row = slots[step.from]
      switch step.source {
      case .channel(let channel): row = rows[channel]
      case .most(let between):
        let three = between.map { rows[$0] }
        row = row.indices.map { i in
          three[0][i] & three[1][i] | (three[0][i] | three[1][i]) & three[2][i]
        }
      case .changed(let channel, let added, let removed):
        for (places, old) in [(added, 0 as UInt32), (removed, 1)] {
          for place in places {
            try require(
              place < panels.inputs && row[place / 32] >> UInt32(place % 32) & 1 == old,
              "step \(index) of the tree changes weight \(place), which there is not, or which has that value")
            row[place / 32] ^= 1 << UInt32(place % 32)
          }
        }
        if let channel {
          try require(
            row == rows[channel], "step \(index) of the tree does not make the weights of channel \(channel.channel)")
        }
      }
      most = max(most, zip(row, slots[step.from]).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount })
      slots[step.to] = row
    }
    return most
  }
}

/// Rows of weights in words of 32, a row for each channel.
private struct PackedRows {
  let words: [UInt32]
  let panels: BitPanels

  init(words: [UInt32], _ panels: BitPanels) { (self.words, self.panels) = (words, panels) }

  /// The weights of a channel, or of its opposite.
  subscript(row: ChannelTree.Row) -> [UInt32] {
    let length = panels.wordsInRow
    let weights = words[row.channel * length..<(row.channel + 1) * length]
    guard row.isInverted else { return Array(weights) }
    return weights.enumerated().map { word, bits in ~bits & ~0 >> UInt32(max(0, (word + 1) * 32 - panels.inputs)) }
  }
}

extension Tensor {
  /// Bits, as words of 32.
  var words: [UInt32] {
    withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map { UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)) }
    }
  }
}
