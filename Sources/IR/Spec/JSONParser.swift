/// A parser of JSON, as RFC 8259 defines it and nothing beyond.
///
/// Text that is not UTF-8, keys that are repeated, and nesting that is too deep are refused.
package struct JSONParser {
  /// How deep lists and objects may be nested: far more than any spec needs, and far less than the stack holds.
  static let maximumDepth = 64

  private let bytes: UnsafeRawBufferPointer
  private let reader: JSONReader
  private var index = 0
  private var line = 1
  private var lineStart = 0
  /// How many bytes of the current line continue a character.
  private var continuations = 0
  private var depth = 0

  /// Parses a whole text.
  ///
  /// - Throws: A diagnostic at the line and column where the text stops being JSON.
  package static func parse(_ bytes: UnsafeRawBufferPointer, file: String) throws(Diagnostic) -> JSONValue {
    var parser = JSONParser(bytes: bytes, file: file)
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) {
      throw parser.fault("the file starts with a byte order mark; save it as UTF-8 without one")
    }
    parser.skipSpace()
    let value = try parser.value()
    parser.skipSpace()
    guard parser.index == bytes.count else {
      throw parser.fault("expected nothing after the value, but found \(parser.found)")
    }
    return value
  }

  private init(bytes: UnsafeRawBufferPointer, file: String) {
    self.bytes = bytes
    reader = JSONReader(file: file)
  }

  private var position: JSONPosition {
    JSONPosition(line: Int32(clamping: line), column: Int32(clamping: index - lineStart - continuations + 1))
  }

  private func fault(_ message: String) -> Diagnostic { reader.fault(message, at: position) }

  private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

  /// What stands at the current place, in the words of an error message.
  private var found: String {
    guard let next else { return "the end of the file" }
    let word = bytes[index...].prefix(40).prefix { $0.isASCIIWord }
    if !word.isEmpty { return "'" + String(decoding: word, as: UTF8.self) + "'" }
    if next == UInt8(ascii: "'") { return "a single quote; strings stand in double quotes" }
    if next == UInt8(ascii: "/") { return "'/'; JSON has no comments" }
    return (0x21..<0x7f).contains(next)
      ? "'\(Character(UnicodeScalar(next)))'" : "the byte 0x\(String(next, radix: 16))"
  }

  private mutating func skipSpace() {
    while let byte = next {
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): index += 1
      case UInt8(ascii: "\n"):
        index += 1
        line += 1
        lineStart = index
        continuations = 0
      default: return
      }
    }
  }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    index += 1
    skipSpace()
    return true
  }

  private mutating func value() throws(Diagnostic) -> JSONValue {
    let start = position
    switch next {
    case UInt8(ascii: "{"):
      return JSONValue(
        content: .object(try nested { parser throws(Diagnostic) in try parser.members() }), position: start)
    case UInt8(ascii: "["):
      return JSONValue(
        content: .array(try nested { parser throws(Diagnostic) in try parser.elements() }), position: start)
    case UInt8(ascii: "\""): return JSONValue(content: .string(try string()), position: start)
    case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")):
      return JSONValue(content: .number(try number()), position: start)
    default: return JSONValue(content: try word(), position: start)
    }
  }

  private mutating func nested<T>(_ body: (inout JSONParser) throws(Diagnostic) -> T) throws(Diagnostic) -> T {
    guard depth < Self.maximumDepth else {
      throw fault("lists and objects are nested more than \(Self.maximumDepth) deep")
    }
    depth += 1
    defer { depth -= 1 }
    return try body(&self)
  }

  private mutating func members() throws(Diagnostic) -> [JSONValue.Member] {
    _ = accept("{")
    if accept("}") { return [] }
    var members: [JSONValue.Member] = []
    var known: [String: JSONPosition] = [:]
    repeat {
      let start = position
      guard next == UInt8(ascii: "\"") else {
        throw fault(
          next == UInt8(ascii: "}")
            ? "there is a comma before '}'; remove it" : "expected a key in double quotes, but found \(found)")
      }
      let key = try string()
      skipSpace()
      if let first = known.updateValue(start, forKey: key) {
        throw reader.fault(
          "the key \(key.shortened.quoted) is given twice, first at \(first)", at: start)
      }
      guard accept(":") else { throw fault("expected ':' after the key \(key.shortened.quoted), but found \(found)") }
      let value = try value()
      skipSpace()
      members.append(JSONValue.Member(key: key, position: start, value: value))
    } while accept(",")
    guard accept("}") else { throw fault("expected ',' or '}' but found \(found)") }
    return members
  }

  private mutating func elements() throws(Diagnostic) -> [JSONValue] {
    _ = accept("[")
    if accept("]") { return [] }
    var values: [JSONValue] = []
    repeat {
      if next == UInt8(ascii: "]") { throw fault("there is a comma before ']'; remove it") }
      values.append(try value())
      skipSpace()
    } while accept(",")
    guard accept("]") else { throw fault("expected ',' or ']' but found \(found)") }
    return values
  }

  private mutating func word() throws(Diagnostic) -> JSONValue.Content {
    let text = String(decoding: bytes[index...].prefix(64).prefix { $0.isASCIIWord }, as: UTF8.self)
    let content: JSONValue.Content? =
      switch text {
      case "null": .null
      case "true": .bool(true)
      case "false": .bool(false)
      default: nil
      }
    guard let content else {
      if ["nan", "inf", "infinity"].contains(text.lowercased()) {
        throw fault(
          "'\(text)' is not a number in JSON; in the data of a tensor write \"nan\", \"inf\" or \"-inf\" in quotes")
      }
      throw fault("expected a value but found \(found)")
    }
    index += text.utf8.count
    return content
  }

  /// number := ["-"] ("0" | digit1-9 digit*) ["." digit+] [("e" | "E") ["+" | "-"] digit+]
  private mutating func number() throws(Diagnostic) -> String {
    let start = index
    if next == UInt8(ascii: "-") { index += 1 }
    if next == UInt8(ascii: "I") || next == UInt8(ascii: "i") || next == UInt8(ascii: "N") || next == UInt8(ascii: "n")
    {
      throw fault(
        "infinity and NaN are not numbers in JSON; in the data of a tensor write \"nan\", \"inf\" or \"-inf\" in quotes"
      )
    }
    let hasLeadingZero = next == UInt8(ascii: "0")
    let integerDigits = try digits()
    if hasLeadingZero, integerDigits > 1 { throw fault("a number cannot start with the digit 0") }
    if next == UInt8(ascii: ".") {
      index += 1
      _ = try digits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      index += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { index += 1 }
      _ = try digits()
    }
    if let next, next.isASCIIWord || next == UInt8(ascii: ".") {
      throw fault("expected the end of the number, but found \(found)")
    }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private mutating func digits() throws(Diagnostic) -> Int {
    let start = index
    while let next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next) { index += 1 }
    guard start < index else { throw fault("expected a digit but found \(found)") }
    return index - start
  }
}

