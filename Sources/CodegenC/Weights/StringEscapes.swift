/// What stands for each byte in a string of C, in the basic character set and without trigraphs.
struct StringEscapes {
  static let shared = StringEscapes()
  /// Up to four characters, the first in the lowest bits, for each byte: first for where no digit follows, then for where
  /// one does.
  private let characters: [UInt32]
  private let counts: [UInt8]

  private init() {
    let texts = [false, true].flatMap { isBeforeDigit in
      (UInt8.min...UInt8.max).map { Array(Self.text(for: $0, isBeforeDigit: isBeforeDigit).utf8) }
    }
    characters = texts.map { $0.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
    counts = texts.map { UInt8($0.count) }
  }

  private static func text(for byte: UInt8, isBeforeDigit: Bool) -> String {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "?"): return "\\" + String(UnicodeScalar(byte))
    case 0x20..<0x7f: return String(UnicodeScalar(byte))
    default:
      // An octal escape ends where another digit follows only if it has three.
      let digits = String(byte, radix: 8)
      return "\\" + (isBeforeDigit ? String(repeating: "0", count: 3 - digits.count) : "") + digits
    }
  }

  /// Appends what stands for some bytes: strings in lines of their own, without the first and the last quote.
  func write(_ bytes: UnsafeRawBufferPointer, into c: ByteWriter) {
    let width = 116
    withUnsafeTemporaryAllocation(byteCount: width + 4, alignment: 4) { line in
      var length = 0
      for (place, byte) in bytes.enumerated() {
        let isBeforeDigit = place + 1 < bytes.count && (0x30..<0x38).contains(bytes[place + 1])
        let index = Int(byte) + (isBeforeDigit ? 256 : 0)
        if length + Int(counts[index]) > width {
          c.append(UnsafeRawBufferPointer(rebasing: line[..<length]))
          c.append("\"\n  \"")
          length = 0
        }
        line.storeBytes(of: characters[index].littleEndian, toByteOffset: length, as: UInt32.self)
        length += Int(counts[index])
      }
      c.append(UnsafeRawBufferPointer(rebasing: line[..<length]))
    }
  }
}
