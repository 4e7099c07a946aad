import Foundation
import Host
import IR
import Importers
import SwiftProtobuf
import Testing

/// `nnc check --data` with the folders that come with ONNX models.
@Suite struct CheckDataTests {
  let nnc: NNCProgram
  let input = Tensor(random: TensorType(.f32, [1, 2, 8, 8]), seed: 5)

  init() throws { nnc = try NNCProgram() }

  /// Writes the folder of one data set.
  private func write(_ folder: String, _ input: Tensor, _ output: Tensor) throws {
    try FileManager.default.createDirectory(atPath: nnc.path(folder), withIntermediateDirectories: true)
    for (name, tensor) in [("input_0", input), ("output_0", output)] {
      var proto = OnnxTensorProto()
      proto.dataType = 1
      proto.dims = tensor.shape.map { Int64($0) }
      proto.rawData = tensor.withUnsafeBytes { Data($0) }
      try proto.serializedData().write(to: URL(fileURLWithPath: nnc.path("\(folder)/\(name).pb")))
    }
  }

  private func output(for input: Tensor) throws -> Tensor {
    try Graph(parsing: tinyModel, file: "").evaluate(["x": input])[0]
  }

  @Test func comparesWithADataSet() throws {
    try write("test_data_set_0", input, output(for: input))
    let result = try nnc("check tiny.nnc --data test_data_set_0")
    #expect(result.exitCode == 0)
    #expect(result.output.contains("ok: the C computes what the model says\n"))
  }

  @Test func comparesWithAllDataSetsOfAFolder() throws {
    let output = try output(for: input)
    for index in [0, 1, 10] { try write("data/test_data_set_\(index)", input, output) }
    let good = try nnc("check tiny.nnc --data data")
    #expect(good.exitCode == 0 && good.output.contains("on 3 samples"), "\(good.errors)")
    let wrong = Tensor(output.type, reals: output.reals.enumerated().map { $0 == 5 ? $1 + 1 : $1 })
    try write("data/test_data_set_10", input, wrong)
    let bad = try nnc("check tiny.nnc --data data")
    #expect(bad.exitCode == 1)
    #expect(bad.errors.contains("recorded output 'y' (MatMul) is the first that differs: element 5 of f32[1x10]"))
  }

  @Test func takesSamplesAlongAnAxisOfTheirOwn() throws {
    let samples = Tensor(random: TensorType(.f32, [3, 1, 2, 8, 8]), seed: 6)
    try NpzArchive.write(nnc.path("samples.npz"), [("x", samples)])
    let result = try nnc("check tiny.nnc --data samples.npz")
    #expect(result.exitCode == 0 && result.output.contains("on 3 samples"), "\(result.errors)")
  }

  @Test func saysWhatIsWrongWithADataSet() throws {
    try write("data/test_data_set_0", input.reshaped(to: [2, 1, 8, 8]), output(for: input))
    #expect(
      try nnc("check tiny.nnc --data data").errors.contains(
        "data/test_data_set_0/input_0.pb: input 'x' is f32[1x2x8x8], but the tensor is f32[2x1x8x8]"))
    try nnc.folder.write("no tensor", to: "data/test_data_set_0/input_0.pb")
    #expect(try nnc("check tiny.nnc --data data").errors.contains("input_0.pb: error: this is not an ONNX tensor"))
    try FileManager.default.createDirectory(atPath: nnc.path("empty"), withIntermediateDirectories: true)
    #expect(
      try nnc("check tiny.nnc --data empty").errors.contains("empty: there is no file input_0.pb for input 'x'"))
  }
}
