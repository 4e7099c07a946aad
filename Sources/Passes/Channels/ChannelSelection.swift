import IR

/// Which channels of a graph go, and which change places.
struct ChannelSelection {
  private let flow: ChannelFlow
  /// For each channel that stands for others, the one whose elements take its place; -1 where it goes.
  private var sources: [Int]

  /// Creates a selection in which all channels are where they are.
  init(_ flow: ChannelFlow) {
    self.flow = flow
    sources = Array(0..<flow.classes.count)
  }

  /// Takes channels out.
  mutating func remove(_ channels: some Sequence<Int>) { for channel in channels { sources[channel] = -1 } }

  /// Puts channels of a group in the places of others of it.
  mutating func permute(_ channels: [Int], as sources: [Int]) {
    for (channel, source) in zip(channels, sources) { self.sources[channel] = source }
  }

  /// For each place along an axis that is left, the place from which its elements come; nil where nothing changes.
  func positions(_ channels: [Int]) -> [Int]? {
    let own = channels.map { flow.classes.representative(of: $0) }
    guard own.contains(where: { sources[$0] != $0 }) else { return nil }
    var places: [Int: [Int]] = [:]
    for (place, channel) in own.enumerated() { places[channel, default: []].append(place) }
    var next: [Int: Int] = [:]
    return own.compactMap { channel in
      if sources[channel] < 0 { return nil }
      defer { next[channel, default: 0] += 1 }
      // A channel that lies here several times is replaced by another that does, in order.
      return places[sources[channel]]![next[channel] ?? 0]
    }
  }
}

extension Tensor {
  /// The tensor with some of the places along each axis, in their order; all where there are none.
  func selecting(_ positions: [[Int]?]) -> Tensor {
    var result = self
    for (axis, places) in positions.enumerated() {
      guard let places else { continue }
      var extents = result.shape.extents
      extents[axis] = places.count
      result = result.gathering(result.shape.offsets(ofParts: places, along: axis), shape: Shape(extents))
    }
    return result
  }

  /// The tensor of shape `shape` of which this one has some places along each axis, with zeros at the others.
  func spread(_ positions: [[Int]?], to shape: Shape) -> Tensor {
    if positions.allSatisfy({ $0 == nil }) { return self }
    var indices: [Int?] = [0]
    for (axis, extent) in shape.enumerated() {
      var sources = [Int?](repeating: nil, count: extent)
      for (place, position) in (positions[axis] ?? Array(0..<extent)).enumerated() { sources[position] = place }
      let stride = self.shape.strides[axis]
      let offsets = sources.map { $0.map { $0 * stride } }
      indices = indices.flatMap { base in offsets.map { offset in base.flatMap { base in offset.map { base + $0 } } } }
    }
    return gathering(indices, shape: shape)
  }
}
