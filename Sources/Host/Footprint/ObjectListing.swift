import IR

/// What an object file holds, as `objdump -h -t -r` prints it; GNU's and LLVM's programs print the same three tables.
struct ObjectListing {
  /// A part of the file that a linker keeps or drops as a whole.
  struct Section: Equatable {
    let name: String
    let byteCount: Int
  }

  /// A name for a place in a section.
  struct Symbol: Equatable {
    let name: String
    /// Nil where another file must define it.
    let section: String?
    /// The first byte of the section that it names.
    let offset: Int
    let isFunction: Bool
  }

  /// That a section holds the address of a place, or a call of it.
  struct Reference: Equatable {
    /// The section that refers.
    let section: String
    /// The name of a symbol or section.
    let target: String
    /// How many bytes after it; nil where the section itself holds the number.
    let addend: Int?
    /// Whether the processor goes there; else the address is data, or is computed with.
    let isJump: Bool
  }

  private(set) var sections: [Section] = []
  private(set) var symbols: [Symbol] = []
  private(set) var references: [Reference] = []

  /// Reads what objdump printed.
  init(_ text: String) {
    var table = Table.none
    for line in text.split(whereSeparator: \.isNewline) {
      if let next = Table(heading: line) { table = next } else { read(line, of: table) }
    }
  }

  /// The table to which lines belong.
  private enum Table {
    case none, sections, symbols
    case references(of: String)

    /// The table that a line begins; nil where it begins none.
    init?(heading: Substring) {
      switch heading {
      case "Sections:": self = .sections
      case "SYMBOL TABLE:": self = .symbols
      case _ where heading.hasPrefix("RELOCATION RECORDS FOR ["):
        self = .references(of: String(heading.drop { $0 != "[" }.dropFirst().prefix { $0 != "]" }))
      default: return nil
      }
    }
  }

  private mutating func read(_ line: Substring, of table: Table) {
    let words = line.split(whereSeparator: \.isWhitespace)
    switch table {
    case .none: return
    case .sections:
      // Number, name, size; GNU has a second line with words for each section, and LLVM a first one without a name.
      guard words.count >= 3, Int(words[0]) != nil, let size = Int(words[2], radix: 16) else { return }
      sections.append(Section(name: String(words[1]), byteCount: size))
    case .symbols: if let symbol = Self.symbol(line) { symbols.append(symbol) }
    case .references(let section):
      guard words.count >= 3, words[1].hasPrefix("R_"), !words[2].hasPrefix("*ABS*") else { return }
      references.append(Self.reference(from: section, kind: words[1], to: words[2]))
    }
  }

  /// The symbol of a line: address, seven columns of flags, section, tab, size, perhaps a visibility, name.
  private static func symbol(_ line: Substring) -> Symbol? {
    guard let tab = line.firstIndex(of: "\t"), let blank = line.firstIndex(of: " "), blank < tab,
      let offset = Int(line[..<blank], radix: 16), let section = line[..<tab].split(separator: " ").last,
      let name = line[tab...].split(whereSeparator: \.isWhitespace).last
    else { return nil }
    let flags = line[line.index(after: blank)...].prefix(7)
    return Symbol(
      name: String(name), section: section == "*UND*" ? nil : String(section), offset: offset,
      isFunction: flags.contains("F"))
  }

  private static func reference(from section: String, kind: Substring, to value: Substring) -> Reference {
    // In the object files of 32-bit Arm a reference has no room for the number.
    var (target, addend) = (value, kind.hasPrefix("R_ARM_") ? nil : 0)
    for (sign, factor) in [("+0x", 1), ("-0x", -1)] {
      guard let range = value.ranges(of: sign).last, let count = Int(value[range.upperBound...], radix: 16) else {
        continue
      }
      (target, addend) = (value[..<range.lowerBound], factor * count)
    }
    let isJump = ["CALL", "JUMP", "JAL", "BRANCH", "_PCREL"].contains { kind.contains($0) } && !kind.contains("HI20")
    return Reference(section: section, target: String(target), addend: addend, isJump: isJump)
  }
}
