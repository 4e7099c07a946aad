/// A file of named tensors in the format `safetensors`, mapped into memory.
///
/// The file is 8 bytes that hold the length of the header, little-endian; the header, a JSON object that gives each
/// tensor its type, extents and place; and the bytes of the tensors, without holes. Nothing in it is trusted.
public struct Safetensors: Sendable {
  /// What the header says of one tensor.
  public struct Entry: Sendable {
    /// The name.
    public let name: String
    /// The type of its elements as the file names it, such as `BF16`.
    public let format: String
    /// The extents.
    public let shape: Shape
    /// The place of its bytes in the file.
    public let bytes: Range<Int>
  }

  /// The path of the file.
  public let path: String
  /// The tensors, in the order of their bytes.
  public let entries: [Entry]
  /// The texts that the file carries under `__metadata__`.
  public let metadata: [(key: String, value: String)]
  private let storage: TensorStorage
  private let indices: [String: Int]

  /// The longest header that is read: 100 MB, as in the reference implementation.
  static let maximumHeaderByteCount = 100_000_000

  /// Maps the file at `path` and reads its header.
  ///
  /// - Throws: A diagnostic if the file cannot be read or is malformed in any way.
  public init(path: String) throws { try self.init(TensorStorage.mapping(file: path), path: path) }

  /// Reads the header of a file whose bytes are `storage`, and whose path is only named in errors.
  public init(_ storage: TensorStorage, path: String) throws {
    let header = try Self.header(of: storage, path: path)
    let reader = JSONReader(file: path + ":header")
    let start = 8 + header.count
    var entries: [Entry] = []
    var metadata: [(key: String, value: String)] = []
    for member in try reader.members(JSONParser.parse(header, file: reader.file), "the header") {
      if member.key == "__metadata__" {
        metadata = try reader.members(member.value, "\"__metadata__\"").map {
          ($0.key, try reader.string($0.value, "metadata"))
        }
      } else {
        entries.append(try Self.entry(member, reader, start: start, end: storage.bytes.count))
      }
    }
    // Places decide; among tensors without bytes, which may share a place, the header does.
    let order = entries.indices.sorted {
      (entries[$0].bytes.lowerBound, entries[$0].bytes.upperBound, $0) < (
        entries[$1].bytes.lowerBound, entries[$1].bytes.upperBound, $1
      )
    }
    entries = order.map { entries[$0] }
    try Self.checkPlaces(of: entries, from: start, to: storage.bytes.count, path: path)
    self.path = path
    self.entries = entries
    self.metadata = metadata
    self.storage = storage
    indices = Dictionary(uniqueKeysWithValues: entries.indices.map { (entries[$0].name, $0) })
  }

  private static func header(of storage: TensorStorage, path: String) throws(Diagnostic) -> UnsafeRawBufferPointer {
    let bytes = storage.bytes
    let location = Location(file: path, place: "header")
    guard bytes.count >= 8 else {
      throw Diagnostic(
        "the file has \(bytes.count) bytes and so no header; it is not safetensors, or it is cut off", at: location)
    }
    let count = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard count <= UInt64(maximumHeaderByteCount), count <= UInt64(bytes.count - 8) else {
      throw Diagnostic(
        "the header should be \(count) bytes long, but the file has \(bytes.count) bytes"
          + (count > UInt64(maximumHeaderByteCount) ? " and headers have at most \(maximumHeaderByteCount)" : "")
          + "; it is not safetensors, or it is cut off", at: location)
    }
    return UnsafeRawBufferPointer(rebasing: bytes[8..<8 + Int(count)])
  }

