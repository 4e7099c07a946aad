/// Writes the elements of an array, each with a comma, in lines that are not too long.
struct LiteralRows: LiteralSink {
  let writer: ByteWriter
  private var line: [UInt8] = []
  private var breaks = LineBreaks()

  init(writer: ByteWriter) { self.writer = writer }

  mutating func append(_ text: String, _ suffix: StaticString) {
    switch breaks.separator(before: text.utf8.count + suffix.utf8CodeUnitCount) {
    case .nothing: break
    case .space: line.append(UInt8(ascii: " "))
    case .newLine:
      flush()
      line += [UInt8(ascii: "\n"), UInt8(ascii: " "), UInt8(ascii: " ")]
    }
    line.append(contentsOf: text.utf8)
    suffix.withUTF8Buffer { line.append(contentsOf: $0) }
    line.append(UInt8(ascii: ","))
  }

  /// Writes what is left.
  mutating func flush() {
    line.withUnsafeBytes { writer.append($0) }
    line.removeAll(keepingCapacity: true)
  }
}
