import IR

/// The directory of a ZIP archive, with ZIP64, as PKWARE's APPNOTE describes it. Nothing in it is trusted.
struct ZipDirectory {
  /// One file of an archive.
  struct Entry {
    var name: String
    /// 0 for bytes as they are, 8 for deflate.
    var method: Int
    var crc: UInt32
    var byteCount: Int
    /// The place of its bytes, which are compressed if the method says so, in the archive.
    var data: Range<Int>
    /// The place of the header before its bytes.
    fileprivate var header: Int
  }

  private(set) var entries: [Entry] = []
  private let bytes: UnsafeRawBufferPointer
  private let path: String

  /// Reads the directory of the archive that `bytes` is.
  init(_ bytes: UnsafeRawBufferPointer, path: String) throws(Diagnostic) {
    self.bytes = bytes
    self.path = path
    let (count, directory) = try findDirectory()
    var position = directory.lowerBound
    var names: Set<String> = []
    for _ in 0..<count {
      let (entry, end) = try entry(at: position, limit: directory.upperBound)
      guard names.insert(entry.name).inserted else { throw fault("there are two entries '\(entry.name)'") }
      entries.append(entry)
      position = end
    }
    try checkOverlaps(limit: directory.lowerBound)
  }

  func fault(_ message: String) -> Diagnostic { Diagnostic("\(path): malformed archive: \(message)") }

  /// Little-endian number of `width` bytes.
  private func number(_ offset: Int, _ width: Int, limit: Int? = nil) throws(Diagnostic) -> UInt64 {
    guard offset >= 0, offset <= (limit ?? bytes.count) - width else { throw fault("it is cut off at byte \(offset)") }
    return (0..<width).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
  }

  /// A number that is a place or a size in the file.
  private func size(_ offset: Int, _ width: Int, limit: Int? = nil) throws(Diagnostic) -> Int {
    guard let value = Int(exactly: try number(offset, width, limit: limit)), value <= 1 << 50 else {
      throw fault("a size at byte \(offset) is impossible")
    }
    return value
  }

  /// The number of entries and the place of the directory, from the record at the end of the file.
  private func findDirectory() throws(Diagnostic) -> (count: Int, place: Range<Int>) {
    let last = bytes.count - 22
    guard last >= 0 else { throw Diagnostic("\(path): this is not an .npz file: it has \(bytes.count) bytes") }
    // A comment of at most 65535 bytes may follow the record.
    let candidates = stride(from: last, through: max(0, last - 65535), by: -1)
    guard let end = candidates.first(where: { bytes[$0] == 0x50 && matches($0, 0x0605_4b50) && commentFits($0) }) else {
      throw Diagnostic("\(path): this is not an .npz file, or it is cut off: it does not end as a ZIP archive does")
    }
    var (count, byteCount, offset) = (try size(end + 10, 2), try size(end + 12, 4), try size(end + 16, 4))
    if end >= 20, matches(end - 20, 0x0706_4b50) {
      let record = try size(end - 20 + 8, 8)
      guard matches(record, 0x0606_4b50) else { throw fault("its ZIP64 record is missing") }
      (count, byteCount, offset) = (try size(record + 32, 8), try size(record + 40, 8), try size(record + 48, 8))
    }
    guard offset <= end, byteCount <= end - offset, count <= byteCount / 46 else {
      throw fault("its directory does not fit the file")
    }
    return (count, offset..<offset + byteCount)
  }

  private func matches(_ offset: Int, _ signature: UInt64) -> Bool { (try? number(offset, 4)) == signature }

  private func commentFits(_ offset: Int) -> Bool { (try? size(offset + 20, 2)) == bytes.count - offset - 22 }

  /// The entry whose record in the directory begins at `position`, and where the record ends.
  private func entry(at position: Int, limit: Int) throws(Diagnostic) -> (Entry, end: Int) {
    guard try number(position, 4, limit: limit) == 0x0201_4b50 else {
      throw fault("its directory has no entry at byte \(position)")
    }
    guard position <= limit - 46 else { throw fault("its directory is cut off") }
    let (flags, method) = (try size(position + 8, 2), try size(position + 10, 2))
    let (nameCount, extraCount, commentCount) = (
      try size(position + 28, 2), try size(position + 30, 2), try size(position + 32, 2)
    )
    let nameStart = position + 46
    let end = nameStart + nameCount + extraCount + commentCount
    guard end <= limit else { throw fault("its directory is cut off") }
    guard let name = String(validating: bytes[nameStart..<nameStart + nameCount], as: UTF8.self) else {
      throw fault("the name of an entry is not UTF-8")
    }
    guard flags & 0x2041 == 0 else {
      throw Diagnostic("\(path): entry '\(name)' is encrypted; save the archive without a password")
    }
    guard method == 0 || method == 8 else {
      throw Diagnostic(
        "\(path): entry '\(name)' is compressed by method \(method); save it with numpy.savez or numpy.savez_compressed"
      )
    }
    var sizes = [try size(position + 24, 4), try size(position + 20, 4), try size(position + 42, 4)]
    try readZip64(&sizes, nameStart + nameCount..<nameStart + nameCount + extraCount)
    let data = try place(header: sizes[2], byteCount: sizes[1], name: name)
    guard method == 8 || sizes[0] == sizes[1] else { throw fault("the two sizes of entry '\(name)' differ") }
    let crc = UInt32(truncatingIfNeeded: try number(position + 16, 4))
    return (Entry(name: name, method: method, crc: crc, byteCount: sizes[0], data: data, header: sizes[2]), end)
  }

  /// Replaces those of size, compressed size and place that do not fit 32 bits by what the extra field says.
  private func readZip64(_ sizes: inout [Int], _ extra: Range<Int>) throws(Diagnostic) {
    guard sizes.contains(0xffff_ffff) else { return }
    var position = extra.lowerBound
    while position + 4 <= extra.upperBound {
      let end = position + 4 + (try size(position + 2, 2))
      if try number(position, 2) == 1 {
        position += 4
        for index in sizes.indices where sizes[index] == 0xffff_ffff {
          sizes[index] = try size(position, 8, limit: min(end, extra.upperBound))
          position += 8
        }
        return
      }
      position = end
    }
  }

  /// Where the data of the entry lie whose own header is at `header`.
  private func place(header: Int, byteCount: Int, name: String) throws(Diagnostic) -> Range<Int> {
    guard matches(header, 0x0403_4b50) else { throw fault("entry '\(name)' is not where the directory says") }
    let start = header + 30 + (try size(header + 26, 2)) + (try size(header + 28, 2))
    guard start <= bytes.count, byteCount <= bytes.count - start else {
      throw fault("the data of entry '\(name)' do not lie in the file")
    }
    return start..<start + byteCount
  }

  /// Throws if two entries share bytes, with which a small file could claim to be a very large one.
  private func checkOverlaps(limit: Int) throws(Diagnostic) {
    var end = 0
    for entry in entries.sorted(by: { $0.header < $1.header }) {
      guard entry.header >= end, entry.data.upperBound <= limit else {
        throw fault("entry '\(entry.name)' overlaps another part of the file")
      }
      end = entry.data.upperBound
    }
  }
}
