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

extension Tensor {
  /// The elements as C expressions; floats of at most 16 bits as their bits.
  public var cLiterals: [String] {
    switch element {
    case .f32: elements(as: Float.self).map { $0.isFinite ? "\($0)f" : cLiteral(Double($0), .f32) }
    case .f64: elements(as: Double.self).map { cLiteral($0, .f64) }
    case .f16: elements(as: Float16.self).map { "\($0.bitPattern)" }
    case .bf16: elements(as: BFloat16.self).map { "\($0.bits)" }
    case .i32: elements(as: Int32.self).map { $0 == .min ? "(-2147483647 - 1)" : "\($0)" }
    case .i64: elements(as: Int64.self).map { $0 == .min ? "(-9223372036854775807LL - 1)" : "\($0)LL" }
    case .u32: elements(as: UInt32.self).map { "\($0)U" }
    case .u64: elements(as: UInt64.self).map { "\($0)ULL" }
    case .f4e2m1: codes.map { "\($0)" }
    case .f8e4m3fn, .f8e4m3fnuz, .f8e5m2, .f8e5m2fnuz, .f8e8m0: byteLiterals
    case .bit: words.elements(as: UInt32.self).map { "0x\(String($0, radix: 16))U" }
    default: integers.map { "\($0)" }
    }
  }

  /// The bytes of the elements as C expressions.
  var byteLiterals: [String] { withUnsafeBytes { $0.map { "\($0)" } } }

  /// Whether an expression in `cLiterals` is a macro of the runtime.
  var hasNonFiniteElements: Bool { [.f32, .f64].contains(element) && reals.contains { !$0.isFinite } }
}

/// The elements of an array, each with a comma, in lines that are not too long.
func cRows(of literals: [String]) -> [String] {
  var rows = [""]
  for literal in literals {
    if rows[rows.count - 1].utf8.count + literal.utf8.count > 110 { rows.append("") }
    rows[rows.count - 1] += (rows[rows.count - 1].isEmpty ? "" : " ") + literal + ","
  }
  return rows
}
