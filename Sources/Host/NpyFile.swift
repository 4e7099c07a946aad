import IR

/// Arrays in NumPy's format `.npy`.
///
/// The types of element that the format lacks are written as others, which hold each of their numbers exactly: `bf16` and
/// floats of at most 8 bits as `f32`, integers of less than 8 bits as `i8` or `u8`. Arrays of text are no tensors and read
/// as nil.
public enum NpyFile {
  /// Reads the file at `path`, in place where it is little-endian and in row-major order.
  ///
  /// - Throws: A diagnostic if the file cannot be read, is malformed, or is no array of numbers.
  public static func read(_ path: String) throws -> Tensor {
    let storage = try TensorStorage.mapping(file: path)
    guard let tensor = try tensor(in: storage, 0..<storage.bytes.count, place: path) else {
      throw Diagnostic("\(path): this is an array of text, but numbers are needed")
    }
    return tensor
  }

  /// Writes a tensor to the file at `path`.
  public static func write(_ path: String, _ tensor: Tensor) throws {
    let (header, tensor) = try encoded(tensor)
    try OutputFile.write(to: path) { file in
      try file.append(header)
      try tensor.withUnsafeBytes { try file.append($0) }
    }
  }

  /// The tensor whose `.npy` form is a range of `storage`, or nil for an array of text.
  static func tensor(in storage: TensorStorage, _ range: Range<Int>, place: String) throws -> Tensor? {
    let bytes = UnsafeRawBufferPointer(rebasing: storage.bytes[range])
    let header = try NpyHeader(bytes, place: place)
    guard let layout = try Layout(header, place: place) else { return nil }
    guard layout.type.byteCount == bytes.count - header.byteCount else {
      throw Diagnostic(
        "\(place): \(layout.type) takes \(layout.type.byteCount) bytes, but there are \(bytes.count - header.byteCount)"
      )
    }
    let start = range.lowerBound + header.byteCount
    return try layout.tensor(in: storage, at: start, place: place)
  }

  /// The header of the `.npy` form of a tensor, and the tensor whose bytes follow it.
  static func encoded(_ tensor: Tensor) throws -> (header: [UInt8], tensor: Tensor) {
    if let element = standIn(for: tensor.element) {
      let type = TensorType(element, tensor.shape)
      return try encoded(
        element == .f32 ? Tensor(type, reals: tensor.reals) : Tensor(type, integers: tensor.integers))
    }
    guard let code = codes.first(where: { $0.element == tensor.element })?.code else {
      throw Diagnostic("a tensor of type \(tensor.type) has no form in .npy files")
    }
    let extents = tensor.shape.map(String.init).joined(separator: ", ") + (tensor.shape.rank == 1 ? "," : "")
    let order = tensor.element.bitWidth == 8 ? "|" : "<"
    let text = "{'descr': '\(order)\(code)', 'fortran_order': False, 'shape': (\(extents)), }"
    // The data begin at a multiple of 64 bytes, and the header ends with a new line.
    let padding = (64 - (10 + text.utf8.count + 1) % 64) % 64
    let count = text.utf8.count + padding + 1
    try require(count <= Int(UInt16.max), "a tensor of \(tensor.shape.rank) axes has no form in .npy files")
    let body = Array(text.utf8) + [UInt8](repeating: 0x20, count: padding) + [0x0a]
    return (NpyHeader.magic + [1, 0, UInt8(count & 0xff), UInt8(count >> 8)] + body, tensor)
  }

  /// The type that holds the numbers of one that the format lacks, or nil for the others.
  public static func standIn(for element: ElementType) -> ElementType? {
    if element == .bf16 || (element.isNarrow && element.isFloat) { return .f32 }
    return element.isPacked && element.isInteger ? element.isUnsigned ? .u8 : .i8 : nil
  }

  /// The types of element, with the codes that NumPy has for them.
  private static let codes: [(code: String, element: ElementType)] = [
    ("f4", .f32), ("f8", .f64), ("f2", .f16), ("b1", .bool),
    ("i1", .i8), ("i2", .i16), ("i4", .i32), ("i8", .i64),
    ("u1", .u8), ("u2", .u16), ("u4", .u32), ("u8", .u64),
  ]

  /// How an array lies in a file.
  struct Layout {
    let type: TensorType
    let isBigEndian: Bool
    let isFortranOrder: Bool

    /// The layout that a header describes, or nil for an array of text.
    init?(_ header: NpyHeader, place: String) throws(Diagnostic) {
      let (order, code) = (header.descr.first, String(header.descr.dropFirst()))
      if let order, "<>|=".contains(order), let kind = code.first, "US".contains(kind), Int(code.dropFirst()) != nil {
        return nil
      }
      guard let order, "<>|=".contains(order), let element = NpyFile.codes.first(where: { $0.code == code })?.element,
        order != "|" || element.bitWidth == 8
      else {
        let hint =
          switch code.first ?? order {
          case "O": "objects of Python are not read; save an array of numbers"
          case "V": "bf16 and records have no type in .npy files; save the array as float32"
          case "c": "complex numbers are not supported"
          default: "the types are " + NpyFile.codes.map(\.code).joined(separator: ", ")
          }
        throw Diagnostic("\(place): the array has elements of type '\(header.descr)'; \(hint)")
      }
      type = TensorType(element, Shape(header.shape))
      isBigEndian = order == ">"
      isFortranOrder = header.isFortranOrder
      do { try type.validate() } catch { throw Diagnostic("\(place): \(error.message)") }
    }

    func tensor(in storage: TensorStorage, at start: Int, place: String) throws(Diagnostic) -> Tensor {
      let bytes = UnsafeRawBufferPointer(rebasing: storage.bytes[start..<start + type.byteCount])
      if type.element == .bool, let byte = bytes.first(where: { $0 > 1 }) {
        throw Diagnostic("\(place): a bool is 0 or 1, but the array has the byte \(byte)")
      }
      let width = type.element.bitWidth / 8
      let raw =
        isBigEndian && width > 1
        ? Tensor(type) { Self.swap(bytes, into: $0, width: width) } : Tensor(type, in: storage, at: start)
      guard isFortranOrder, type.shape.rank > 1 else { return raw }
      // In memory the axes stand in reverse; the strides of that shape, read backwards, give the element of each index.
      let strides = Array(Shape(type.shape.extents.reversed()).strides.reversed())
      return raw.gathering(type.shape.offsets(strides: strides), shape: type.shape)
    }

    private static func swap(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, width: Int) {
      for start in stride(from: 0, to: source.count, by: width) {
        for byte in 0..<width { target[start + byte] = source[start + width - 1 - byte] }
      }
    }
  }
}
