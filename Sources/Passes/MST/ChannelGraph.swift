import IR

/// The rows of weights of a binary layer, and in how many weights any two of them differ.
///
/// Row 0 has all weights clear: counters stand for it when they begin. The channels follow, and then rows between them.
struct ChannelGraph {
  /// How many weights a row has.
  let weightCount: Int
  /// How many channels there are.
  let channelCount: Int
  /// How many words of 64 bits a row takes.
  private let wordCount: Int
  private var words: [UInt64]
  /// The Hamming distances of each row to those before it.
  private var distances: [[Int32]] = []

  /// Creates the graph of a layer.
  ///
  /// - Parameter weights: A row for each channel, in panels of one.
  init(_ weights: Tensor, _ panels: BitPanels) {
    (weightCount, channelCount) = (panels.inputs, panels.outputs)
    let (count, length) = ((panels.inputs + 63) / 64, panels.wordsInRow)
    (wordCount, words) = (count, [UInt64](repeating: 0, count: count))
    weights.withUnsafeBytes { bytes in
      for channel in 0..<panels.outputs {
        words += (0..<count).map { word in
          (0..<min(2, length - word * 2)).reduce(0) { value, half in
            let place = (channel * length + word * 2 + half) * 4
            let bits = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
            return value | UInt64(bits) << UInt64(half * 32)
          }
        }
      }
    }
    for row in 0...panels.outputs { distances.append(distancesToEarlier(row)) }
  }

  /// How many rows there are.
  var count: Int { distances.count }

  /// The Hamming distance of two rows.
  func hamming(_ a: Int, _ b: Int) -> Int { a == b ? 0 : Int(distances[max(a, b)][min(a, b)]) }

  /// The distance of two rows, of which one may be inverted.
  func distance(_ a: Int, _ b: Int) -> Int {
    let hamming = hamming(a, b)
    return min(hamming, weightCount - hamming)
  }

  /// Whether one of two rows is nearer to the other inverted.
  func isInverted(_ a: Int, _ b: Int) -> Bool { hamming(a, b) * 2 > weightCount }

  /// Adds the row of which each weight is that of most of three, the second and third inverted where they are nearer to the first
  /// so.
  mutating func addBetween(_ a: Int, _ b: Int, _ c: Int) {
    let (invertB, invertC) = (isInverted(a, b) ? ~0 as UInt64 : 0, isInverted(a, c) ? ~0 as UInt64 : 0)
    let rest = weightCount % 64 == 0 ? ~0 as UInt64 : 1 << UInt64(weightCount % 64) - 1
    for i in 0..<wordCount {
      let (x, y, z) = (word(a, i), word(b, i) ^ invertB, word(c, i) ^ invertC)
      words.append(((x & y) | ((x | y) & z)) & (i == wordCount - 1 ? rest : ~0))
    }
    distances.append(distancesToEarlier(count))
  }

  /// Keeps only the rows for which `isKept` holds.
  mutating func keep(_ isKept: [Bool]) {
    let kept = isKept.indices.filter { isKept[$0] }
    words = kept.flatMap { words[$0 * wordCount..<($0 + 1) * wordCount] }
    distances = kept.enumerated().map { place, row in kept[..<place].map { distances[row][$0] } }
  }

  /// The weights of a row, in words.
  func weights(of row: Int) -> [UInt64] { Array(words[row * wordCount..<(row + 1) * wordCount]) }

  /// Gives a row other weights; distances are those of the old ones until `measure`.
  mutating func replace(_ row: Int, by weights: [UInt64]) {
    words.replaceSubrange(row * wordCount..<(row + 1) * wordCount, with: weights)
  }

  /// Measures all distances.
  mutating func measure() { distances = (0..<count).map(distancesToEarlier) }

  /// The weights of the channels as a tensor, in panels of one.
  func tensor() -> Tensor {
    let panels = BitPanels(outputs: channelCount, inputs: weightCount, width: 1)
    let length = panels.wordsInRow * 32
    let codes = (1...channelCount).flatMap { row in
      (0..<length).map { $0 < weightCount && isSet(row, $0) ? 1 as UInt8 : 0 }
    }
    return Tensor(panels.type, codes: codes)
  }

  /// The numbers of the weights that are set in row `a` and not in `b`, each of which may be inverted.
  func weights(in a: Int, _ aInverted: Bool, notIn b: Int, _ bInverted: Bool) -> [Int] {
    (0..<weightCount).filter { isSet(a, $0) != aInverted && isSet(b, $0) == bInverted }
  }

  private func isSet(_ row: Int, _ weight: Int) -> Bool { word(row, weight / 64) >> UInt64(weight % 64) & 1 == 1 }
  private func word(_ row: Int, _ place: Int) -> UInt64 { words[row * wordCount + place] }

  private func distancesToEarlier(_ row: Int) -> [Int32] {
    let all = words.span
    let new = all.extracting(row * wordCount..<(row + 1) * wordCount)
    return (0..<row).map { other in
      let old = all.extracting(other * wordCount..<(other + 1) * wordCount)
      return Int32(new.differenceCount(old))
    }
  }
}

extension Span<UInt64> {
  /// In how many bits words differ from as many others.
  func differenceCount(_ other: Span<UInt64>) -> Int {
    var count = 0
    for i in indices { count += (self[i] ^ other[i]).nonzeroBitCount }
    return count
  }
}
