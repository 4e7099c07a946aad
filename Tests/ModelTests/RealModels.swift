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
    RealModel(name: "lstm_mnist_f32"), RealModel(name: "magika"), RealModel(name: "stories260k"),
    RealModel(name: "mlperf_kws_f32", tolerance: 2e-3), RealModel(name: "mlperf_kws_int8"),
    RealModel(name: "mlperf_resnet8_int8"), RealModel(name: "mlperf_ad01_int8"),
    // The sums of binary networks are integers, which floats hold exactly.
    RealModel(name: "bnn_cnv_cifar10", tolerance: 0), RealModel(name: "bnn_lfc_mnist", tolerance: 0),
  ]

  /// The graph as the file has it.
  func graph() throws -> Graph { try loadModel(at: "\(try #require(sharedFolder))/models/\(name)/model.onnx") }

  /// What was recorded for each sample.
  func recordings(for graph: Graph) throws -> [Recording] {
    let arrays = try NpzArchive.read("\(try #require(sharedFolder))/models/\(name)/io.npz")
    return try Recording.samples(of: graph) { kind, name, index in
      // The names of arrays are names of files.
      let names = ["\(kind)_\(name.replacingOccurrences(of: "/", with: "_"))", "\(kind)_\(index)", name]
      return arrays.first { names.contains($0.name) }?.tensor
    }
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
