import Foundation
import Host
import Testing

/// Some of the inputs of `make fuzz`.
@Suite struct FuzzTests {
  @Test func damagedModelsAreCompiledOrRefused() throws {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(filePath: tests).deletingLastPathComponent().appending(path: "Fuzz")
    process.arguments = ["--count", "300", "--failures", "\(folder.path)/failures"] + Self.models
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text)")
    // Neither is everything compiled nor everything refused, or the inputs would test little.
    for kind in ["onnx", "json"] {
      let counts = text.firstMatch(
        of: try Regex(
          "\(kind): 300 inputs, (\\d+) compiled, (\\d+) refused", as: (Substring, Substring, Substring).self))
      let compiled = try #require(counts.flatMap { Int($0.1) }, "\(text)")
      #expect((30...270).contains(compiled), "\(kind): \(compiled) compiled")
    }
  }

  /// The small networks beside the project, if they are there, as arguments.
  private static var models: [String] {
    let beside = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../shared").standardized
    let zoo = (ProcessInfo.processInfo.environment["NNC_SHARED"] ?? beside.path) + "/zoo"
    if FileManager.default.fileExists(atPath: zoo) { return ["--models", zoo] }
    print("skipped: damaged networks of the zoo, because there is no folder \(zoo)")
    return []
  }
}
