import CodegenC
import Foundation
import Host
import IR
import Passes
import TestSupport
import Testing

/// samples/stories: C that tells a story.
@Suite(.enabled(if: sharedFolder != nil)) struct StoriesTests {
  /// What onnxruntime's logits give, the likeliest token each time.
  private let story = """
    Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she saw a big, \
    red ball. She wanted to play with it, but it was too high.
    Lily
    """

  @Test func tellsTheStoryOfTheReference() throws {
    let program = try compiled()
    #expect(try output(of: program, []) == story + "\n")
    // The beginning of the same story, so the text is the same.
    #expect(try output(of: program, ["Once upon a time, there was a"]) == story + "\n")
  }

  @Test func saysWhatIsWrong() throws {
    let program = try compiled()
    let folder = try #require(sharedFolder) + "/models/stories260k"
    #expect(try run(program, [folder + "/model.onnx"]).errors.hasSuffix("not a tokenizer of 512 tokens\n"))
    #expect(try run(program, ["none.bin"]).errors.contains("none.bin: cannot be opened"))
    let long = String(repeating: "x", count: 100)
    #expect(try run(program, [folder + "/tok512.bin", long]).errors.contains("the beginning is too long"))
  }

  private struct Program {
    let folder: TemporaryFolder
    var path: String { folder.path + "/stories" }
  }

  private func compiled() throws -> Program {
    let program = Program(folder: try TemporaryFolder())
    let graph = try RealModel(name: "stories260k").graph()
    let model = try CModel(Pipeline.standard.run(graph), options: .init(name: "stories"))
    try program.folder.write(model.source, to: "stories.c")
    try program.folder.write(model.header, to: "stories.h")
    let sources = ["main.c", "tokenizer.c"].map { "\(projectFolder)/samples/stories/\($0)" } + ["stories.c"]
    try CCompiler.system().run(
      CompiledLibrary.defaultOptions + CompilerMatrix.warnings + ["-I."] + sources + ["-lm", "-o", "stories"],
      in: program.folder.url)
    return program
  }

  private func output(of program: Program, _ arguments: [String]) throws -> String {
    let tokenizer = try #require(sharedFolder) + "/models/stories260k/tok512.bin"
    let result = try run(program, [tokenizer] + arguments)
    #expect(result.status == 0, "\(result.errors)")
    return result.output
  }

  private func run(_ program: Program, _ arguments: [String]) throws -> (status: Int32, output: String, errors: String)
  {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program.path)
    process.arguments = arguments
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let text = [output, errors].map { String(decoding: $0.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) }
    process.waitUntilExit()
    return (process.terminationStatus, text[0], text[1])
  }
}
