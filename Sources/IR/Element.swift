import Glibc

/// A Swift type whose memory is that of a tensor element.
public protocol Element: BitwiseCopyable, Hashable, Sendable {
  /// The type that it is an element of.
  static var elementType: ElementType { get }
  /// The element nearest to a number: rounded to nearest even for floats, where numbers that are too large become
  /// infinite, or NaN where there is no infinity; for integers cut towards zero, held within their range, and 0 for NaN.
  init(rounding real: Double)
  /// The element that an integer is, wrapped to its width, or rounded to it for floats.
  init(wrapping integer: Int128)
  /// The number, exactly except for the largest 64-bit integers.
  var real: Double { get }
  /// The number cut towards zero and held within 64 bits.
  var integer: Int128 { get }
}

/// The brain floating-point format: the upper half of a `Float`.
public struct BFloat16: Hashable, Sendable, BitwiseCopyable {
  /// The bits, as they lie in memory.
  public var bits: UInt16
}

extension Element where Self: FixedWidthInteger {
  public init(rounding real: Double) {
    if real.isNaN {
      self = 0
    } else if real <= Double(Self.min) {
      self = .min
    } else if real >= Double(Self.max) {
      self = .max
    } else {
      self.init(real)
    }
  }
  public init(wrapping integer: Int128) { self.init(truncatingIfNeeded: integer) }
  public var real: Double { Double(self) }
  public var integer: Int128 { Int128(self) }
}

extension Element where Self: BinaryFloatingPoint {
  public init(rounding real: Double) { self.init(real) }
  public init(wrapping integer: Int128) { self.init(integer) }
  public var real: Double { Double(self) }
  public var integer: Int128 {
    if self.isNaN { return 0 }
    return Int128(Swift.max(-9.3e18, Swift.min(1.9e19, Double(self).rounded(.towardZero))))
  }
}

extension Float: Element { public static let elementType = ElementType.f32 }
extension Double: Element { public static let elementType = ElementType.f64 }
extension Float16: Element { public static let elementType = ElementType.f16 }
extension Int8: Element { public static let elementType = ElementType.i8 }
extension Int16: Element { public static let elementType = ElementType.i16 }
extension Int32: Element { public static let elementType = ElementType.i32 }
extension Int64: Element { public static let elementType = ElementType.i64 }
extension UInt8: Element { public static let elementType = ElementType.u8 }
extension UInt16: Element { public static let elementType = ElementType.u16 }
extension UInt32: Element { public static let elementType = ElementType.u32 }
extension UInt64: Element { public static let elementType = ElementType.u64 }

extension Bool: Element {
  public static let elementType = ElementType.bool
  public init(rounding real: Double) { self = real != 0 }
  public init(wrapping integer: Int128) { self = integer != 0 }
  public var real: Double { self ? 1 : 0 }
  public var integer: Int128 { self ? 1 : 0 }
}

extension BFloat16: Element {
  public static let elementType = ElementType.bf16

  /// Rounds once, to nearest even: through `Float` with the lost part kept sticky.
  public init(rounding real: Double) {
    var float = Float(real)
    if float.isNaN {
      bits = 0x7fc0
      return
    }
    if Double(float) != real, float.bitPattern & 1 == 0, float.isFinite {
      // Rounding to odd keeps a later rounding to half the bits correct.
      float =
        abs(Double(float)) < abs(real)
        ? Float(bitPattern: float.bitPattern | 1) : Float(bitPattern: float.bitPattern &- 1)
    }
    let pattern = float.bitPattern
    bits = UInt16(truncatingIfNeeded: (pattern &+ 0x7fff &+ (pattern >> 16 & 1)) >> 16)
  }
  public init(wrapping integer: Int128) { self.init(rounding: Double(roundingToOdd: integer)) }
  public var real: Double { Double(Float(bitPattern: UInt32(bits) << 16)) }
  public var integer: Int128 { real.integer }
}

extension ElementType {
  /// The Swift type of an element.
  public var swiftType: any Element.Type {
    switch self {
    case .f32: Float.self
    case .f64: Double.self
    case .f16: Float16.self
    case .bf16: BFloat16.self
    case .i8: Int8.self
    case .i16: Int16.self
    case .i32: Int32.self
    case .i64: Int64.self
    case .u8: UInt8.self
    case .u16: UInt16.self
    case .u32: UInt32.self
    case .u64: UInt64.self
    case .bool: Bool.self
    case .f8e4m3fn: Float8E4M3FN.self
    case .f8e4m3fnuz: Float8E4M3FNUZ.self
    case .f8e5m2: Float8E5M2.self
    case .f8e5m2fnuz: Float8E5M2FNUZ.self
    case .f8e8m0: Float8E8M0.self
    case .f4e2m1: Float4E2M1.self
    case .i4: Int4.self
    case .u4: UInt4.self
    case .i2: Int2.self
    case .u2: UInt2.self
    case .bit: Bit.self
    }
  }
}

/// Numbers of any element type, in the two number systems in which operations are defined.
extension Tensor {
  /// Creates a tensor by rounding each number to the element type, once.
  public init(_ type: TensorType, reals: some Collection<Double>) {
    func make<T: Element>(_: T.Type) -> Tensor { Tensor(reals.map { T(rounding: $0) }, shape: type.shape) }
    self = make(type.element.swiftType)
  }

  /// Creates a tensor by wrapping each integer to the width of the element type.
  public init(_ type: TensorType, integers: some Collection<Int128>) {
    func make<T: Element>(_: T.Type) -> Tensor { Tensor(integers.map { T(wrapping: $0) }, shape: type.shape) }
    self = make(type.element.swiftType)
  }

  /// The elements as real numbers.
  public var reals: [Double] {
    func read<T: Element>(_: T.Type) -> [Double] { elements(as: T.self).map { $0.real } }
    // The code for a type that is named is compiled for it alone, and ten times as fast.
    switch element {
    case .f32: return read(Float.self)
    case .f64: return read(Double.self)
    case .i8: return read(Int8.self)
    default: return read(element.swiftType)
    }
  }

  /// The elements as integers.
  public var integers: [Int128] {
    func read<T: Element>(_: T.Type) -> [Int128] { elements(as: T.self).map { $0.integer } }
    return read(element.swiftType)
  }

  /// The elements as machine integers, for shapes, axes and indices.
  public var ints: [Int] { integers.map { Int(clamping: $0) } }
}
