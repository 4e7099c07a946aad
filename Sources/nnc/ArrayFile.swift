import Host
import IR

/// The arrays of a .npz file, or the only one of a .npy file.
struct ArrayFile {
  let path: String
  /// The arrays, in the order of the file.
  let arrays: [(name: String, tensor: Tensor)]

  /// Reads a file.
  ///
  /// - Parameter onlyName: The name for the array of a .npy file; nil where a single array is not enough.
  init(_ path: String, onlyName: String?) throws {
    self.path = path
    if path.hasSuffix(".npy") {
      guard let onlyName else {
        throw Diagnostic("\(path): a .npy file has one array, but several are needed; use a .npz file")
      }
      arrays = [(onlyName, try NpyFile.read(path))]
    } else {
      arrays = try NpzArchive.read(path)
    }
  }

  /// The array called `name`, or nil.
  subscript(name: String) -> Tensor? { arrays.first { $0.name == name }?.tensor }

  /// The array called `name`, which is for something of type `type`.
  func tensor(_ name: String, for what: String, of type: TensorType) throws -> Tensor {
    guard let tensor = self[name] else {
      let names = arrays.map(\.name).joined(separator: ", ")
      throw Diagnostic(
        "\(path): there is no array '\(name)' for \(what), which is \(type); the arrays are \(names.isEmpty ? "none" : names)"
      )
    }
    guard tensor.shape == type.shape else {
      throw Diagnostic("\(path): \(what) is \(type), but the array '\(name)' is \(tensor.type)")
    }
    return try tensor.converted(
      to: type.element, "\(path): \(what) is \(type), but the array '\(name)' is \(tensor.type)")
  }
}

extension ArrayFile {
  /// Reads the tensors of some inputs from a file that has no others.
  static func readInputs(_ path: String, _ inputs: [(name: String, type: TensorType)]) throws -> [String: Tensor] {
    let names = inputs.map(\.name)
    let file = try ArrayFile(path, onlyName: names.count == 1 ? names[0] : nil)
    var tensors: [String: Tensor] = [:]
    for (name, type) in inputs { tensors[name] = try file.tensor(name, for: "input '\(name)'", of: type) }
    if let name = file.arrays.first(where: { !names.contains($0.name) })?.name {
      throw Diagnostic("\(path): there is no input '\(name)'; the inputs are \(names.joined(separator: ", "))")
    }
    return tensors
  }
}

extension Graph {
  /// The names and types of the inputs.
  var inputTypes: [(name: String, type: TensorType)] { inputs.map { ($0.name, type(of: $0.value)) } }
}

extension Tensor {
  /// The tensor where it has elements of type `element`, or is what stands for such in files of arrays.
  ///
  /// - Throws: A diagnostic that begins with `fault`.
  func converted(to element: ElementType, _ fault: String) throws -> Tensor {
    if self.element == element { return self }
    if let standIn = NpyFile.standIn(for: element), self.element == standIn {
      let type = TensorType(element, shape)
      let result = element.isFloat ? Tensor(type, reals: reals) : Tensor(type, integers: integers)
      if zip(result.reals, reals).allSatisfy({ $0 == $1 || ($0.isNaN && $1.isNaN) }) { return result }
      throw Diagnostic("\(fault), with numbers that \(element) does not have")
    }
    let name =
      (NpyFile.standIn(for: element) ?? element).numpyName.map { "; convert it in Python with array.astype(\"\($0)\")" }
      ?? ""
    throw Diagnostic(fault + name)
  }
}

extension ElementType {
  /// What NumPy calls the type, if it has it.
  fileprivate var numpyName: String? {
    switch self {
    case .f32: "float32"
    case .f64: "float64"
    case .f16: "float16"
    case .bool: "bool"
    case .i8, .i16, .i32, .i64: "int\(bitWidth)"
    case .u8, .u16, .u32, .u64: "uint\(bitWidth)"
    default: nil
    }
  }
}