// MARK: Strings

extension JSONParser {
  /// string := '"' (character | escape)* '"'
  private mutating func string() throws(Diagnostic) -> String {
    let start = position
    index += 1
    var result: [UInt8] = []
    while true {
      let run = index
      while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
        if byte & 0xc0 == 0x80 { continuations += 1 }
        index += 1
      }
      result.append(contentsOf: bytes[run..<index])
      switch next {
      case UInt8(ascii: "\""):
        index += 1
        guard let text = String(validating: result, as: UTF8.self) else {
          throw reader.fault("this string is not valid UTF-8; save the file as UTF-8", at: start)
        }
        return text
      case UInt8(ascii: "\\"): try escape(into: &result)
      case nil, UInt8(ascii: "\n"), UInt8(ascii: "\r"): throw reader.fault("this string has no end", at: start)
      case .some(let byte):
        throw fault("a string cannot have the control character 0x\(String(byte, radix: 16)); write it as an escape")
      }
    }
  }

  private mutating func escape(into result: inout [UInt8]) throws(Diagnostic) {
    guard index + 1 < bytes.count else { throw fault("an escape has no end") }
    let plain: UInt8
    switch bytes[index + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain = bytes[index + 1]
    case UInt8(ascii: "b"): plain = 0x08
    case UInt8(ascii: "f"): plain = 0x0c
    case UInt8(ascii: "n"): plain = 0x0a
    case UInt8(ascii: "r"): plain = 0x0d
    case UInt8(ascii: "t"): plain = 0x09
    case UInt8(ascii: "u"):
      result.append(contentsOf: String(Character(try unicodeEscape())).utf8)
      return
    default: throw fault("unknown escape in a string; known are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX")
    }
    result.append(plain)
    index += 2
  }

  /// One character: `\uXXXX`, or two of them where it lies beyond 16 bits.
  private mutating func unicodeEscape() throws(Diagnostic) -> Unicode.Scalar {
    let start = position
    let high = try codeUnit()
    if let scalar = Unicode.Scalar(high) { return scalar }
    if UTF16.isLeadSurrogate(high), next == UInt8(ascii: "\\"), index + 1 < bytes.count,
      bytes[index + 1] == UInt8(ascii: "u")
    {
      let low = try codeUnit()
      if UTF16.isTrailSurrogate(low) {
        let code = 0x10000 + (UInt32(high & 0x3ff) << 10) + UInt32(low & 0x3ff)
        if let scalar = Unicode.Scalar(code) { return scalar }
      }
    }
    throw reader.fault("\\u\(String(high, radix: 16)) is half of a character; the other half is missing", at: start)
  }

  private mutating func codeUnit() throws(Diagnostic) -> UInt16 {
    let digits = bytes[index...].dropFirst(2).prefix(4).map { Character(UnicodeScalar($0)).hexDigitValue }
    guard digits.count == 4, !digits.contains(nil) else {
      throw fault("\\u should be followed by four hexadecimal digits")
    }
    index += 6
    return digits.reduce(0) { $0 << 4 | UInt16($1!) }
  }
}

extension UInt8 {
  /// Whether the byte is an ASCII letter, digit or underscore.
  fileprivate var isASCIIWord: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
