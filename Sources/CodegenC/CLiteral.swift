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
    case .u8, .bool, .u4, .u2, .f4e2m1, .f8e4m3fn, .f8e4m3fnuz, .f8e5m2, .f8e5m2fnuz, .f8e8m0, .bit: "uint8_t"
    case .u32: "uint32_t"
    case .u64: "uint64_t"
    }
  }

  /// The bytes that an element takes where C computes: those of packed types, which share bytes in files and among the
  /// constants of a model, take one each.
  public var cByteWidth: Int { max(1, bitWidth / 8) }
}

extension TensorType {
  /// The bytes that a tensor takes where C computes.
  public var cByteCount: Int { elementCount * element.cByteWidth }
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
