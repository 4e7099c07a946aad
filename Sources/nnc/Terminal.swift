import Glibc
import IR

/// What the user sees besides results.
enum Terminal {
  /// Writes lines to the standard error.
  static func report(_ text: String) {
    clearProgress()
    write(text + "\n", to: STDERR_FILENO)
  }

  /// Shows what is being done, on a line that the next one replaces; nothing where no person looks on.
  static func progress(_ text: String) {
    if isWatched { write("\r\u{1b}[K\(text.prefix(78))", to: STDERR_FILENO) }
  }

  /// Writes a line that stays, where a person looks on.
  static func note(_ text: String) { if isWatched { report(text) } }

  private static var isWatched: Bool { isatty(STDERR_FILENO) != 0 }

  private static func clearProgress() { if isWatched { write("\r\u{1b}[K", to: STDERR_FILENO) } }

  /// Writes text to the standard output, all of it or a diagnostic.
  static func output(_ text: String) throws {
    clearProgress()
    guard write(text, to: STDOUT_FILENO) else {
      throw Diagnostic("cannot write to the standard output: \(String(cString: strerror(errno)))")
    }
  }

  @discardableResult
  private static func write(_ text: String, to descriptor: Int32) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, UnsafeBufferPointer(rebasing: rest).baseAddress!, rest.count)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { return false }
        rest = rest.dropFirst(count)
      }
      return true
    }
  }
}

/// The rows of a table, as lines whose columns are aligned, numbers to the right.
func alignedTable(_ rows: [[String]], numbers: Set<Int> = []) -> String {
  let count = rows.map(\.count).max() ?? 0
  let widths = (0..<count).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max()! }
  return rows.map { row in
    var line = ""
    for (column, cell) in row.enumerated() {
      let space = String(repeating: " ", count: widths[column] - cell.count)
      line += (column == 0 ? "" : "  ") + (numbers.contains(column) ? space + cell : cell + space)
    }
    while line.hasSuffix(" ") { line.removeLast() }
    return line + "\n"
  }.joined()
}
