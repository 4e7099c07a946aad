import Foundation
import Host
import IR
import Importers
import Passes
import TestSupport
import Testing

/// The folder with real models and data, beside the project or where NNC_SHARED says.
let sharedFolder: String? = {
  let beside = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../shared")
  let folder = ProcessInfo.processInfo.environment["NNC_SHARED"] ?? beside.standardized.path
  if FileManager.default.fileExists(atPath: folder + "/models") { return folder }
  print("skipped: the real models, because there is no folder \(folder)/models")
  return nil
}()

/// The root of the project.
let projectFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
  .standardized.path

/// A real model with inputs and the outputs that another runtime computed for them.
struct RealModel: CustomTestStringConvertible {
  var name: String
  /// The greatest difference, relative to the largest element of an output. Integers may differ by 1.
  var tolerance = 1e-4

  var testDescription: String { name }

  static let all = [
    RealModel(name: "cnn28"), RealModel(name: "mlp_32_64_64_4"), RealModel(name: "mlperf_resnet8_f32"),
    RealModel(name: "mlperf_ad01_f32"), RealModel(name: "mnist12"), RealModel(name: "mobilenet_v2_035_128"),
    RealModel(name: "attention_block"), RealModel(name: "face_detection"), RealModel(name: "ppocr_cls"),
    RealModel(name: "lstm_mnist_f32"),
    RealModel(name: "mlperf_kws_f32", tolerance: 2e-3), RealModel(name: "mlperf_kws_int8"),
    RealModel(name: "mlperf_resnet8_int8"), RealModel(name: "mlperf_ad01_int8"),
  ]

  /// The graph as the file has it.
  func graph() throws -> Graph { try loadModel(at: "\(try #require(sharedFolder))/models/\(name)/model.onnx") }

  /// The recorded inputs by name, and the recorded outputs in order.
  func recording() throws -> (inputs: [String: Tensor], outputs: [Tensor]) {
    let arrays = try NpzArchive.read("\(try #require(sharedFolder))/models/\(name)/io.npz")
    let inputs = arrays.filter { $0.name.hasPrefix("in_") }.map { (String($0.name.dropFirst(3)), $0.tensor) }
    return (Dictionary(uniqueKeysWithValues: inputs), arrays.filter { $0.name.hasPrefix("out_") }.map(\.tensor))
  }
}

extension Graph {
  /// The model in C, as `nnc build` makes it, compiled for this machine.
  func compiled() throws -> CompiledModel {
    try CompiledModel(
      Pipeline.standard.run(self), compiler: .system(),
      options: CompiledLibrary.defaultOptions + CompilerMatrix.warnings)
  }
}

/// The largest difference between elements, relative to the largest element of the second tensor.
func relativeError(_ a: Tensor, _ b: Tensor) -> Double {
  let differences = zip(a.reals, b.reals).map { abs($0 - $1) }
  // A comparison with NaN is false, so a NaN among the differences must not be lost in the maximum.
  guard a.shape == b.shape, differences.allSatisfy({ !$0.isNaN }) else { return .infinity }
  return (differences.max() ?? 0) / max(b.reals.map(abs).max() ?? 0, 1e-30)
}
