import IR

/// Archives of named arrays in NumPy's format `.npz`: ZIP archives of `.npy` files.
public enum NpzArchive {
  /// How the arrays are written.
  public enum Compression: Sendable {
    /// As they are, which is fast, and lets them be used in place.
    case stored
    /// Compressed by deflate.
    case deflated
  }

  /// Reads all arrays of numbers of the archive at `path`, in its order; arrays of text and other files are left out.
  ///
  /// Arrays that are stored without compression are used in place.
  ///
  /// - Throws: A diagnostic if the file cannot be read, or is malformed in any way.
  public static func read(_ path: String) throws -> [(name: String, tensor: Tensor)] {
    let storage = try TensorStorage.mapping(file: path)
    return try withExtendedLifetime(storage) {
      try ZipDirectory(storage.bytes, path: path).entries.compactMap { entry in
        guard entry.name.hasSuffix(".npy") else { return nil }
        let name = String(entry.name.dropLast(4))
        return try tensor(of: entry, in: storage, place: "\(path): array '\(name)'").map { (name, $0) }
      }
    }
  }

  private static func tensor(of entry: ZipDirectory.Entry, in storage: TensorStorage, place: String) throws -> Tensor? {
    let data = UnsafeRawBufferPointer(rebasing: storage.bytes[entry.data])
    guard let content = entry.method == 0 ? storage : try inflated(data, entry, place: place) else { return nil }
    let range = entry.method == 0 ? entry.data : 0..<entry.byteCount
    let crc = Deflate.crc([UnsafeRawBufferPointer(rebasing: content.bytes[range])])
    guard crc == entry.crc else {
      throw Diagnostic("\(place): the data are damaged (their CRC-32 is not the one that the archive has)")
    }
    return try NpyFile.tensor(in: content, range, place: place)
  }

  /// Decompresses an entry, but not before its first bytes have shown that its size is the one of an array; nil if the
  /// array is one of text.
  private static func inflated(_ data: UnsafeRawBufferPointer, _ entry: ZipDirectory.Entry, place: String) throws
    -> TensorStorage?
  {
    guard entry.byteCount / Deflate.maximumRatio <= data.count else {
      throw Diagnostic("\(place): \(data.count) compressed bytes cannot be \(entry.byteCount) bytes")
    }
    func beginning(_ count: Int) throws -> TensorStorage {
      try TensorStorage(byteCount: count) {
        try Deflate.inflate(data, into: $0, isWhole: count == entry.byteCount, place: place)
      }
    }
    let first = try beginning(min(entry.byteCount, 12))
    let headerCount = try withExtendedLifetime(first) { try NpyHeader.byteCount(first.bytes, place: place) }
    let start = try beginning(min(entry.byteCount, headerCount))
    let header = try withExtendedLifetime(start) { try NpyHeader(start.bytes, place: place) }
    guard let layout = try NpyFile.Layout(header, place: place) else { return nil }
    guard layout.type.byteCount == entry.byteCount - header.byteCount else {
      throw Diagnostic(
        "\(place): \(layout.type) takes \(layout.type.byteCount) bytes, "
          + "but the archive has \(entry.byteCount - header.byteCount)"
      )
    }
    return try beginning(entry.byteCount)
  }
}
