import Foundation
import IR
import Importers

/// The inputs of one run, and outputs that are known for them.
struct CheckSample {
  var inputs: [String: Tensor] = [:]
  /// By name of output; empty where none were recorded.
  var outputs: [String: Tensor] = [:]
}

/// Where the data of `nnc check` come from.
enum CheckData {
  /// Pseudo-random inputs.
  static func random(_ graph: Graph, seed: UInt64) -> [CheckSample] {
    var sample = CheckSample()
    for (index, input) in graph.inputs.enumerated() {
      sample.inputs[input.name] = Tensor(random: graph.type(of: input.value), seed: seed &+ UInt64(index))
    }
    return [sample]
  }

  /// The samples of a .npz file, of a folder with the files `input_N.pb` and `output_N.pb` of ONNX, or of a folder with
  /// such folders `test_data_set_N`.
  static func read(_ path: String, for graph: Graph) throws -> [CheckSample] {
    var isFolder: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    guard isFolder.boolValue else { return try readArchive(path, graph) }
    let sets = try dataSets(in: path)
    return sets.isEmpty ? [try readFolder(path, graph)] : try sets.map { try readFolder($0, graph) }
  }

  /// The folders `test_data_set_N` of a folder, in the order of their numbers.
  private static func dataSets(in path: String) throws -> [String] {
    let prefix = "test_data_set_"
    let names = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasPrefix(prefix) }
    let numbers = names.compactMap { Int($0.dropFirst(prefix.count)) }.sorted()
    return numbers.map { "\(path)/\(prefix)\($0)" }
  }

  private static func readArchive(_ path: String, _ graph: Graph) throws -> [CheckSample] {
    let file = try ArrayFile(path, onlyName: graph.inputs.count == 1 ? graph.inputs[0].name : nil)
    var used: Set<String> = []
    func find(_ names: [String]) -> Tensor? {
      guard let name = names.first(where: { file[$0] != nil && !used.contains($0) }) else { return nil }
      used.insert(name)
      return file[name]
    }
    var samples: [CheckSample] = graph.inputs.isEmpty ? [CheckSample()] : []
    func note(_ tensor: Tensor, _ value: Value, _ what: String, _ set: (inout CheckSample, Tensor) -> Void) throws {
      let parts = try parts(of: tensor, graph.type(of: value), "\(path): \(what)")
      if samples.isEmpty { samples = [CheckSample](repeating: CheckSample(), count: parts.count) }
      try require(
        parts.count == samples.count,
        "\(path): \(what) has \(parts.count) samples, but what came before has \(samples.count)")
      for (index, part) in parts.enumerated() { set(&samples[index], part) }
    }
    for (index, (name, value)) in graph.inputs.enumerated() {
      guard let tensor = find(["in_\(name)", name, "in_\(index)"]) else {
        throw Diagnostic(
          "\(path): there is no array 'in_\(name)' or '\(name)' for input '\(name)', which is \(graph.type(of: value)); "
            + "the arrays are \(file.arrays.map(\.name).joined(separator: ", "))")
      }
      try note(tensor, value, "input '\(name)'") { $0.inputs[name] = $1 }
    }
    for (index, (name, value)) in graph.outputs.enumerated() {
      guard let tensor = find(["out_\(name)", name, "out_\(index)"]) else { continue }
      try note(tensor, value, "output '\(name)'") { $0.outputs[name] = $1 }
    }
    // Such an array is meant to be compared with, so passing over it in silence would prove less than it seems.
    if let name = file.arrays.map(\.name).first(where: { !used.contains($0) && $0.hasPrefix("out_") }) {
      throw Diagnostic(
        "\(path): the array '\(name)' is for no output; the outputs are \(graph.outputs.map(\.name).joined(separator: ", "))"
      )
    }
    return samples
  }

  /// The tensor itself where it is of type `type`, or the samples that it is made of: along an axis before those of the type,
  /// or along its first.
  static func parts(of tensor: Tensor, _ type: TensorType, _ what: String) throws -> [Tensor] {
    let fault = "\(what) is \(type), but the array is \(tensor.type)"
    let tensor = try tensor.converted(to: type.element, fault)
    if tensor.shape == type.shape { return [tensor] }
    if tensor.shape.rank == type.shape.rank + 1, tensor.shape.dropFirst().elementsEqual(type.shape) {
      return samples(of: tensor, type, count: tensor.shape[0])
    }
    guard tensor.shape.rank == type.shape.rank, type.shape.rank > 0, type.shape[0] > 0, tensor.shape[0] > 0,
      tensor.shape.dropFirst().elementsEqual(type.shape.dropFirst()), tensor.shape[0] % type.shape[0] == 0
    else { throw Diagnostic(fault + ", which is not a number of samples of that type either") }
    return samples(of: tensor, type, count: tensor.shape[0] / type.shape[0])
  }

  private static func samples(of tensor: Tensor, _ type: TensorType, count: Int) -> [Tensor] {
    (0..<count).map { index in
      let first = index * type.elementCount
      return tensor.gathering(Array(first..<first + type.elementCount), shape: type.shape)
    }
  }

  private static func readFolder(_ path: String, _ graph: Graph) throws -> CheckSample {
    var sample = CheckSample()
    for (index, input) in graph.inputs.enumerated() {
      guard let tensor = try file(path, "input", index) else {
        throw Diagnostic("\(path): there is no file input_\(index).pb for input '\(input.name)'")
      }
      let type = graph.type(of: input.value)
      try require(
        tensor.type == type,
        "\(path)/input_\(index).pb: input '\(input.name)' is \(type), but the tensor is \(tensor.type)")
      sample.inputs[input.name] = tensor
    }
    for (index, output) in graph.outputs.enumerated() {
      guard let tensor = try file(path, "output", index) else { continue }
      let type = graph.type(of: output.value)
      try require(
        tensor.type == type,
        "\(path)/output_\(index).pb: output '\(output.name)' is \(type), but the tensor is \(tensor.type)")
      sample.outputs[output.name] = tensor
    }
    return sample
  }

  private static func file(_ folder: String, _ kind: String, _ index: Int) throws -> Tensor? {
    let path = "\(folder)/\(kind)_\(index).pb"
    return FileManager.default.fileExists(atPath: path) ? try readONNXTensor(at: path).tensor : nil
  }
}
