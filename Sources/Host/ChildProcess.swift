import Foundation
import IR

/// A program that has run, and ended.
struct ChildProcess {
  /// What it printed, results and errors.
  let output: String
  /// What it returned; nil where a signal ended it.
  let status: Int32?
  /// The signal that ended it.
  let signal: Int32?

  /// Runs the program at a path and waits until it ends.
  init(_ path: String, _ arguments: [String], in folder: URL? = nil) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = folder }
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    // Read before waiting: a full pipe would stop the program.
    output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let hasExited = process.terminationReason == .exit
    status = hasExited ? process.terminationStatus : nil
    signal = hasExited ? nil : process.terminationStatus
  }
}
