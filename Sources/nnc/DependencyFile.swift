import IR

/// A rule that says from which files another was made, as make, ninja and CMake read it.
struct DependencyFile {
  /// The file that was made.
  let target: String
  /// The files that were read for it.
  let prerequisites: [String]

  /// The rule, as C compilers write it: for each file that was read also one that lets it vanish.
  var text: String {
    let paths = prerequisites.map(Self.escaped)
    return ([Self.escaped(target) + ":"] + paths).joined(separator: " \\\n  ") + "\n"
      + paths.map { "\n\($0):\n" }.joined()
  }

  /// Writes the rule.
  ///
  /// - Throws: A diagnostic if the file cannot be written.
  func write(to path: String) throws { try OutputFile.write(to: path) { try $0.append(Array(text.utf8)) } }

  /// The path with what is special to make made plain.
  private static func escaped(_ path: String) -> String {
    path.map { $0 == "$" ? "$$" : $0 == " " || $0 == "#" ? "\\\($0)" : String($0) }.joined()
  }
}
