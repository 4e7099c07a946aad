import CRuntime
import IR

/// The C of runtime/, taken apart into definitions, from which the needed ones are copied into a model.
///
/// A definition is a run of lines without an empty one: a function, a type, or a group of macros, with its comment. Kernels
/// are written for `float` (names end in `_f32`) or for `int32_t` (`_i32`), and those that only move elements for
/// `nnc_any` (`_any`). For another element type the text is rewritten: `nnc_softmax_f64` comes from `nnc_softmax_f32`.
struct KernelLibrary {
  private struct Definition {
    var text: String
    var names: [String]
  }

  private let definitions: [Definition]
  private let indexByName: [String: Int]

  /// The kernels of runtime/.
  static let shared = KernelLibrary()

  private init() {
    var definitions: [Definition] = []
    var file = nnc_kernel_files_start()!
    while let text = file.pointee.text {
      let lines = String(cString: text).split(separator: "\n", omittingEmptySubsequences: false)
      for paragraph in lines.split(whereSeparator: \.isEmpty) {
        let names = Self.definedNames(in: paragraph)
        if !names.isEmpty { definitions.append(Definition(text: paragraph.joined(separator: "\n"), names: names)) }
      }
      file += 1
    }
    self.definitions = definitions
    indexByName = Dictionary(
      definitions.enumerated().flatMap { index, definition in definition.names.map { ($0, index) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// Returns the C of the named definitions, and of all that they use, in an order in which C accepts them.
  func text(of names: some Sequence<String>) -> String { text(of: sources(of: names)) }

  /// Returns the C of those among them that are not in runtime/ as they are needed, but rewritten for an element type.
  func rewrittenText(of names: some Sequence<String>) -> String {
    text(of: sources(of: names).filter(\.isRewritten))
  }

  private func text(of sources: Set<Source>) -> String {
    sources.sorted { ($0.index, $0.text) < ($1.index, $1.text) }.map(\.text).joined(separator: "\n\n")
  }

  /// The named definitions, and all that they use.
  private func sources(of names: some Sequence<String>) -> Set<Source> {
    var chosen: [String: Source] = [:]
    var pending = Array(names)
    while let name = pending.popLast() {
      guard chosen[name] == nil else { continue }
      guard let source = source(of: name) else { fatalError("internal error: there is no kernel \(name) in runtime/") }
      chosen[name] = source
      pending += Self.identifiers(in: source.text).filter { $0 != name && (isDefined($0)) }
    }
    return Set(chosen.values)
  }

  /// Whether there is a kernel of this name, or one from which it can be made.
  func isDefined(_ name: String) -> Bool { origin(of: name) != nil }

  private struct Source: Hashable {
    var index: Int
    var text: String
    var isRewritten: Bool
  }

  /// The definition of `name`: as it stands in runtime/, or rewritten for another element type.
  private func source(of name: String) -> Source? {
    guard let origin = origin(of: name) else { return nil }
    let text = definitions[origin.index].text
    let rewritten = origin.rewriting.map { Self.rewrite(text, from: $0.master, to: $0.element) }
    return Source(index: origin.index, text: rewritten ?? text, isRewritten: rewritten != nil)
  }

  /// Which definition `name` is, and for which element type it has to be rewritten.
  private func origin(of name: String) -> (index: Int, rewriting: (master: String, element: ElementType)?)? {
    if let index = indexByName[name] { return (index, nil) }
    guard let end = name.lastIndex(of: "_"),
      let element = ElementType(rawValue: String(name[name.index(after: end)...]))
    else { return nil }
    for master in Self.masters(for: element) {
      if let index = indexByName[name[...end] + master] { return (index, (master, element)) }
    }
    return nil
  }

  /// The element types whose kernels can be rewritten for `element`.
  private static func masters(for element: ElementType) -> [String] {
    switch element {
    case .f64: ["f32", "any"]
    case _ where element.isInteger && !element.isPacked: ["i32", "f32", "any"]
    default: ["any"]
    }
  }

  private static func rewrite(_ text: String, from master: String, to element: ElementType) -> String {
    let unsigned = ElementType(rawValue: "u\(element.bitWidth)")!
    return replacingIdentifiers(in: text) { word in
      switch (master, word) {
      case ("f32", "float"), ("i32", "int32_t"), ("any", "nnc_any"): return element.cType
      case ("i32", "uint32_t"): return unsigned.cType
      default:
        guard word.hasPrefix("nnc_") || word.hasPrefix("NNC_"), word.hasSuffix("_\(master)") else { return nil }
        return word.dropLast(master.count) + element.rawValue
      }
    }
  }

  /// The names that a paragraph of C defines: macros, functions and types.
  private static func definedNames(in lines: some Sequence<Substring>) -> [String] {
    var names: [String] = []
    for line in lines {
      if line.hasPrefix("#define ") || line.hasPrefix("# define ") {
        let words = identifiers(in: String(line))
        if let name = words.first, !name.hasSuffix("_H") { names.append(name) }
      } else if line.hasPrefix("typedef "), let star = line.firstRange(of: "(*") {
        // A pointer to a function, whose parameters may go on in the next line and have types of the runtime.
        if let name = identifiers(in: String(line[star.upperBound...])).first { names.append(name) }
      } else if line.hasPrefix("typedef ") || line.hasPrefix("} nnc_") {
        if line.hasSuffix(";"), let name = identifiers(in: String(line)).last { names.append(name) }
      } else if let first = line.first, first.isLetter, let head = line.split(separator: "(").first,
        head.count < line.count
      {
        if let name = identifiers(in: String(head)).last { names.append(name) }
      }
    }
    return names
  }

  /// The identifiers in a text that belong to the runtime.
  private static func identifiers(in text: String) -> [String] {
    var names: [String] = []
    _ = replacingIdentifiers(in: text) { word in
      if word.hasPrefix("nnc_") || word.hasPrefix("NNC_") { names.append(String(word)) }
      return nil
    }
    return names
  }

  private static func replacingIdentifiers(in text: String, _ replacement: (Substring) -> String?) -> String {
    func isWord(_ byte: UInt8) -> Bool {
      (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x5f
    }
    let bytes = text.utf8
    var result = ""
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let isName = isWord(bytes[index])
      let end = bytes[index...].firstIndex { isWord($0) != isName } ?? bytes.endIndex
      let run = text[index..<end]
      result += (isName ? replacement(run) : nil) ?? String(run)
      index = end
    }
    return result
  }
}
