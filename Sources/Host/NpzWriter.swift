import IR

extension NpzArchive {
  /// Writes an archive of tensors, in the order given; the same tensors always give the same bytes.
  ///
  /// - Throws: A diagnostic if the file cannot be written or a name is used twice.
  public static func write(
    _ path: String, _ tensors: [(name: String, tensor: Tensor)], compression: Compression = .stored
  ) throws {
    try OutputFile.write(to: path) { file in
      var directory: [UInt8] = []
      var offset = 0
      var names: Set<String> = []
      for (name, tensor) in tensors {
        try require(names.insert(name).inserted, "there are two tensors '\(name)' to write to \(path)")
        let (header, tensor) = try NpyFile.encoded(tensor)
        try header.withUnsafeBytes { header in
          try tensor.withUnsafeBytes { body in
            let packed = compression == .deflated ? Deflate.deflate([header, body]) : nil
            let count = header.count + body.count
            let record = try ZipRecord(
              name: name + ".npy", method: packed == nil ? 0 : 8, crc: Deflate.crc([header, body]), byteCount: count,
              compressedByteCount: packed?.count ?? count, offset: offset)
            try file.append(record.localHeader)
            if let packed {
              try file.append(packed)
            } else {
              try file.append(header)
              try file.append(body)
            }
            directory += record.directoryEntry
            offset += record.localHeader.count + record.compressedByteCount
          }
        }
      }
      try file.append(
        directory + ZipRecord.end(count: tensors.count, directoryByteCount: directory.count, offset: offset))
    }
  }
}

/// What an archive says of one of its entries, in the bytes of APPNOTE 4.3.
private struct ZipRecord {
  let name: [UInt8]
  let method: Int
  let crc: UInt32
  let byteCount: Int
  let compressedByteCount: Int
  let offset: Int

  init(name: String, method: Int, crc: UInt32, byteCount: Int, compressedByteCount: Int, offset: Int) throws {
    self.name = Array(name.utf8)
    self.method = method
    self.crc = crc
    self.byteCount = byteCount
    self.compressedByteCount = compressedByteCount
    self.offset = offset
    try require(self.name.count <= Int(UInt16.max), "the name of a tensor is too long for an archive")
  }

  /// The largest number that the fields of the original format hold; this one says that ZIP64 has the number.
  private static let limit = 0xffff_ffff

  private static func bytes(_ numbers: (value: Int, width: Int)...) -> [UInt8] {
    numbers.flatMap { number in (0..<number.width).map { UInt8(truncatingIfNeeded: number.value >> (8 * $0)) } }
  }

  private var isLarge: Bool { max(byteCount, compressedByteCount) >= Self.limit }

  /// The fields that both headers share: version needed, flags (names are UTF-8), method, a fixed date, CRC and sizes.
  private func common(extraByteCount: Int, isLarge: Bool) -> [UInt8] {
    let sizes = isLarge ? (Self.limit, Self.limit) : (compressedByteCount, byteCount)
    return Self.bytes(
      (45, 2), (0x800, 2), (method, 2), (0, 2), (0x21, 2), (Int(crc), 4), (sizes.0, 4), (sizes.1, 4), (name.count, 2),
      (extraByteCount, 2))
  }

  var localHeader: [UInt8] {
    let extra = isLarge ? Self.bytes((1, 2), (16, 2), (byteCount, 8), (compressedByteCount, 8)) : []
    return Self.bytes((0x0403_4b50, 4)) + common(extraByteCount: extra.count, isLarge: isLarge) + name + extra
  }

  var directoryEntry: [UInt8] {
    let isFar = offset >= Self.limit
    var extra = isLarge ? Self.bytes((byteCount, 8), (compressedByteCount, 8)) : []
    if isFar { extra += Self.bytes((offset, 8)) }
    if !extra.isEmpty { extra = Self.bytes((1, 2), (extra.count, 2)) + extra }
    return Self.bytes((0x0201_4b50, 4), (45, 2)) + common(extraByteCount: extra.count, isLarge: isLarge)
      + Self.bytes((0, 2), (0, 2), (0, 2), (0, 4), (isFar ? Self.limit : offset, 4)) + name + extra
  }

  /// What follows the directory, which begins at `offset`.
  static func end(count: Int, directoryByteCount: Int, offset: Int) -> [UInt8] {
    let (counted, sized, placed) = (min(count, 0xffff), min(directoryByteCount, limit), min(offset, limit))
    let plain = bytes((0x0605_4b50, 4), (0, 2), (0, 2), (counted, 2), (counted, 2), (sized, 4), (placed, 4), (0, 2))
    guard counted == 0xffff || sized == limit || placed == limit else { return plain }
    let record = bytes(
      (0x0606_4b50, 4), (44, 8), (45, 2), (45, 2), (0, 4), (0, 4), (count, 8), (count, 8), (directoryByteCount, 8),
      (offset, 8))
    let locator = bytes((0x0706_4b50, 4), (0, 4), (offset + directoryByteCount, 8), (1, 4))
    return record + locator + plain
  }
}
