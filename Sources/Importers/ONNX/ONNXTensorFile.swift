import IR
import SwiftProtobuf

/// Reads the file of one tensor as in the folders `test_data_set_N` that come with ONNX models.
///
/// - Throws: A diagnostic if the file cannot be read, is of another kind, or holds a tensor of a type that nnc lacks.
public func readONNXTensor(at path: String) throws -> (name: String, tensor: Tensor) {
  let (proto, reader): (OnnxTensorProto, _) = try readProto(at: path, .tensor, "an ONNX tensor")
  return (proto.name, try tensors([proto], reader)[0])
}

/// Reads the file of a sequence, or of an optional, as the tensors in it.
///
/// - Parameter type: The type of the input or output of which these are the data.
/// - Throws: As for one tensor.
package func readONNXTensors(at path: String, as type: OnnxTypeProto) throws -> [Tensor] {
  switch type.value {
  case .sequenceType:
    let (proto, reader): (OnnxSequenceProto, _) = try readProto(at: path, .sequence, "an ONNX sequence")
    return try tensors(proto.tensorValues, reader)
  case .optionalType:
    let (proto, reader): (OnnxOptionalProto, _) = try readProto(at: path, .optional, "an ONNX optional")
    return try tensors((proto.hasTensorValue ? [proto.tensorValue] : []) + proto.sequenceValue.tensorValues, reader)
  case .tensorType, .mapType, nil: return [try readONNXTensor(at: path).tensor]
  }
}

private func readProto<Proto: Message>(
  at path: String, _ root: ONNXSkeleton.Message, _ kind: String
) throws(Diagnostic) -> (Proto, ONNXTensorReader) {
  do {
    let storage = try TensorStorage.mapping(file: path)
    return (try Proto(onnx: storage, root, kind), ONNXTensorReader(path: path, file: storage))
  } catch {
    throw error.located(at: Location(file: path))
  }
}

private func tensors(_ protos: [OnnxTensorProto], _ reader: ONNXTensorReader) throws -> [Tensor] {
  var reader = reader
  do { return try protos.map { try reader.tensor($0, "tensor '\($0.name)'") } } catch let error as Diagnostic {
    throw error.located(at: Location(file: reader.path))
  }
}
