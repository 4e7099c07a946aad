extension Graph: CustomStringConvertible {
  /// The graph as text, with large constants as digests.
  public var description: String { text(constants: .digest) }

  /// The graph as text, which `Graph(parsing:)` reads back if constants are printed in full.
  public func text(constants: Tensor.LiteralForm) -> String {
    let names = displayNames
    let used = Set(nodes.flatMap { $0.operands } + outputs.map(\.value))
    var text = "graph \(name.quotedUnlessWord) {\n"
    for (index, node) in nodes.enumerated() {
      let lastUsed = node.types.indices.last { used.contains(Value(node: index, result: $0)) } ?? 0
      let results = (0...lastUsed).map { "%" + names[index][$0].quotedUnlessWord }.joined(separator: ", ")
      let types = (0...lastUsed).map { node.types[$0].description }.joined(separator: ", ")
      text += "  \(results) = \(node.op.opName)"
      if let constant = node.op as? Constant {
        text += " " + constant.value.literal(constants)
      } else if let input = node.op as? Input {
        if input.name != names[index][0] { text += " {name: \(input.name.quotedUnlessWord)}" }
      } else {
        let operands = node.inputs.map { $0.map { "%" + names[$0.node][$0.result].quotedUnlessWord } ?? "_" }
        text += "(\(operands.joined(separator: ", ")))"
        let attributes = node.op.changedAttributes.entries.map { "\($0.name): \($0.value.text(constants: constants))" }
        if !attributes.isEmpty { text += " {\(attributes.joined(separator: ", "))}" }
      }
      text += " : \(types)\n"
    }
    let results = outputs.map { name, value in
      let display = names[value.node][value.result]
      return (name == display ? "" : name.quotedUnlessWord + ": ") + "%" + display.quotedUnlessWord
    }
    return text + "  return \(results.joined(separator: ", "))\n}\n"
  }

  /// A name for each value that no other value has: its own where it has one, else a number.
  ///
  /// Of several values with one name the last keeps it: it is what the others were made for.
  public var displayNames: [[String]] {
    var taken: Set<String> = []
    var suffixes: [String: Int] = [:]
    let backwards = nodes.indices.reversed().map { index in
      nodes[index].types.indices.map { result in
        let base = nodes[index].names[result] ?? (nodes[index].types.count == 1 ? "\(index)" : "\(index).\(result)")
        var name = base
        while !taken.insert(name).inserted {
          suffixes[base, default: 0] += 1
          name = "\(base)_\(suffixes[base]!)"
        }
        return name
      }
    }
    return backwards.reversed()
  }
}

extension Attribute {
  /// The value as text, with the graphs in it.
  fileprivate func text(constants: Tensor.LiteralForm) -> String {
    guard case .graph(let graph) = self else { return description }
    let lines = graph.text(constants: constants).split(separator: "\n")
    return (lines.prefix(1) + lines.dropFirst().map { "  " + $0 }).joined(separator: "\n")
  }
}

extension Tensor {
  /// How the elements of a tensor are written.
  public enum LiteralForm: Sendable {
    /// So that the same bytes can be read back: numbers where they are few, else the bytes.
    case exact
    /// Few numbers as in `exact`; many as a digest, which cannot be read back.
    case digest
  }

  /// The elements as text.
  public func literal(_ form: LiteralForm) -> String {
    let bytes = withUnsafeBytes { Array($0.prefix(type.byteCount)) }
    if type.elementCount <= 16, let numbers = numbers { return "[" + numbers.joined(separator: ", ") + "]" }
    if isSplat, let numbers = gathering([0], shape: []).numbers { return "splat(\(numbers[0]))" }
    switch form {
    case .exact: return "bytes(\(bytes.map { hexDigits[Int($0)] }.joined()))"
    case .digest:
      // FNV-1a, written out because the seed of `Hasher` differs from run to run.
      let digest = bytes.reduce(into: UInt64(0xcbf2_9ce4_8422_2325)) { $0 = ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
      return "digest(\(String(digest, radix: 16)))"
    }
  }

  /// Whether all elements are the same.
  private var isSplat: Bool {
    if element.isPacked {
      let codes = codes
      return codes.allSatisfy { $0 == codes[0] }
    }
    let width = element.bitWidth / 8
    return withUnsafeBytes { bytes in
      stride(from: width, to: bytes.count, by: width).allSatisfy { start in
        (0..<width).allSatisfy { bytes[start + $0] == bytes[$0] }
      }
    }
  }

  /// Each element as text that reads back exactly, or nil where one is a NaN, whose bits text would lose.
  private var numbers: [String]? {
    func text<T: Element>(_: T.Type) -> [String]? {
      let elements = elements(as: T.self)
      if element.isFloat {
        return elements.contains { $0.real.isNaN }
          ? nil : elements.map { element == .f64 ? "\($0.real)" : "\(Float($0.real))" }
      }
      return element == .bool ? elements.map { $0.integer == 0 ? "false" : "true" } : elements.map { "\($0.integer)" }
    }
    return text(element.swiftType)
  }
}

private let hexDigits = (0...255).map { (byte: Int) in (byte < 16 ? "0" : "") + String(byte, radix: 16) }

extension String {
  /// The string as the name of a value or graph: in quotes, with escapes, unless it is a word.
  public var quotedUnlessWord: String { !isEmpty && utf8.allSatisfy(Lexer.isWord) ? self : quoted }

  /// The string as the value of an attribute: in quotes unless it is a word that is not read as another kind of value.
  var quotedUnlessPlain: String {
    let isPlain = first!.isLetter && !["true", "false", "none", "inf", "nan", "infinity"].contains(lowercased())
    return isPlain ? quotedUnlessWord : quoted
  }

  /// The string in quotes, with escapes.
  public var quoted: String {
    let escaped = unicodeScalars.map { scalar in
      switch scalar {
      case "\"": "\\\""
      case "\\": "\\\\"
      case "\n": "\\n"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f: "\\u{\(String(scalar.value, radix: 16))}"
      default: String(scalar)
      }
    }
    return "\"" + escaped.joined() + "\""
  }
}
