import FoundationEssentials
import IR

/// Reads the model in the file at `path`; the extension of its name says of which kind it is.
///
/// - Throws: A diagnostic if the file cannot be read, or holds what nnc does not support.
public func loadModel(at path: String, options: LoadOptions = LoadOptions()) throws -> Graph {
  let file = path.split(separator: "/").last.map(String.init) ?? path
  switch file.split(separator: ".").dropFirst().last?.lowercased() {
  case "json":
    guard options.frozen.isEmpty else {
      throw Diagnostic("a model spec has constants; only inputs of ONNX models can be frozen", at: Location(file: path))
    }
    return try Graph(spec: path, bindings: options.dims)
  case "onnx": return try Graph(onnx: path, options: options)
  case "nnc":
    guard options.dims.isEmpty, options.frozen.isEmpty else {
      throw Diagnostic(
        "the text form has fixed extents and inputs; only models of other kinds take them from options",
        at: Location(file: path))
    }
    let storage = try TensorStorage.mapping(file: path)
    // The mapping lives no longer than its last use.
    let text = withExtendedLifetime(storage) { String(decoding: storage.bytes, as: UTF8.self) }
    return try Graph(parsing: text, file: path)
  default:
    throw Diagnostic(
      "cannot tell what kind of model this is; its name should end in .json, .onnx or .nnc", at: Location(file: path))
  }
}
