import IR

/// The options of a pass. Its stored properties are the options: `--passes "name{option: value}"` sets them by the rules by
/// which text sets the attributes of operations.
public protocol PassOptions: Codable, Sendable {
  /// Creates the options with their default values.
  init()

  /// What each option is for, by the name that it has in text.
  static var summaries: [String: String] { get }

  /// Whether these options make a pass approximate that keeps more otherwise.
  var isApproximate: Bool { get }

  /// Throws a diagnostic if a value is out of range, or does not go with another.
  func validate() throws
}

extension PassOptions {
  var isApproximate: Bool { false }
}

/// An option of a pass, and its value.
public struct PassOption: Sendable {
  /// The name, as in text.
  public let name: String
  /// The value, as in text; empty where there is none.
  public let value: String
  /// What it is for.
  public let summary: String

  static func list<Options: PassOptions>(_ options: Options) -> [PassOption] {
    Attributes(of: options).entries.map { name, value in
      PassOption(name: name, value: value == .none ? "" : "\(value)", summary: Options.summaries[name] ?? "")
    }
  }
}

extension Pipeline {
  /// The names in a list such as `a{x: [1, 2]},b`, with the text between braces.
  static func entries(of names: String) throws -> [(name: String, options: String?)] {
    var parts = [""]
    var depth = 0
    for character in names {
      if "{[".contains(character) { depth += 1 }
      if "}]".contains(character) { depth -= 1 }
      if character == ",", depth == 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
    }
    return try parts.map { $0.trimmed }.filter { !$0.isEmpty }.map { part in
      guard let brace = part.firstIndex(of: "{") else { return (part, nil) }
      guard part.hasSuffix("}"), depth == 0 else {
        throw Diagnostic("'\(part)' should end in }, as in binarize{bits: 2, error: 0.1}")
      }
      return (String(part[..<brace]).trimmed, String(part[part.index(after: brace)...].dropLast()))
    }
  }
}

extension String {
  /// The text without spaces around it.
  fileprivate var trimmed: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
