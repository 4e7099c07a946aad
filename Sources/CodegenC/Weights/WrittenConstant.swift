import IR

/// A constant as the program has it in memory; one of a packed type may be there in two forms.
struct WrittenConstant: Hashable {
  let tensor: Tensor
  /// Whether elements share bytes.
  let isPacked: Bool

  /// The bytes that it takes.
  var byteCount: Int { isPacked ? tensor.type.byteCount : tensor.type.cByteCount }
  /// The C type of an element of its array.
  var cType: String { isPacked ? "uint8_t" : tensor.element.cType }
  /// The bytes of such an element.
  var cByteWidth: Int { isPacked ? 1 : tensor.element.cByteWidth }

  /// What it holds, for a comment.
  var description: String {
    let count = 8 / tensor.element.bitWidth
    let packing =
      tensor.element == .bit
      ? ", 32 elements to a word, the first in the lowest bit"
      : !tensor.element.isPacked
        ? "" : isPacked ? ", \(count) elements to a byte, the first in the lowest bits" : ", one element to a byte"
    return "\(tensor.type)\(packing)"
  }

  /// Calls `body` with its bytes on a little-endian processor.
  func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try (isPacked ? tensor : tensor.inMemoryOfC).withUnsafeBytes(body)
  }

  /// Hands each element of its array as a C expression to a sink.
  func writeLiterals<Sink: LiteralSink>(to sink: inout Sink) {
    if isPacked {
      tensor.withUnsafeBytes { bytes in for byte in bytes { sink.append(byte.description, "") } }
    } else {
      tensor.writeLiterals(to: &sink)
    }
  }
}

extension Tensor {
  /// The elements as C has them in memory: those of packed types in bytes of their own, with their sign, and bits in words.
  public var inMemoryOfC: Tensor {
    guard element.isPacked else { return self }
    if element == .bit { return words }
    if element.isFloat || element.isUnsigned { return Tensor(codes, shape: shape) }
    return Tensor(TensorType(.i8, shape), integers: integers)
  }
}
