/// Splits the text form into words, strings and punctuation, and skips white space and comments.
struct Lexer {
  private let bytes: [UInt8]
  private var position = 0
  private var line = 1
  private var lineStart = 0
  private let file: String

  init(text: String, file: String) {
    bytes = Array(text.utf8)
    self.file = file
    skipSpace()
  }

  /// The place of the next token.
  var location: Location { Location(file: file, line: line, column: position - lineStart + 1) }

  /// Whether nothing is left.
  var isAtEnd: Bool { position == bytes.count }

  /// Whether the next token starts with `byte`.
  func sees(_ byte: Character) -> Bool { position < bytes.count && bytes[position] == byte.asciiValue }

  /// Whether the next token is the word `word` and another word follows it.
  func seesWord(_ word: String) -> Bool {
    var copy = self
    return copy.accept(word) && copy.position < bytes.count && (Self.isWord(bytes[copy.position]) || copy.sees("\""))
  }

  /// Takes the punctuation or word `token` if it is next.
  mutating func accept(_ token: String) -> Bool {
    let utf8 = token.utf8
    guard bytes[position...].starts(with: utf8) else { return false }
    let end = position + utf8.count
    if Self.isWord(utf8.first!), end < bytes.count, Self.isWord(bytes[end]) { return false }
    position = end
    skipSpace()
    return true
  }

  mutating func expect(_ token: String) throws(Diagnostic) {
    if !accept(token) { throw Diagnostic("expected '\(token)' but found \(nextForMessage)", at: location) }
  }

  mutating func word(_ what: String) throws(Diagnostic) -> String {
    let start = position
    while position < bytes.count, Self.isWord(bytes[position]) { position += 1 }
    guard start < position else { throw Diagnostic("expected \(what) but found \(nextForMessage)", at: location) }
    defer { skipSpace() }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// A word, or a string in quotes.
  mutating func name(_ what: String) throws(Diagnostic) -> String {
    if sees("\"") { return try string() }
    return try word(what)
  }

  mutating func string() throws(Diagnostic) -> String {
    let start = location
    position += 1
    var result: [UInt8] = []
    while position < bytes.count, bytes[position] != UInt8(ascii: "\""), bytes[position] != UInt8(ascii: "\n") {
      if bytes[position] == UInt8(ascii: "\\") {
        try escape(into: &result)
      } else {
        result.append(bytes[position])
        position += 1
      }
    }
    guard sees("\"") else { throw Diagnostic("this string has no end", at: start) }
    position += 1
    skipSpace()
    return String(decoding: result, as: UTF8.self)
  }

  private mutating func escape(into result: inout [UInt8]) throws(Diagnostic) {
    let rest = bytes[(position + 1)...]
    switch rest.first {
    case UInt8(ascii: "n"): result.append(UInt8(ascii: "\n"))
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): result.append(rest.first!)
    case UInt8(ascii: "u"):
      let digits = rest.dropFirst(2).prefix { $0 != UInt8(ascii: "}") }
      let text = String(decoding: digits, as: UTF8.self)
      guard let code = UInt32(text, radix: 16), let scalar = Unicode.Scalar(code) else {
        throw Diagnostic("'\\u{\(text)}' is not a character", at: location)
      }
      result.append(contentsOf: String(Character(scalar)).utf8)
      position += digits.count + 2
    default: throw Diagnostic("unknown escape in a string; known are \\n, \\\", \\\\ and \\u{...}", at: location)
    }
    position += 2
  }

  private var nextForMessage: String {
    guard position < bytes.count else { return "the end of the file" }
    let word = bytes[position...].prefix { Self.isWord($0) }
    return "'" + String(decoding: word.isEmpty ? bytes[position...position] : word.prefix(40), as: UTF8.self) + "'"
  }

  static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"),
      UInt8(ascii: "+"), UInt8(ascii: "/"):
      true
    default: false
    }
  }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\n"):
        line += 1
        lineStart = position + 1
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): break
      case UInt8(ascii: "#"):
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
        continue
      default: return
      }
      position += 1
    }
  }
}
