import FoundationEssentials
import IR
import Importers
import SwiftProtobuf

/// One of the cases that the ONNX project publishes for backends: a model, inputs, and the outputs that they give.
struct ONNXCase {
  /// What became of a case.
  enum Outcome: Sendable {
    case passed
    /// The model is refused, with what is said of it.
    case refused(String)
    /// The outputs are others than they should be.
    case wrong(String)
  }

  /// A case that was imported: what is to be computed, of what, and what it should be.
  struct Loaded {
    var graph: Graph
    var inputs: [String: Tensor]
    var expected: [Tensor]
  }

  /// The folder of the case.
  let folder: String
  /// The name of the case.
  var name: String { String(folder.split(separator: "/").last!) }

  /// All cases in the folders of `root`, in the order of their names.
  static func all(in root: String) throws -> [ONNXCase] {
    var cases: [ONNXCase] = []
    for family in ["node", "pytorch-converted", "pytorch-operator", "simple"] {
      let folders = try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(family)").sorted()
      cases += folders.map { ONNXCase(folder: "\(root)/\(family)/\($0)") }.filter { $0.hasData }
    }
    return cases
  }

  private var hasData: Bool { FileManager.default.fileExists(atPath: "\(folder)/test_data_set_0") }

  /// The operator that the case is about, or "several".
  var operatorName: String {
    let types = (try? model())?.graph.node.map(\.opType) ?? []
    return types.count == 1 ? types[0] : "several"
  }

  /// Does `body`, and says what became of the case if it throws.
  func outcome(_ body: () throws -> Outcome) -> Outcome {
    do { return try body() } catch { return .refused("\(error)".replacing(folder, with: "")) }
  }

  /// Imports the model and reads the data.
  func load() throws -> Loaded {
    let model = try model().graph
    var options = LoadOptions()
    var given: [String: Tensor] = [:]
    var whole: [(String, Tensor)] = []
    for (input, tensors) in zip(model.input, try data("input", model.input.map(\.type))) {
      if case .tensorType = input.type.value {
        given[input.name] = tensors[0]
        whole.append((input.name, tensors[0]))
        for (axis, dimension) in input.type.tensorType.shape.dim.enumerated() where !dimension.dimParam.isEmpty {
          options.dims["\(input.name).\(axis)"] = axis < tensors[0].shape.rank ? tensors[0].shape[axis] : nil
        }
        continue
      }
      // The elements of a sequence are inputs of their own, of shapes of their own.
      options.dims[input.name] = tensors.count
      let isOptional = if case .optionalType(let type) = input.type.value { type.elemType.isTensor } else { false }
      for (index, tensor) in tensors.enumerated() {
        let name = isOptional ? input.name : "\(input.name)_\(index)"
        given[name] = tensor
        if isOptional { continue }
        for (axis, extent) in tensor.shape.enumerated() { options.dims["\(name).\(axis)"] = extent }
      }
    }
    let graph = try graph(options, freezing: whole)
    let known = graph.inputs.map(\.name)
    return Loaded(
      graph: graph, inputs: given.filter { known.contains($0.key) },
      expected: try data("output", model.output.map(\.type)).flatMap { $0 })
  }

  private func model() throws -> OnnxModelProto {
    try OnnxModelProto(serializedBytes: try Data(contentsOf: URL(filePath: "\(folder)/model.onnx")))
  }

  /// The tensors in `KIND_0.pb`, `KIND_1.pb` and so on, which are of the given types.
  private func data(_ kind: String, _ types: [OnnxTypeProto]) throws -> [[Tensor]] {
    var data: [[Tensor]] = []
    for (index, type) in types.enumerated() {
      let path = "\(folder)/test_data_set_0/\(kind)_\(index).pb"
      guard FileManager.default.fileExists(atPath: path) else { break }
      data.append(try readONNXTensors(at: path, as: type))
    }
    return data
  }

  /// Imports the model with those inputs frozen without which it cannot be imported: nnc wants to know them when it
  /// compiles, because a type depends on them.
  private func graph(_ options: LoadOptions, freezing inputs: [(name: String, tensor: Tensor)]) throws -> Graph {
    func load(_ options: LoadOptions) throws -> Graph { try loadModel(at: "\(folder)/model.onnx", options: options) }
    if let graph = try? load(options) { return graph }
    var options = options
    for (name, tensor) in inputs { options.frozen[name] = tensor }
    var graph = try load(options)
    for (name, tensor) in inputs {
      options.frozen[name] = nil
      if let smaller = try? load(options) { graph = smaller } else { options.frozen[name] = tensor }
    }
    return graph
  }
}

extension ONNXCase.Loaded {
  /// Compares computed outputs with what they should be.
  func outcome(of found: [Tensor]) -> ONNXCase.Outcome {
    guard found.count == expected.count else { return .wrong("\(found.count) outputs instead of \(expected.count)") }
    for (index, tensor) in found.enumerated() {
      if let difference = tensor.difference(from: expected[index]) {
        return .wrong("output \(graph.outputs[index].name): \(difference)")
      }
    }
    return .passed
  }
}

extension Tensor {
  /// How this tensor differs from what it should be, within the tolerances of the ONNX project, or nil.
  ///
  /// Where results are sums of much larger numbers, as those of a Fourier transform, single precision leaves some of
  /// their rounding in the data; that much is allowed too.
  fileprivate func difference(from expected: Tensor) -> String? {
    guard type == expected.type else { return "\(type) instead of \(expected.type)" }
    if !element.isFloat {
      let pairs = zip(integers, expected.integers)
      return pairs.enumerated().first { $0.element.0 != $0.element.1 }.map {
        "\($0.element.0) at \($0.offset) instead of \($0.element.1)"
      }
    }
    let greatest = expected.reals.lazy.filter(\.isFinite).map(\.magnitude).max() ?? 0
    let absolute = max(1e-7, greatest * Double(Float.ulpOfOne))
    for (index, (found, right)) in zip(reals, expected.reals).enumerated() {
      let isSame = found == right || (found.isNaN && right.isNaN) || abs(found - right) <= absolute + 1e-3 * abs(right)
      if !isSame { return "\(found) at \(index) instead of \(right)" }
    }
    return nil
  }
}

extension OnnxTypeProto {
  fileprivate var isTensor: Bool { if case .tensorType = value { true } else { false } }
}
