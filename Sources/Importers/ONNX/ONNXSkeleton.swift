import IR

/// An ONNX file without the raw bytes of its tensors, so that those can stay where they are in the file.
///
/// A decoder of protocol buffers copies every field of bytes, and weights are most of a file. So the file is copied
/// without them: each `raw_data` becomes the place of its bytes in the file, and what encloses it gets another length.
/// All else is taken over as it is and left to the decoder to understand. A length is written in five bytes, which is
/// longer than need be and as valid, so that it can be filled in after what it is the length of.
struct ONNXSkeleton {
  /// A place in the file, as it stands in `raw_data`.
  struct Place {
    static let byteCount = 16
    let range: Range<Int>

    /// The place that `bytes`, the `raw_data` of a tensor in a skeleton, stand for.
    init(_ bytes: some Collection<UInt8>) {
      let numbers = [bytes.prefix(8), bytes.dropFirst(8)].map { half in
        half.reversed().reduce(0) { $0 << 8 | Int($1) }
      }
      range = numbers[0]..<numbers[0] + numbers[1]
    }
  }

  /// The messages that contain tensors.
  enum Message {
    case model, graph, function, node, attribute, sparseTensor, tensor, sequence, optional

    /// What the field `number` is, if that is such a message too.
    func child(_ number: UInt64) -> Message? {
      switch (self, number) {
      case (.model, 7), (.attribute, 6): .graph
      case (.model, 25): .function
      case (.graph, 1), (.function, 7): .node
      case (.function, 11), (.node, 5): .attribute
      case (.graph, 5), (.attribute, 5), (.sparseTensor, 1), (.sparseTensor, 2), (.sequence, 3), (.optional, 3):
        .tensor
      case (.optional, 5): .sequence
      case (.graph, 15), (.attribute, 22): .sparseTensor
      default: nil
      }
    }
  }

  /// The file as the decoder may read it.
  private(set) var bytes: [UInt8] = []
  private let file: UnsafeRawBufferPointer

  /// The number of `raw_data` in a tensor.
  private static let rawData: UInt64 = 9
  /// As deep as the decoder follows.
  private static let maximumDepth = 100
  private static let lengthByteCount = 5

  /// Reads a file that is one message.
  ///
  /// - Throws: A diagnostic if the file is cut off or is no protocol buffer.
  init(of file: UnsafeRawBufferPointer, root: Message) throws(Diagnostic) {
    self.file = file
    try require(file.count < 1 << (7 * Self.lengthByteCount - 2), "the file is too large: \(file.count) bytes")
    try copy(root, 0..<file.count, depth: 0)
  }

  private mutating func copy(_ message: Message, _ range: Range<Int>, depth: Int) throws(Diagnostic) {
    try require(depth < Self.maximumDepth, "messages are nested more than \(Self.maximumDepth) levels deep")
    var position = range.lowerBound
    while position < range.upperBound {
      let start = position
      let tag = try varint(&position, range.upperBound)
      guard tag & 7 == 2 else {
        try skip(wireType: tag & 7, &position, range.upperBound)
        append(start..<position)
        continue
      }
      let count = try varint(&position, range.upperBound)
      try require(count <= UInt64(range.upperBound - position), "a field ends beyond what encloses it")
      let content = position..<position + Int(count)
      if let child = message.child(tag >> 3) {
        append(varint: tag)
        let place = bytes.count
        append(varint: 0, byteCount: Self.lengthByteCount)
        try copy(child, content, depth: depth + 1)
        setLength(at: place)
      } else if message == .tensor, tag >> 3 == Self.rawData, !content.isEmpty {
        append(varint: tag)
        append(varint: UInt64(Place.byteCount))
        for number in [content.lowerBound, content.count] {
          withUnsafeBytes(of: UInt64(number).littleEndian) { bytes.append(contentsOf: $0) }
        }
      } else {
        append(start..<content.upperBound)
      }
      position = content.upperBound
    }
  }

  private mutating func append(_ range: Range<Int>) { bytes.append(contentsOf: file[range]) }

  /// Appends a number, of 7 bits in each byte, in as many bytes as it takes or in `byteCount`.
  private mutating func append(varint value: UInt64, byteCount: Int = 1) {
    var (rest, count) = (value, 1)
    while rest > 0x7f || count < byteCount {
      bytes.append(UInt8(rest & 0x7f) | 0x80)
      (rest, count) = (rest >> 7, count + 1)
    }
    bytes.append(UInt8(rest))
  }

  /// Writes the number of bytes that follow a length in its place.
  private mutating func setLength(at place: Int) {
    let count = bytes.count - place - Self.lengthByteCount
    for index in 0..<Self.lengthByteCount { bytes[place + index] |= UInt8(count >> (7 * index) & 0x7f) }
  }

  private func varint(_ position: inout Int, _ end: Int) throws(Diagnostic) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      try require(position < end, "the file is cut off or damaged")
      let byte = file[position]
      position += 1
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
    }
    throw Diagnostic("a number is longer than 64 bits")
  }

  private func skip(wireType: UInt64, _ position: inout Int, _ end: Int) throws(Diagnostic) {
    let count: Int
    switch wireType {
    case 0:
      _ = try varint(&position, end)
      return
    case 1: count = 8
    case 5: count = 4
    default: throw Diagnostic("it has fields of wire type \(wireType)")
    }
    try require(count <= end - position, "the file is cut off or damaged")
    position += count
  }
}
