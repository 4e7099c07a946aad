/// Collects the lines of a piece of C, and the kernels that it calls.
public struct CWriter {
  /// The lines so far.
  public private(set) var text = ""
  /// The names of the kernels that the text uses.
  public private(set) var kernels: Set<String> = []
  /// The bytes of the tables that the text defines.
  public private(set) var tableByteCount = 0
  private var indentation = 0

  /// Creates an empty writer.
  public init() {}

  /// Adds a line.
  public mutating func line(_ line: String = "") {
    text += line.isEmpty ? "\n" : String(repeating: "  ", count: indentation) + line + "\n"
  }

  /// Adds `head {`, then what `body` adds, indented, then `}`.
  public mutating func block(_ head: String, _ body: (inout CWriter) throws -> Void) rethrows {
    line(head + " {")
    indentation += 1
    try body(&self)
    indentation -= 1
    line("}")
  }

  /// Adds the lines of another writer.
  public mutating func append(_ other: CWriter) {
    for line in other.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      self.line(String(line))
    }
    kernels.formUnion(other.kernels)
    tableByteCount += other.tableByteCount
  }

  /// Notes that the text uses a kernel, and returns its name.
  public mutating func kernel(_ name: String) -> String {
    kernels.insert(name)
    return name
  }

  /// Adds the definition of a constant table inside a function.
  ///
  /// - Parameter width: The bytes of an element, for the size of the model; those of an index are taken as 4.
  public mutating func table(_ type: String, _ name: String, _ literals: [String], width: Int) {
    tableByteCount += literals.count * width
    let rows = cRows(of: literals)
    if rows.count == 1 { return line("static const \(type) \(name)[] = {\(rows[0].dropLast())};") }
    line("static const \(type) \(name)[] = {")
    for row in rows { line("  " + row) }
    line("};")
  }

  /// Adds a call of a kernel.
  public mutating func call(_ name: String, _ arguments: [String]) {
    line("\(kernel(name))(\(arguments.joined(separator: ", ")));")
  }

  /// Adds a call of a kernel that takes its sizes as a constant struct.
  ///
  /// - Parameter fields: The fields of the struct in its order, with the names that are shown as comments.
  public mutating func call(_ name: String, _ arguments: [String], shape type: String, _ fields: [(String, Int)]) {
    var rows = [""]
    for (index, (field, value)) in fields.enumerated() {
      let word = "\(value) /* \(field) */" + (index < fields.count - 1 ? "," : "")
      if rows[rows.count - 1].utf8.count + word.utf8.count > 110 { rows.append("") }
      rows[rows.count - 1] += (rows[rows.count - 1].isEmpty ? "" : " ") + word
    }
    line("static const \(kernel(type)) shape = {")
    for row in rows { line("  " + row) }
    line("};")
    call(name, ["&shape"] + arguments)
  }
}
