extension Safetensors {
  /// Writes tensors, in the order given, to a file in the format `safetensors`.
  ///
  /// - Throws: A diagnostic if the file cannot be written, a name is used twice, or the format lacks a type of element.
  public static func write(
    _ tensors: [(name: String, tensor: Tensor)], metadata: [(key: String, value: String)] = [], to path: String
  ) throws {
    let header = try header(tensors, metadata)
    try OutputFile.write(to: path) { file in
      try file.append(header)
      for (_, tensor) in tensors { try tensor.withUnsafeBytes { try file.append($0) } }
    }
  }

  /// The length of the header and the header, which spaces extend to a multiple of 8 bytes.
  private static func header(_ tensors: [(name: String, tensor: Tensor)], _ metadata: [(key: String, value: String)])
    throws -> [UInt8]
  {
    var members: [String] = []
    var names: Set<String> = ["__metadata__"]
    if !metadata.isEmpty {
      let texts = metadata.map { "\($0.key.jsonQuoted):\($0.value.jsonQuoted)" }
      members.append("\"__metadata__\":{\(texts.joined(separator: ","))}")
    }
    var offset = 0
    for (name, tensor) in tensors {
      guard names.insert(name).inserted else {
        throw Diagnostic("there are two tensors called \(name.quoted) to write")
      }
      guard let format = format(of: tensor) else {
        throw Diagnostic("tensor \(name.quoted) is \(tensor.type), and safetensors has no such type")
      }
      let (end, overflow) = offset.addingReportingOverflow(tensor.type.byteCount)
      try require(!overflow, "the tensors are too large for a file")
      let shape = tensor.shape.extents.map(String.init).joined(separator: ",")
      members.append(
        "\(name.jsonQuoted):{\"dtype\":\"\(format)\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var text = Array("{\(members.joined(separator: ","))}".utf8)
    try require(
      text.count <= maximumHeaderByteCount - 8, "the names of the tensors are too long for a header of safetensors")
    text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
    return withUnsafeBytes(of: UInt64(text.count).littleEndian, Array.init) + text
  }
}

extension String {
  /// The string as JSON.
  package var jsonQuoted: String {
    let escaped = unicodeScalars.map { scalar in
      switch scalar {
      case "\"": "\\\""
      case "\\": "\\\\"
      case "\n": "\\n"
      case "\t": "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f:
        "\\u" + String(repeating: "0", count: 4 - String(scalar.value, radix: 16).count)
          + String(scalar.value, radix: 16)
      default: String(scalar)
      }
    }
    return "\"" + escaped.joined() + "\""
  }
}
