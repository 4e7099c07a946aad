import IR

extension ElementType {
  /// The C type of an element in memory.
  public var cType: String {
    switch self {
    case .f32: "float"
    case .f64: "double"
    case .f16, .bf16, .u16: "uint16_t"
    case .i8, .i4, .i2: "int8_t"
    case .i16: "int16_t"
    case .i32: "int32_t"
    case .i64: "int64_t"
    case .u8, .bool, .u4, .u2, .f4e2m1, .f8e4m3fn, .f8e4m3fnuz, .f8e5m2, .f8e5m2fnuz, .f8e8m0: "uint8_t"
    case .u32, .bit: "uint32_t"
    case .u64: "uint64_t"
    }
  }

  /// The bytes that an element takes where C computes: those of packed types, which share bytes in files and among the
  /// constants of a model, take one each. Bits lie in words.
  public var cByteWidth: Int { self == .bit ? 4 : max(1, bitWidth / 8) }
}

extension TensorType {
  /// The elements of the C array that holds a tensor. Each row of bits takes whole words, and a bit that is alone one.
  public var cElementCount: Int {
    guard element == .bit else { return elementCount }
    return shape.elementCount(of: 0..<max(0, shape.rank - 1)) * Shape.wordCount(ofBits: shape.last ?? 1)
  }

  /// The bytes that a tensor takes where C computes.
  public var cByteCount: Int { cElementCount * element.cByteWidth }
}

extension Tensor {
  /// Bits as the words in which C has them: the first element of a row in the lowest bit, and 0 behind its last.
  var words: Tensor {
    precondition(element == .bit, "elements of \(type) lie in no words")
    let (codes, length) = (codes, shape.last ?? 1)
    let wordsInRow = Shape.wordCount(ofBits: length)
    var words = [UInt32](repeating: 0, count: type.cElementCount)
    for (index, code) in codes.enumerated() where code != 0 {
      let (row, column) = (index / length, index % length)
      words[row * wordsInRow + column / 32] |= 1 << UInt32(column % 32)
    }
    return Tensor(words)
  }

  /// Creates bits from the words in which C has them.
  public init(_ type: TensorType, words: some Collection<UInt32>) {
    let (words, length) = (Array(words), type.shape.last ?? 1)
    let wordsInRow = Shape.wordCount(ofBits: length)
    self.init(
      type,
      codes: (0..<type.elementCount).map { index in
        let (row, column) = (index / length, index % length)
        return UInt8(words[row * wordsInRow + column / 32] >> UInt32(column % 32) & 1)
      })
  }
}

/// A number as a C expression of the type that elements of type `element` have.
public func cLiteral(_ real: Double, _ element: ElementType) -> String {
  let suffix = element == .f32 ? "f" : ""
  if real.isNaN { return "NNC_NAN_\(element)" }
  if real.isInfinite { return (real < 0 ? "-" : "") + "NNC_INFINITY_\(element)" }
  return (element == .f32 ? "\(Float(real))" : "\(real)") + suffix
}

/// What takes the elements of an array as C expressions, one by one.
protocol LiteralSink {
  /// Takes an expression, which is a text and what always follows it.
  mutating func append(_ text: String, _ suffix: StaticString)
}

extension Tensor {
  /// The elements as C expressions; floats of at most 16 bits as their bits.
  public var cLiterals: [String] {
    var list = LiteralList()
    list.literals.reserveCapacity(type.elementCount)
    writeLiterals(to: &list)
    return list.literals
  }

  /// Hands each element as a C expression to a sink.
  func writeLiterals<Sink: LiteralSink>(to sink: inout Sink) {
    func forEach<T: Element>(_: T.Type, _ body: (T) -> Void) {
      withUnsafeBytes { bytes in for x in bytes.bindMemory(to: T.self) { body(x) } }
    }
    switch element {
    case .f32:
      forEach(Float.self) {
        if $0.isFinite { sink.append($0.description, "f") } else { sink.append(cLiteral(Double($0), .f32), "") }
      }
    case .f64: forEach(Double.self) { sink.append(cLiteral($0, .f64), "") }
    case .f16: forEach(Float16.self) { sink.append($0.bitPattern.description, "") }
    case .bf16: forEach(BFloat16.self) { sink.append($0.bits.description, "") }
    case .i8: forEach(Int8.self) { sink.append($0.description, "") }
    case .i16: forEach(Int16.self) { sink.append($0.description, "") }
    case .i32: forEach(Int32.self) { sink.append($0 == .min ? "(-2147483647 - 1)" : $0.description, "") }
    case .i64:
      forEach(Int64.self) {
        if $0 == .min { sink.append("(-9223372036854775807LL - 1)", "") } else { sink.append($0.description, "LL") }
      }
    case .u8: forEach(UInt8.self) { sink.append($0.description, "") }
    case .u16: forEach(UInt16.self) { sink.append($0.description, "") }
    case .u32: forEach(UInt32.self) { sink.append($0.description, "U") }
    case .u64: forEach(UInt64.self) { sink.append($0.description, "ULL") }
    case .bool, .f8e4m3fn, .f8e4m3fnuz, .f8e5m2, .f8e5m2fnuz, .f8e8m0:
      withUnsafeBytes { for byte in $0 { sink.append(byte.description, "") } }
    case .bit:
      for word in words.elements(as: UInt32.self) { sink.append("0x" + String(word, radix: 16), "U") }
    case .i4, .u4, .i2, .u2, .f4e2m1: inMemoryOfC.writeLiterals(to: &sink)
    }
  }

  /// Whether an expression in `cLiterals` is a macro of the runtime.
  var hasNonFiniteElements: Bool {
    switch element {
    case .f32: withUnsafeBytes { $0.bindMemory(to: Float.self).contains { !$0.isFinite } }
    case .f64: withUnsafeBytes { $0.bindMemory(to: Double.self).contains { !$0.isFinite } }
    default: false
    }
  }
}

/// Expressions one by one.
private struct LiteralList: LiteralSink {
  var literals: [String] = []

  mutating func append(_ text: String, _ suffix: StaticString) {
    literals.append(suffix.utf8CodeUnitCount == 0 ? text : text + suffix.description)
  }
}

/// Where the lines of an array end: before an element with which they would be too long.
struct LineBreaks {
  private var length = 0

  /// What stands before an element.
  enum Separator { case nothing, space, newLine }

  /// What stands before the next element, of so many bytes, which a comma follows.
  mutating func separator(before count: Int) -> Separator {
    let separator: Separator = length + count > 110 ? .newLine : length == 0 ? .nothing : .space
    length = separator == .space ? length + count + 2 : count + 1
    return separator
  }
}

/// The elements of an array, each with a comma, in lines that are not too long.
func cRows(of literals: [String]) -> [String] {
  var (rows, breaks) = ([""], LineBreaks())
  for literal in literals {
    switch breaks.separator(before: literal.utf8.count) {
    case .nothing: break
    case .space: rows[rows.count - 1] += " "
    case .newLine: rows.append("")
    }
    rows[rows.count - 1] += literal + ","
  }
  return rows
}
