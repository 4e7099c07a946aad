import Foundation
import IR
import Importers
import SwiftProtobuf

/// An ONNX file that a test makes, in a folder of its own.
final class ONNXFile {
  var model = OnnxModelProto()
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("nnc-" + UUID().uuidString)

  /// Creates a model of `nodes` with the input `x`, f32[2x3], and the output `y`.
  init(opset: Int64 = 21, _ nodes: [OnnxNodeProto], output: String = "y") throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    model.opsetImport = [.with { $0.version = opset }]
    model.graph.input = [Self.input("x", [2, 3])]
    model.graph.output = [.with { $0.name = output }]
    model.graph.node = nodes
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  var path: String { folder.path + "/model.onnx" }

  /// Writes the file and reads it with nnc.
  func load(_ options: LoadOptions = LoadOptions()) throws -> Graph {
    try model.serializedData().write(to: URL(fileURLWithPath: path))
    return try loadModel(at: path, options: options)
  }

  /// What nnc says when it refuses the file, without the path.
  func refusal(_ options: LoadOptions = LoadOptions()) -> String {
    do {
      _ = try load(options)
      return "no error"
    } catch {
      return "\(error)".replacingOccurrences(of: folder.path + "/", with: "")
    }
  }

  /// The elements of the first output for `x` = 0, 1, 2, 3, 4, 5.
  func output() throws -> Tensor {
    let x = Tensor([0, 1, 2, 3, 4, 5] as [Float], shape: [2, 3])
    let graph = try load()
    return try graph.evaluate(graph.inputs.isEmpty ? [:] : ["x": x])[0]
  }

  static func input(_ name: String, _ extents: [Int64], element: Int32 = 1) -> OnnxValueInfoProto {
    .with { info in
      info.name = name
      info.type.tensorType.elemType = element
      info.type.tensorType.shape.dim = extents.map { extent in .with { $0.dimValue = extent } }
    }
  }
}

extension OnnxNodeProto {
  init(
    _ type: String, _ inputs: [String], _ outputs: [String], _ attributes: [OnnxAttributeProto] = [], name: String = "",
    domain: String = ""
  ) {
    self.init()
    opType = type
    input = inputs
    output = outputs
    attribute = attributes
    self.name = name
    self.domain = domain
  }
}

extension OnnxAttributeProto {
  init(_ name: String, _ type: AttributeType, _ set: (inout OnnxAttributeProto) -> Void) {
    self.init()
    self.name = name
    self.type = type
    set(&self)
  }

  static func int(_ name: String, _ value: Int64) -> Self { Self(name, .int) { $0.i = value } }
  static func ints(_ name: String, _ values: [Int64]) -> Self { Self(name, .ints) { $0.ints = values } }
  static func float(_ name: String, _ value: Float) -> Self { Self(name, .float) { $0.f = value } }
  static func floats(_ name: String, _ values: [Float]) -> Self { Self(name, .floats) { $0.floats = values } }
  static func string(_ name: String, _ value: String) -> Self { Self(name, .string) { $0.s = Data(value.utf8) } }
  static func tensor(_ name: String, _ value: OnnxTensorProto) -> Self { Self(name, .tensor) { $0.t = value } }
  static func graph(_ name: String, _ value: OnnxGraphProto) -> Self { Self(name, .graph) { $0.g = value } }
  static func reference(_ name: String, to other: String) -> Self { Self(name, .float) { $0.refAttrName = other } }
}

extension OnnxTensorProto {
  init(_ name: String, _ type: Int32, _ dims: [Int64], _ set: (inout OnnxTensorProto) -> Void) {
    self.init()
    self.name = name
    dataType = type
    self.dims = dims
    set(&self)
  }
}
