import Foundation
import Host
import Testing

/// A folder in which a test builds something with the nnc beside it, and programs that may be missing.
struct Workspace {
  let folder: TemporaryFolder
  var path: String { folder.path }

  /// Creates a folder if all programs that a test needs are there.
  ///
  /// - Returns: Nil after a line that names the first that is missing.
  init?(needing programs: String...) throws {
    if let missing = programs.first(where: { CCompiler($0) == nil }) {
      print("skipped: there is no \(missing)")
      return nil
    }
    folder = try TemporaryFolder()
  }

  /// The source tree.
  static let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// The program that was built beside the tests.
  static let nnc: String = {
    let tests = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(fileURLWithPath: tests ?? "").deletingLastPathComponent().appendingPathComponent("nnc").path
  }()

  static let stubs = source + "/Tests/IntegrationTests/Stubs"
  static let digits = source + "/samples/digits/digits.json"

  /// Runs a program in the folder, and returns what it printed.
  ///
  /// - Throws: A diagnostic with what it printed if it failed.
  @discardableResult
  func run(_ program: String, _ arguments: String..., environment: [String: String] = [:]) throws -> String {
    try run(program, arguments, environment: environment)
  }

  @discardableResult
  func run(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws -> String {
    let variables = environment.map { "\($0)=\($1)" }.sorted()
    let env = try #require(CCompiler("env"))
    return try withoutBlockedSignals { try env.run(variables + [program] + arguments, in: folder.url) }
  }

  /// Calls `body` on a thread that blocks no signal. Threads on which tests run block the one for the end of a child; a
  /// program inherits that, and CMake would wait for its children forever.
  private func withoutBlockedSignals<Result>(_ body: () throws -> Result) rethrows -> Result {
    var (none, blocked) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &blocked)
    defer { pthread_sigmask(SIG_SETMASK, &blocked, nil) }
    return try body()
  }

  /// What a program printed that should fail, without where lines end, of which CMake decides.
  func failure(of program: String, _ arguments: String..., environment: [String: String] = [:]) -> String {
    do {
      let output = try run(program, arguments, environment: environment)
      Issue.record("\(program) should have failed: \(output)")
      return output
    } catch { return "\(error)".split(whereSeparator: \.isWhitespace).joined(separator: " ") }
  }

  /// Writes a file, in a folder that is made for it.
  func write(_ text: String, to name: String) throws {
    let url = folder.url.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try folder.write(text, to: name)
  }

  /// The text of a file.
  func read(_ name: String) throws -> String {
    try String(contentsOf: folder.url.appendingPathComponent(name), encoding: .utf8)
  }

  /// The bytes of code and constants, of data and of zeros in a program.
  func sizes(of program: String, _ tool: String) throws -> [Int] {
    try run(tool, program).split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
  }

  /// Configures a project with CMake, in the folder `build`, and builds it.
  @discardableResult
  func cmake(_ project: String, _ options: [String] = [], environment: [String: String] = [:]) throws -> String {
    try configure(project, options, environment: environment)
    return try run("cmake", "--build", "build", "--parallel", "2")
  }

  /// Configures a project with CMake in the folder `build`.
  @discardableResult
  func configure(_ project: String, _ options: [String] = [], environment: [String: String] = [:]) throws -> String {
    let places = ["-Dnnc_DIR=\(Self.source)/cmake", "-DNNC_EXECUTABLE=\(Self.nnc)"]
    return try run("cmake", ["-S", project, "-B", "build"] + places + options, environment: environment)
  }
}
