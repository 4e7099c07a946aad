import Foundation
import Host
import IR
import Importers
import SwiftProtobuf

/// A valid model, of which inputs are made by changing it.
struct Seed {
  /// The bytes of the model.
  let model: [UInt8]
  /// The name and the bytes of the file of weights beside it.
  let weights: (name: String, bytes: [UInt8])?
}

/// The valid models in a folder.
struct Seeds {
  /// Larger models than this take long and show no more.
  private static let maximumByteCount = 60_000

  /// The models of a kind that `write` put into a folder.
  static func read(_ kind: ModelKind, in folder: String) throws -> [Seed] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    return try names.filter { $0.hasSuffix(".\(kind.rawValue)") }.map { name in
      let weights = name.replacing(".json", with: ".safetensors")
      return Seed(
        model: try bytes("\(folder)/\(name)"),
        weights: weights != name && names.contains(weights) ? (weights, try bytes("\(folder)/\(weights)")) : nil)
    }
  }

  private static func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }

  /// Puts the models that are made here, and those that lie in the folders `models`, into a folder, as ONNX and as specs.
  static func write(to folder: String, models: [String]) throws {
    for (name, model) in OnnxModelProto.seeds {
      try model.serializedData().write(to: URL(filePath: "\(folder)/0_\(name).onnx"))
    }
    for (index, path) in try models.flatMap(onnxFiles).enumerated() {
      try FileManager.default.copyItem(atPath: path, toPath: "\(folder)/1_\(index).onnx")
    }
    for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() where name.hasSuffix(".onnx") {
      // What is not supported as ONNX is no seed for specs either.
      let graph: Graph
      do { graph = try loadModel(at: "\(folder)/\(name)") } catch is Diagnostic { continue }
      do { try graph.writeSpec(to: "\(folder)/\(name.dropLast(5)).json") } catch is Diagnostic { continue }
    }
  }

  /// The small models `FOLDER/NAME/model.onnx`.
  private static func onnxFiles(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { "\(folder)/\($0)/model.onnx" }.filter {
      let size = try? FileManager.default.attributesOfItem(atPath: $0)[.size] as? Int
      return size.map { $0 <= maximumByteCount } ?? false
    }
  }
}

extension OnnxModelProto {
  /// Models with what readers of ONNX have to deal with, for machines without others.
  static var seeds: [(name: String, model: OnnxModelProto)] {
    [
      (
        "layers",
        model([.init("Conv", ["x", "w", "b"], "c"), .init("Relu", ["c"], "r"), .init("Softmax", ["r"], "y")])
      ),
      (
        "shapes",
        model([
          .init("Shape", ["x"], "s"), .init("Gather", ["s", "i"], "n"), .init("Concat", ["n", "m"], "t", ["axis": 0]),
          .init("Reshape", ["x", "t"], "q"), .init("Transpose", ["q"], "p"), .init("Slice", ["p", "i", "m"], "y"),
        ])
      ),
      (
        "pools",
        model([
          .init("MaxPool", ["x"], "p", ["ceil_mode": 1], ["kernel_shape": [2, 2], "strides": [2, 2]]),
          .init("Pad", ["p", "pads"], "q"), .init("ReduceMean", ["q"], "m", ["keepdims": 0]),
          .init("Expand", ["m", "e"], "v"), .init("Tile", ["v", "e"], "z"), .init("CumSum", ["z", "i"], "y"),
        ])
      ),
      ("branch", branch), ("function", function),
    ]
  }

  /// A model of `nodes` with the input x, f32[1x2x4x4], some constants, and the output y.
  private static func model(_ nodes: [OnnxNodeProto]) -> OnnxModelProto {
    .with {
      $0.opsetImport = [.with { $0.version = 17 }]
      $0.graph.input = [
        .with {
          $0.name = "x"
          $0.type.tensorType.elemType = 1
          $0.type.tensorType.shape.dim = [1, 2, 4, 4].map { extent in .with { $0.dimValue = extent } }
        }
      ]
      $0.graph.output = [.with { $0.name = "y" }]
      $0.graph.node = nodes
      $0.graph.initializer = [
        .floats("w", [3, 2, 3, 3]), .floats("b", [3]), .integers("i", [0]), .integers("m", [-1]),
        .integers("pads", [0, 0, 1, 1, 0, 0, 0, 1]), .integers("e", [2, 3]),
      ]
    }
  }

  /// An If whose condition is known.
  private static var branch: OnnxModelProto {
    var node = OnnxNodeProto("If", ["c"], "y")
    node.attribute = ["then_branch", "else_branch"].map { name in
      .with {
        $0.name = name
        $0.type = .graph
        $0.g = .with {
          $0.node = [OnnxNodeProto(name == "then_branch" ? "Relu" : "Neg", ["x"], "r")]
          $0.output = [.with { $0.name = "r" }]
        }
      }
    }
    var model = model([node])
    model.graph.initializer.append(
      .with {
        $0.name = "c"
        $0.dataType = 9
        $0.rawData = Data([1])
      })
    return model
  }

  /// A function of the model, called twice.
  private static var function: OnnxModelProto {
    var nodes = [OnnxNodeProto("Twice", ["x"], "t"), OnnxNodeProto("Twice", ["t"], "y")]
    for index in nodes.indices { nodes[index].domain = "own" }
    var model = model(nodes)
    model.opsetImport.append(
      .with {
        $0.domain = "own"
        $0.version = 1
      })
    model.functions = [
      .with {
        $0.name = "Twice"
        $0.domain = "own"
        $0.input = ["a"]
        $0.output = ["b"]
        $0.opsetImport = [.with { $0.version = 17 }]
        $0.node = [OnnxNodeProto("Add", ["a", "a"], "b")]
      }
    ]
    return model
  }
}

extension OnnxNodeProto {
  fileprivate init(
    _ type: String, _ inputs: [String], _ output: String, _ ints: KeyValuePairs<String, Int64> = [:],
    _ lists: KeyValuePairs<String, [Int64]> = [:]
  ) {
    self.init()
    opType = type
    input = inputs
    self.output = [output]
    attribute =
      ints.map { name, value in
        .with {
          $0.name = name
          $0.type = .int
          $0.i = value
        }
      }
      + lists.map { name, values in
        .with {
          $0.name = name
          $0.type = .ints
          $0.ints = values
        }
      }
  }
}

extension OnnxTensorProto {
  /// A tensor of 0, 1, 2 … in the field for floats.
  fileprivate static func floats(_ name: String, _ dims: [Int64]) -> OnnxTensorProto {
    .with {
      $0.name = name
      $0.dataType = 1
      $0.dims = dims
      $0.floatData = (0..<dims.reduce(1, *)).map { Float($0) }
    }
  }

  /// A list of integers as raw bytes.
  fileprivate static func integers(_ name: String, _ values: [Int64]) -> OnnxTensorProto {
    .with {
      $0.name = name
      $0.dataType = 7
      $0.dims = [Int64(values.count)]
      $0.rawData = values.withUnsafeBytes { Data($0) }
    }
  }
}
