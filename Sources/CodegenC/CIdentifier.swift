/// Makes C identifiers out of names that may contain anything.
public struct CIdentifiers {
  private var taken: Set<String>

  /// Creates a scope in which the words of C and C++, and those that the generated code uses itself, are taken.
  public init() { taken = reservedWords }

  /// Returns an identifier for `name` that no earlier name of this scope got.
  ///
  /// Letters and digits of ASCII remain, everything else becomes `_`.
  public mutating func unique(_ name: String) -> String {
    let base = CIdentifiers.sanitized(name)
    var identifier = base
    var suffix = 2
    while !taken.insert(identifier).inserted {
      identifier = "\(base)_\(suffix)"
      suffix += 1
    }
    return identifier
  }

  /// The name with everything that cannot stand in an identifier replaced, which may be a reserved word.
  public static func sanitized(_ name: String) -> String {
    var result = ""
    for scalar in name.unicodeScalars {
      let isAllowed = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
      if isAllowed { result.unicodeScalars.append(scalar) } else if result.last != "_" { result += "_" }
    }
    result = String(result.prefix(60))
    while result.hasSuffix("_") { result.removeLast() }
    while result.hasPrefix("_") { result.removeFirst() }
    guard let first = result.first else { return "unnamed" }
    return first.isNumber || result.hasPrefix("nnc_") ? "n" + result : result
  }
}

private let reservedWords: Set<String> = [
  "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch", "char",
  "char8_t", "char16_t", "char32_t", "class", "co_await", "co_return", "co_yield", "compl", "concept", "const",
  "const_cast", "consteval", "constexpr", "constinit", "continue", "decltype", "default", "delete", "do", "double",
  "dynamic_cast", "else", "enum", "explicit", "export", "extern", "false", "float", "for", "friend", "goto", "if",
  "inline", "int", "long", "mutable", "namespace", "new", "noexcept", "not", "not_eq", "nullptr", "operator", "or",
  "or_eq", "private", "protected", "public", "register", "reinterpret_cast", "requires", "restrict", "return", "short",
  "signed", "sizeof", "static", "static_assert", "static_cast", "struct", "switch", "template", "this", "thread_local",
  "throw", "true", "try", "typedef", "typeid", "typename", "typeof", "typeof_unqual", "union", "unsigned", "using",
  "virtual", "void", "volatile", "wchar_t", "while", "xor", "xor_eq", "linux", "unix", "i386", "NULL", "int8_t",
  "int16_t", "int32_t", "int64_t", "uint8_t", "uint16_t", "uint32_t", "uint64_t", "ptrdiff_t", "size_t", "main",
  "errno", "assert", "stdin", "stdout", "stderr", "EOF",
]
