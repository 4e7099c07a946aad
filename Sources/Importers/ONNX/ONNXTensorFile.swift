import FoundationEssentials
import IR
import SwiftProtobuf

/// Reads the file of one tensor as in the folders `test_data_set_N` that come with ONNX models.
///
/// - Throws: A diagnostic if the file cannot be read, is of another kind, or holds a tensor of a type that nnc lacks.
public func readONNXTensor(at path: String) throws -> (name: String, tensor: Tensor) {
  let proto: OnnxTensorProto = try readProto(at: path, "tensor")
  return (proto.name, try tensors([proto], at: path)[0])
}

/// Reads the file of a sequence, or of an optional, as the tensors in it.
///
/// - Parameter type: The type of the input or output of which these are the data.
/// - Throws: As for one tensor.
package func readONNXTensors(at path: String, as type: OnnxTypeProto) throws -> [Tensor] {
  switch type.value {
  case .sequenceType:
    let proto: OnnxSequenceProto = try readProto(at: path, "sequence")
    return try tensors(proto.tensorValues, at: path)
  case .optionalType:
    let proto: OnnxOptionalProto = try readProto(at: path, "optional")
    return try tensors((proto.hasTensorValue ? [proto.tensorValue] : []) + proto.sequenceValue.tensorValues, at: path)
  case .tensorType, .mapType, nil: return [try readONNXTensor(at: path).tensor]
  }
}

private func readProto<Proto: Message>(at path: String, _ kind: String) throws -> Proto {
  do {
    let storage = try TensorStorage.mapping(file: path)
    do {
      return try withExtendedLifetime(storage) { try Proto(serializedBytes: Array(storage.bytes)) }
    } catch {
      throw Diagnostic("this is not an ONNX \(kind): \(error)")
    }
  } catch let error as Diagnostic {
    throw error.located(at: Location(file: path))
  }
}

private func tensors(_ protos: [OnnxTensorProto], at path: String) throws -> [Tensor] {
  var reader = ONNXTensorReader(path: path)
  do { return try protos.map { try reader.tensor($0, "tensor '\($0.name)'") } } catch let error as Diagnostic {
    throw error.located(at: Location(file: path))
  }
}
