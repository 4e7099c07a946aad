import Foundation
import Host

/// Lets workers compile many inputs, and keeps those that they fail on.
struct Campaign {
  let kind: ModelKind
  let seedFolder: String
  let failureFolder: String

  /// How many inputs one process gets.
  private static let batchSize = 250

  /// What became of the inputs.
  struct Result {
    var compiled = 0
    var refused = 0
    var failures: [String] = []
  }

  /// Runs the inputs with the given numbers.
  func run(_ indices: Range<Int>) throws -> Result {
    let seeds = try Seeds.read(kind, in: seedFolder)
    var result = Result()
    var next = indices.lowerBound
    while next < indices.upperBound {
      let batch = next..<min(next + Self.batchSize, indices.upperBound)
      next = try run(batch, seeds, &result)
    }
    return result
  }

  /// Runs some inputs in a process of their own, up to one that ends it.
  ///
  /// - Returns: The number of the input that comes next.
  private func run(_ batch: Range<Int>, _ seeds: [Seed], _ result: inout Result) throws -> Int {
    let process = Process()
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = ["work", kind.rawValue, seedFolder, "\(batch.lowerBound)", "\(batch.upperBound)"]
    process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    let (output, folder) = (Pipe(), try TemporaryFolder())
    let errors = try folder.write("", to: "errors")
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: URL(filePath: errors))
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let words = try String(contentsOfFile: errors, encoding: .utf8).split(separator: "\n").suffix(3)
      .joined(separator: " ")
    var started: Int?
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ")
      guard parts.count == 2, let index = Int(parts[0]), let outcome = Worker.Outcome(rawValue: String(parts[1])) else {
        throw FuzzError("a worker said '\(line)'")
      }
      started = outcome == .started ? index : nil
      switch outcome {
      case .started: break
      case .compiled: result.compiled += 1
      case .refused: result.refused += 1
      case .memory: try keep(index, seeds, "needs too much memory", &result)
      case .fault: try keep(index, seeds, words, &result)
      }
    }
    if process.terminationReason == .exit, process.terminationStatus == 0 { return batch.upperBound }
    guard let started else { throw FuzzError("a worker ended without an input: \(words)") }
    let status = process.terminationStatus
    let isTime = [SIGPROF, SIGALRM].contains(status)
    try keep(started, seeds, isTime ? "takes too long" : "ended the program with \(status): \(words)", &result)
    return started + 1
  }

  private func keep(_ index: Int, _ seeds: [Seed], _ what: String, _ result: inout Result) throws {
    let folder = "\(failureFolder)/\(kind.rawValue)-\(index)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = try FuzzInput(kind, index, of: seeds).write(to: folder)
    result.failures.append("\(path): \(what)")
    say(result.failures.last!)
  }
}

/// A fault of the fuzzer itself.
struct FuzzError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
