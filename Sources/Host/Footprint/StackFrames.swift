import IR

/// The stack that each function of a file takes for itself, as compilers write it for `-fstack-usage`.
struct StackFrames {
  private let bytes: [String: Int]

  /// Reads the lines of a `.su` file: `file:line:column:function`, bytes, and how they are known, between tabs.
  ///
  /// - Throws: A diagnostic if a function takes an amount that is known only when it runs.
  init(_ text: String) throws {
    var bytes: [String: Int] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      let columns = line.split(separator: "\t")
      guard columns.count == 3, let count = Int(columns[1]), let name = columns[0].split(separator: ":").last else {
        throw Diagnostic("the compiler states the use of the stack as '\(line)', which nnc cannot read")
      }
      guard columns[2] == "static" || columns[2].contains("bounded") else {
        throw Diagnostic("the stack that \(name) takes has no bound: its size is known only when it runs")
      }
      bytes[String(name)] = max(count, bytes[String(name)] ?? 0)
    }
    self.bytes = bytes
  }

  /// The bytes of a function; nil where the compiler states none.
  ///
  /// gcc numbers its copies of a function in the symbols, but not here: the largest of them counts.
  subscript(function: String) -> Int? {
    if let exact = bytes[function] { return exact }
    guard let dot = function.lastIndex(of: "."), Int(function[function.index(after: dot)...]) != nil else { return nil }
    return bytes[String(function[..<dot])]
  }
}
