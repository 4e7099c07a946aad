import Foundation
import IR

/// A C compiler of the system.
public struct CCompiler: Sendable {
  /// The path of the program.
  public let path: String

  /// Creates a compiler from a path, or a name that is looked up in `PATH`.
  ///
  /// - Returns: Nil if there is no such program.
  public init?(_ name: String) {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    let candidates = name.contains("/") ? [name] : folders.map { "\($0)/\(name)" }
    guard let path = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else { return nil }
    self.path = path
  }

  /// The compiler that the environment variable `CC` names, or clang, or what there is.
  ///
  /// - Throws: A diagnostic if there is none.
  public static func system() throws -> CCompiler {
    if let name = ProcessInfo.processInfo.environment["CC"], !name.isEmpty {
      guard let compiler = CCompiler(name) else {
        throw Diagnostic("the C compiler '\(name)', which CC names, does not exist")
      }
      return compiler
    }
    for name in ["clang", "cc", "gcc"] { if let compiler = CCompiler(name) { return compiler } }
    throw Diagnostic("there is no C compiler: install clang or gcc, or set CC to the path of one")
  }

  /// What the compiler says of its version.
  public func version() throws -> String {
    try run(["--version"]).split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
  }

  /// Runs the compiler.
  ///
  /// - Returns: What it printed.
  /// - Throws: A diagnostic with what it printed if it failed.
  @discardableResult
  public func run(_ arguments: [String], in folder: URL? = nil) throws -> String {
    let process = try ChildProcess(path, arguments, in: folder)
    guard process.status == 0 else { throw Diagnostic("\(path) failed:\n\(process.output.prefix(8000))") }
    return process.output
  }
}
