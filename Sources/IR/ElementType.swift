/// The type of one element of a tensor.
///
/// The raw value is its name in text, in model specs and in the names of C kernels.
public enum ElementType: String, CaseIterable, Codable, Hashable, Sendable {
  case f32, f64, f16, bf16
  /// Floats of 8 bits, for storage: with bits for the exponent and the fraction as their names say, without infinities
  /// (`fn`), and without a negative zero (`uz`).
  case f8e4m3fn, f8e4m3fnuz, f8e5m2, f8e5m2fnuz
  /// A power of two: 8 bits of exponent and nothing else.
  case f8e8m0
  case i8, i16, i32, i64
  case u8, u16, u32, u64
  /// One byte that is 0 or 1.
  case bool
  /// Several elements to a byte, the first in the lowest bits; the float has neither infinities nor NaN.
  case i4, u4, i2, u2, f4e2m1
  /// A number that is +1 (set) or -1 (clear), packed into words by the operations that use it.
  case bit

  /// How many bits an element takes in memory.
  public var bitWidth: Int {
    switch self {
    case .f64, .i64, .u64: 64
    case .f32, .i32, .u32: 32
    case .f16, .bf16, .i16, .u16: 16
    case .i8, .u8, .bool, .f8e4m3fn, .f8e4m3fnuz, .f8e5m2, .f8e5m2fnuz, .f8e8m0: 8
    case .i4, .u4, .f4e2m1: 4
    case .i2, .u2: 2
    case .bit: 1
    }
  }

  /// Whether elements are rounded real numbers.
  public var isFloat: Bool {
    switch self {
    case .f32, .f64, .f16, .bf16, .f8e4m3fn, .f8e4m3fnuz, .f8e5m2, .f8e5m2fnuz, .f8e8m0, .f4e2m1: true
    default: false
    }
  }

  /// Whether elements are integers, signed or not; `bool` and `bit` are not.
  public var isInteger: Bool { !isFloat && self != .bool && self != .bit }

  /// Whether elements are integers that cannot be negative.
  public var isUnsigned: Bool { [.u8, .u16, .u32, .u64, .u4, .u2].contains(self) }

  /// Whether several elements share a byte.
  public var isPacked: Bool { bitWidth < 8 }

  /// Whether elements are stored and converted, but not computed with: floats of 8 bits, and everything of fewer.
  public var isNarrow: Bool { isPacked || (isFloat && bitWidth == 8) }
}

extension ElementType: CustomStringConvertible {
  public var description: String { rawValue }
}
