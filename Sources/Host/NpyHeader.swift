import IR

/// What the header of a file in NumPy's format `.npy` says of its array.
///
/// The header is a magic number, a version, a length, and a Python dictionary of three entries, padded with spaces:
///
///     {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
struct NpyHeader {
  /// The type of an element, such as `<f4`.
  var descr = ""
  /// Whether the first axis varies fastest.
  var isFortranOrder = false
  var shape: [Int] = []
  /// Where the data begin.
  var byteCount = 0

  /// The longest header that is read; those of arrays of numbers have a few hundred bytes.
  static let maximumByteCount = 1 << 20
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// The length of the whole header whose first bytes are `bytes`, at least 12 unless the file is shorter.
  static func byteCount(_ bytes: UnsafeRawBufferPointer, place: String) throws(Diagnostic) -> Int {
    func fail(_ message: String) -> Diagnostic { Diagnostic("\(place): \(message)") }
    guard bytes.count >= 10, bytes.starts(with: magic) else {
      throw fail("this is not a .npy file, which begins with \\x93NUMPY")
    }
    let count: Int
    switch bytes[6] {
    case 1: count = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
    case 2, 3:
      guard bytes.count >= 12 else { throw fail("the header is cut off") }
      count = 12 + (0..<4).reduce(0) { $0 + Int(bytes[8 + $1]) << (8 * $1) }
    default: throw fail("the .npy format has version \(bytes[6]).\(bytes[7]); versions 1 to 3 are read")
    }
    guard count <= maximumByteCount else {
      throw fail("the header claims \(count) bytes, more than the \(maximumByteCount) that are read")
    }
    return count
  }

  /// Reads the header at the beginning of `bytes`.
  init(_ bytes: UnsafeRawBufferPointer, place: String) throws(Diagnostic) {
    byteCount = try Self.byteCount(bytes, place: place)
    guard byteCount <= bytes.count else {
      throw Diagnostic("\(place): the header claims \(byteCount) bytes, but there are \(bytes.count)")
    }
    let start = bytes[6] == 1 ? 10 : 12
    var parser = PythonLiteral(bytes: Array(bytes[start..<byteCount]), place: place)
    var seen: Set<String> = []
    try parser.expect("{")
    while !parser.accept("}") {
      let key = try parser.string()
      guard seen.insert(key).inserted else { throw parser.fault("the key '\(key)' is given twice") }
      try parser.expect(":")
      switch key {
      case "descr": descr = try parser.descr()
      case "fortran_order": isFortranOrder = try parser.bool()
      case "shape": shape = try parser.tuple()
      default: throw parser.fault("unknown key '\(key)'")
      }
      if !parser.accept(",") {
        try parser.expect("}")
        break
      }
    }
    guard parser.isAtEnd else { throw parser.fault("there is something after the dictionary") }
    guard seen.count == 3 else { throw parser.fault("it should have descr, fortran_order and shape") }
  }
}

/// The few forms of Python literals that headers are made of.
private struct PythonLiteral {
  let bytes: [UInt8]
  let place: String
  var index = 0

  init(bytes: [UInt8], place: String) {
    self.bytes = bytes
    self.place = place
    skipSpace()
  }

  var isAtEnd: Bool { index == bytes.count }

  func fault(_ message: String) -> Diagnostic { Diagnostic("\(place): malformed header at byte \(index): \(message)") }

  private mutating func skipSpace() {
    while index < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[index]) { index += 1 }
  }

  mutating func accept(_ token: String) -> Bool {
    guard bytes[index...].starts(with: token.utf8) else { return false }
    index += token.utf8.count
    skipSpace()
    return true
  }

  mutating func expect(_ token: String) throws(Diagnostic) {
    if !accept(token) { throw fault("expected '\(token)'") }
  }

  mutating func string() throws(Diagnostic) -> String {
    guard index < bytes.count, [UInt8(ascii: "'"), UInt8(ascii: "\"")].contains(bytes[index]) else {
      throw fault("expected a string")
    }
    let content = bytes[(index + 1)...].prefix { $0 != bytes[index] }
    guard content.endIndex < bytes.count, content.allSatisfy({ (0x20..<0x7f).contains($0) && $0 != UInt8(ascii: "\\") })
    else {
      throw fault("expected a plain string")
    }
    index = content.endIndex + 1
    skipSpace()
    return String(decoding: content, as: UTF8.self)
  }

  mutating func descr() throws(Diagnostic) -> String {
    if index < bytes.count, bytes[index] == UInt8(ascii: "[") {
      throw Diagnostic("\(place): arrays of records are not supported; save each field as an array of its own")
    }
    return try string()
  }

  mutating func bool() throws(Diagnostic) -> Bool {
    if accept("True") { return true }
    try expect("False")
    return false
  }

  /// tuple := "(" [INTEGER ("," INTEGER)* [","]] ")"
  mutating func tuple() throws(Diagnostic) -> [Int] {
    try expect("(")
    var extents: [Int] = []
    while !accept(")") {
      let digits = bytes[index...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      guard let extent = Int(String(decoding: digits, as: UTF8.self)) else {
        throw fault("expected an extent that is not negative")
      }
      index = digits.endIndex
      _ = accept("L")  // as Python 2 wrote long integers
      skipSpace()
      extents.append(extent)
      guard extents.count <= 64 else { throw fault("an array has at most 64 axes") }
      if !accept(",") {
        try expect(")")
        break
      }
    }
    return extents
  }
}
