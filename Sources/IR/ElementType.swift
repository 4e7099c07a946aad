/// The type of one element of a tensor.
///
/// The raw value is its name in text, in model specs and in the names of C kernels.
public enum ElementType: String, CaseIterable, Codable, Hashable, Sendable {
  case f32, f64, f16, bf16
  case i8, i16, i32, i64
  case u8, u16, u32, u64
  /// One byte that is 0 or 1.
  case bool
  /// Several elements to a byte, the first in the lowest bits.
  case i4, u4, i2, u2
  /// A number that is +1 (set) or -1 (clear), packed into words by the operations that use it.
  case bit

  /// How many bits an element takes in memory.
  public var bitWidth: Int {
    switch self {
    case .f64, .i64, .u64: 64
    case .f32, .i32, .u32: 32
    case .f16, .bf16, .i16, .u16: 16
    case .i8, .u8, .bool: 8
    case .i4, .u4: 4
    case .i2, .u2: 2
    case .bit: 1
    }
  }

  /// Whether elements are rounded real numbers.
  public var isFloat: Bool { [.f32, .f64, .f16, .bf16].contains(self) }

  /// Whether elements are integers, signed or not; `bool` and `bit` are not.
  public var isInteger: Bool { !isFloat && self != .bool && self != .bit }

  /// Whether elements are integers that cannot be negative.
  public var isUnsigned: Bool { [.u8, .u16, .u32, .u64, .u4, .u2].contains(self) }

  /// Whether several elements share a byte.
  public var isPacked: Bool { bitWidth < 8 }
}

extension ElementType: CustomStringConvertible {
  public var description: String { rawValue }
}
