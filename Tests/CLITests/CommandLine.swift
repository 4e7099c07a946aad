import Foundation
import Host
import IR
import Testing

/// The program that was built beside the tests, in a folder of its own.
struct NNCProgram {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(tinyModel, to: "tiny.nnc")
  }

  /// The program with labelled images for the model beside it, samples.npz.
  static func withSamples() throws -> NNCProgram {
    let program = try NNCProgram()
    let images = Tensor(random: TensorType(.f32, [16, 2, 8, 8]), seed: 3)
    try NpzArchive.write(
      program.path("samples.npz"), [("x", images), ("labels", Tensor((0..<16).map { Int64($0 % 10) }))])
    return program
  }

  struct Result {
    let exitCode: Int32
    let output: String
    let errors: String
  }

  /// Runs the program with arguments separated by spaces.
  func callAsFunction(_ arguments: String) throws -> Result {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("nnc")
    process.arguments = arguments.split(separator: " ").map(String.init)
    process.currentDirectoryURL = folder.url
    let (output, errors) = (path(".output"), path(".errors"))
    for path in [output, errors] { #expect(FileManager.default.createFile(atPath: path, contents: nil)) }
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    return Result(
      exitCode: process.terminationStatus, output: try read(".output"), errors: try read(".errors"))
  }

  func path(_ name: String) -> String { folder.url.appendingPathComponent(name).path }
  func read(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

  /// The files that are not hidden, in order.
  func files() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.url.path).filter { !$0.hasPrefix(".") }.sorted()
  }
}

/// A convolution, a pool and a matrix product.
let tinyModel = """
  graph tiny {
    %x = Input : f32[1x2x8x8]
    %w = Constant random(1) : f32[4x2x3x3]
    %b = Constant random(2) : f32[4]
    %c = Conv(%x, %w, %b) {pads: [1, 1, 1, 1]}
    %r = Relu(%c)
    %p = MaxPool(%r) {kernel_shape: [2, 2], strides: [2, 2]}
    %f = Flatten(%p)
    %m = Constant random(3) : f32[64x10]
    %y = MatMul(%f, %m)
    return %y
  }

  """
