import IR
import SwiftProtobuf

/// Reads the file of one tensor as in the folders `test_data_set_N` that come with ONNX models.
///
/// - Throws: A diagnostic if the file cannot be read, is of another kind, or holds a tensor of a type that nnc lacks.
public func readONNXTensor(at path: String) throws -> (name: String, tensor: Tensor) {
  do {
    let storage = try TensorStorage.mapping(file: path)
    let proto = try OnnxTensorProto(onnx: storage, .tensor, "an ONNX tensor")
    var reader = ONNXTensorReader(path: path, file: storage)
    return (proto.name, try reader.tensor(proto, "tensor '\(proto.name)'"))
  } catch {
    throw error.located(at: Location(file: path))
  }
}
