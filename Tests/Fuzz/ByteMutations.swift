extension RandomSource {
  /// Changes some bytes without regard to what they mean.
  ///
  /// - Parameter other: A file of which a part may be taken over.
  mutating func damage(_ bytes: inout [UInt8], with other: [UInt8]) {
    guard !bytes.isEmpty else { return }
    let place = below(bytes.count)
    switch below(7) {
    case 0: bytes[place] = UInt8(truncatingIfNeeded: next())
    case 1: bytes[place] ^= 1 << UInt8(below(8))
    case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + below(16)))
    case 3: bytes.removeSubrange(place...)
    case 4:
      let source = below(bytes.count)
      bytes.insert(contentsOf: Array(bytes[source..<min(bytes.count, source + 1 + below(64))]), at: place)
    case 5:
      guard !other.isEmpty else { return }
      let source = below(other.count)
      bytes.replaceSubrange(
        place..<min(bytes.count, place + below(64)), with: other[source..<min(other.count, source + 1 + below(64))])
    default:
      // A number of 8 bytes, as shapes and offsets are.
      guard bytes.count >= 8 else { return }
      let start = below(bytes.count - 7) / 8 * 8
      withUnsafeBytes(of: interestingInteger().littleEndian) { bytes.replaceSubrange(start..<start + 8, with: $0) }
    }
  }
}
