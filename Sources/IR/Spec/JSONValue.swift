/// The place of a value in a JSON text: line and column, both counted from 1, the column in characters.
struct JSONPosition: Hashable, Sendable {
  var line: Int32
  var column: Int32
}

extension JSONPosition: CustomStringConvertible {
  var description: String { "\(line):\(column)" }
}

/// A value of a JSON text, and where it stands.
///
/// Numbers are kept as they are written, so that each type of number can be read from them without rounding twice.
package struct JSONValue: Sendable {
  enum Content: Sendable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])
  }

  /// One key of an object and its value.
  package struct Member: Sendable {
    var key: String
    var position: JSONPosition
    var value: JSONValue
  }

  var content: Content
  var position: JSONPosition

  /// What the value is, in the words of an error message.
  var summary: String {
    switch content {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let text): "the number \(text.shortened)"
    case .string(let text): "the string \(text.shortened.quoted)"
    case .array: "a list"
    case .object: "an object"
    }
  }
}

extension String {
  /// The string, or its beginning where it is too long for a message.
  var shortened: String { count > 60 ? prefix(57) + "..." : self }
}

/// Reads the values of one JSON text as what they should be, with an error at their place where they are not.
package struct JSONReader {
  /// The file, as errors name it.
  let file: String
  /// The weights that branches and bodies of loops share with the model.
  var weights = SpecWeights()

  /// Creates a reader of what comes from `file`.
  package init(file: String) { self.file = file }

  func location(_ position: JSONPosition) -> Location {
    Location(file: file, line: Int(position.line), column: Int(position.column))
  }

  func fault(_ message: String, at position: JSONPosition) -> Diagnostic {
    Diagnostic(message, at: location(position))
  }

  private func mismatch(_ value: JSONValue, _ what: String, _ expected: String) -> Diagnostic {
    fault("\(what) should be \(expected), not \(value.summary)", at: value.position)
  }

  func string(_ value: JSONValue, _ what: String) throws(Diagnostic) -> String {
    guard case .string(let text) = value.content else { throw mismatch(value, what, "a string") }
    return text
  }

  /// A name of something of the model: not empty, and without control characters, which no message could show.
  func name(_ value: JSONValue, _ what: String) throws(Diagnostic) -> String {
    let text = try string(value, what)
    guard !text.isEmpty else { throw fault("\(what) is empty; give it a name", at: value.position) }
    guard text.isFreeOfControls else {
      throw fault(
        "\(what) \(text.shortened.quoted) has control characters; use letters, digits and punctuation",
        at: value.position)
    }
    return text
  }

  func array(_ value: JSONValue, _ what: String) throws(Diagnostic) -> [JSONValue] {
    guard case .array(let values) = value.content else { throw mismatch(value, what, "a list") }
    return values
  }

  /// An integer that is not negative, such as an extent.
  func count(_ value: JSONValue, _ what: String) throws(Diagnostic) -> Int {
    guard case .number(let text) = value.content, let number = Int(text), number >= 0 else {
      let isHuge =
        if case .number(let text) = value.content { Int(text) == nil && text.allSatisfy(\.isNumber) } else { false }
      throw mismatch(value, what, isHuge ? "an integer of at most \(Int.max)" : "an integer that is not negative")
    }
    return number
  }

  /// The members of an object all of whose keys are among `keys`.
  func object(_ value: JSONValue, _ what: String, keys: [String]) throws(Diagnostic) -> JSONObject {
    guard case .object(let members) = value.content else { throw mismatch(value, what, "an object") }
    for member in members where !keys.contains(member.key) {
      throw fault(
        "\(what) has no key \(member.key.shortened.quoted)\(suggestion(for: member.key, among: keys)); "
          + "its keys are \(keys.joined(separator: ", "))", at: member.position)
    }
    return JSONObject(what: what, members: members, position: value.position, reader: self)
  }

  /// The members of an object whose keys are names.
  package func members(_ value: JSONValue, _ what: String) throws(Diagnostic) -> [JSONValue.Member] {
    guard case .object(let members) = value.content else { throw mismatch(value, what, "an object") }
    return members
  }
}

/// An object whose keys are known.
struct JSONObject {
  let what: String
  let members: [JSONValue.Member]
  let position: JSONPosition
  let reader: JSONReader

  /// The value of a key, or nil where it is left out.
  subscript(key: String) -> JSONValue? { members.first { $0.key == key }?.value }

  func required(_ key: String) throws(Diagnostic) -> JSONValue {
    guard let value = self[key] else { throw reader.fault("\(what) has no \(key.quoted); add it", at: position) }
    return value
  }
}

extension String {
  /// Whether no character is a control character.
  var isFreeOfControls: Bool {
    unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f..<0xa0).contains($0.value) }
  }
}
