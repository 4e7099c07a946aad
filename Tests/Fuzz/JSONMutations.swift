import IR

extension RandomSource {
  /// Changes one number, string or part of a text in JSON.
  mutating func editJSON(_ text: [UInt8]) -> [UInt8] {
    let tokens = Self.tokens(of: text)
    guard !tokens.isEmpty else { return text }
    var text = text
    let isDigit = { (byte: UInt8) in UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || byte == UInt8(ascii: "-") }
    let numbers = tokens.filter { isDigit(text[$0.lowerBound]) }
    let strings = tokens.filter { text[$0.lowerBound] == UInt8(ascii: "\"") }
    switch below(6) {
    case 0, 1:
      guard !numbers.isEmpty else { return text }
      let numberTexts =
        ["1e999", "0.5", "-0", "1e-400"] + (0..<8).map { _ in "\(Int64(bitPattern: interestingInteger()))" }
      text.replaceSubrange(element(of: numbers), with: Array(element(of: numberTexts).utf8))
    case 2, 3:
      guard !strings.isEmpty else { return text }
      let target = element(of: strings)
      let name = String(decoding: text[target].dropFirst().dropLast(), as: UTF8.self)
      let isOperation = operation(named: name) != nil && percent(80)
      let replacement = isOperation ? "\"\(element(of: allOperations).name)\"" : nil
      text.replaceSubrange(target, with: replacement.map { Array($0.utf8) } ?? Array(text[element(of: strings)]))
    case 4:
      // A few tokens are left out, or come twice.
      let first = below(tokens.count)
      let last = min(tokens.count - 1, first + below(12))
      let part = tokens[first].lowerBound..<tokens[last].upperBound
      if percent(50) {
        text.removeSubrange(part)
      } else {
        text.insert(contentsOf: Array(text[part]), at: part.upperBound)
      }
    default:
      let pieces = ["null", "[]", "{}", "\"\"", "true", "[[1]]", "[1,-1]", "{\"type\":\"i64\",\"data\":[0]}"]
      text.replaceSubrange(element(of: tokens), with: Array(element(of: pieces).utf8))
    }
    return text
  }

  /// Where the numbers, strings, words and signs of a text in JSON are.
  private static func tokens(of text: [UInt8]) -> [Range<Int>] {
    var tokens: [Range<Int>] = []
    var position = 0
    while position < text.count {
      let start = position
      position += 1
      switch text[start] {
      case UInt8(ascii: " "), UInt8(ascii: "\n"): continue
      case UInt8(ascii: "\""):
        while position < text.count, text[position] != UInt8(ascii: "\"") { position += 1 }
        position = min(position + 1, text.count)
      case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: ","),
        UInt8(ascii: ":"):
        break
      default:
        while position < text.count, !" \n\",:[]{}".utf8.contains(text[position]) { position += 1 }
      }
      tokens.append(start..<position)
    }
    return tokens
  }
}