  private static func entry(_ member: JSONValue.Member, _ reader: JSONReader, start: Int, end: Int) throws -> Entry {
    let what = "tensor \(member.key.shortened.quoted)"
    let object = try reader.object(member.value, what, keys: ["dtype", "shape", "data_offsets"])
    let formatValue = try object.required("dtype")
    let format = try reader.string(formatValue, "the dtype of \(what)")
    guard let bitWidth = bitWidths.first(where: { $0.format == format })?.bits else {
      throw reader.fault("\(what) has the unknown dtype \(format.shortened.quoted)", at: formatValue.position)
    }
    let shape = try reader.array(object.required("shape"), "the shape of \(what)").map {
      try reader.count($0, "an extent of \(what)")
    }
    let offsetsValue = try object.required("data_offsets")
    let offsets = try reader.array(offsetsValue, "the data_offsets of \(what)").map {
      try reader.count($0, "an offset of \(what)")
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw reader.fault("the data_offsets of \(what) should be its begin and end", at: offsetsValue.position)
    }
    guard offsets[1] <= end - start else {
      throw reader.fault(
        "\(what) ends at byte \(offsets[1]) of the data, which have \(end - start) bytes; "
          + "the file is malformed or cut off",
        at: offsetsValue.position)
    }
    let (bits, overflow) = Shape(shape).elementCount.multipliedReportingOverflow(by: bitWidth)
    guard !overflow, bits % 8 == 0, bits / 8 == offsets[1] - offsets[0] else {
      throw reader.fault(
        "\(what) is \(format)[\(Shape(shape))], which does not take the \(offsets[1] - offsets[0]) bytes "
          + "that its data_offsets give it",
        at: offsetsValue.position)
    }
    return Entry(name: member.key, format: format, shape: Shape(shape), bytes: start + offsets[0]..<start + offsets[1])
  }

  /// Throws unless the tensors fill the data, one directly after the other.
  private static func checkPlaces(of entries: [Entry], from start: Int, to end: Int, path: String) throws(Diagnostic) {
    var position = start
    for (index, entry) in entries.enumerated() {
      guard entry.bytes.lowerBound == position else {
        let (name, isHole) = (entry.name.shortened.quoted, entry.bytes.lowerBound > position)
        let previous = index > 0 ? "tensor \(entries[index - 1].name.shortened.quoted)" : "the beginning of the data"
        throw Diagnostic(
          isHole
            ? "\(entry.bytes.lowerBound - position) bytes between \(previous) and tensor \(name) belong to no tensor; "
              + "the file is malformed"
            : "tensor \(name) overlaps \(previous); the file is malformed", at: Location(file: path, place: "header"))
      }
      position = entry.bytes.upperBound
    }
    guard position == end else {
      throw Diagnostic(
        "\(end - position) bytes at the end of the file belong to no tensor", at: Location(file: path, place: "header"))
    }
  }

  /// The number of bits of an element, for all types of the format, also those that nnc does not have.
  private static let bitWidths: [(format: String, bits: Int)] =
    formats.map { ($0.format, $0.element.bitWidth) } + [
      ("F6_E2M3", 6), ("F6_E3M2", 6), ("C64", 64),
    ]

  /// The types of element that nnc and the format have in common.
  static let formats: [(format: String, element: ElementType)] = [
    ("F64", .f64), ("F32", .f32), ("F16", .f16), ("BF16", .bf16), ("I64", .i64), ("I32", .i32), ("I16", .i16),
    ("I8", .i8),
    ("U64", .u64), ("U32", .u32), ("U16", .u16), ("U8", .u8), ("BOOL", .bool),
    ("F8_E4M3", .f8e4m3fn), ("F8_E5M2", .f8e5m2), ("F8_E8M0", .f8e8m0), ("F4", .f4e2m1),
  ]

  /// What the format calls the elements of a tensor, or nil where it has no such type, or the elements do not fill bytes.
  static func format(of tensor: Tensor) -> String? {
    tensor.type.elementCount * tensor.element.bitWidth % 8 == 0
      ? formats.first { $0.element == tensor.element }?.format : nil
  }
}

extension Safetensors {
  /// Whether there is a tensor called `name`.
  public func contains(_ name: String) -> Bool { indices[name] != nil }

  /// The tensor called `name`, in place in the file, or nil if there is none.
  ///
  /// - Throws: A diagnostic if nnc has no such type of element, or the tensor is too large.
  public func tensor(named name: String) throws(Diagnostic) -> Tensor? {
    guard let index = indices[name] else { return nil }
    let entry = entries[index]
    let location = Location(file: path, place: "tensor \(name.shortened.quoted)")
    guard let element = Self.formats.first(where: { $0.format == entry.format })?.element else {
      throw Diagnostic(
        "elements of type \(entry.format) are not supported; convert the tensor to one of "
          + Self.formats.map(\.format).joined(separator: ", "), at: location)
    }
    let type = TensorType(element, entry.shape)
    do { try type.validate() } catch { throw error.located(at: location) }
    let bytes = UnsafeRawBufferPointer(rebasing: storage.bytes[entry.bytes])
    if element == .bool, let byte = bytes.first(where: { $0 > 1 }) {
      throw Diagnostic("a bool is 0 or 1, but the tensor has the byte \(byte)", at: location)
    }
    return Tensor(type, in: storage, at: entry.bytes.lowerBound)
  }
}
