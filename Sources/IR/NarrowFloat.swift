/// How the bits of a float of at most 8 bits are to be read.
public struct FloatFormat: Sendable {
  /// The bits of the fraction.
  public let fractionBits: Int
  /// What is added to the exponent of a number.
  public let bias: Int
  /// The bits of the greatest number.
  public let greatest: UInt8
  /// The bits of the positive infinity, if there is one.
  public let infinity: UInt8?
  /// The bits of NaN, if there is one.
  public let nan: UInt8?
  /// The bit of the sign.
  public let sign: UInt8
  /// Whether there is one zero, whose bits with a sign are NaN.
  public var hasNegativeZero: Bool { nan != sign }
}

/// A float of at most 8 bits with a sign, an exponent and a fraction, for storage.
public protocol NarrowFloat: Element {
  /// How the bits are to be read.
  static var format: FloatFormat { get }
  /// The bits, in the lowest ones of the byte; the others are 0.
  var bits: UInt8 { get }
  /// Creates the element with these bits.
  init(bits: UInt8)
}

extension NarrowFloat {
  /// The element nearest to a number, of two the even one.
  ///
  /// - Parameter saturating: Whether what is too large, infinities too, becomes the greatest number instead of infinite or
  ///   NaN. A type that has neither always saturates, and its NaN is -0.
  public init(rounding real: Double, saturating: Bool) {
    let format = Self.format
    let sign = real.sign == .minus ? format.sign : 0
    guard !real.isNaN else {
      self.init(bits: format.nan.map { format.hasNegativeZero ? $0 | sign : $0 } ?? format.sign)
      return
    }
    let magnitude = Self.magnitude(real.magnitude)
    if magnitude <= Int(format.greatest) {
      self.init(bits: magnitude == 0 && !format.hasNegativeZero ? 0 : UInt8(magnitude) | sign)
    } else if !saturating, let special = format.infinity ?? format.nan {
      self.init(bits: format.hasNegativeZero ? special | sign : special)
    } else {
      self.init(bits: format.greatest | sign)
    }
  }

  /// The bits of a number that is not negative, by its exponent and fraction, as if there were bits enough for it.
  private static func magnitude(_ real: Double) -> Int {
    guard real < 1e30 else { return .max }
    let least = 1 - format.bias
    let exponent = real == 0 ? least : Swift.max(least, Int(real.exponent))
    // Exact: the exponents of doubles reach much further.
    let unit = Double(sign: .plus, exponent: exponent - format.fractionBits, significand: 1)
    return (exponent - least) << format.fractionBits + Int((real / unit).rounded(.toNearestOrEven))
  }

  public init(rounding real: Double) { self.init(rounding: real, saturating: false) }
  public init(wrapping integer: Int128) { self.init(rounding: Double(roundingToOdd: integer)) }

  public var real: Double {
    let format = Self.format
    let magnitude = bits & (format.sign - 1)
    if bits == format.nan || (format.hasNegativeZero && magnitude == format.nan) { return .nan }
    let sign: FloatingPointSign = bits & format.sign == 0 ? .plus : .minus
    if magnitude == format.infinity { return sign == .plus ? .infinity : -.infinity }
    if let infinity = format.infinity, magnitude > infinity { return .nan }
    let (field, fraction) = (Int(magnitude) >> format.fractionBits, Int(magnitude) & (1 << format.fractionBits - 1))
    let significand = field == 0 ? fraction : fraction + 1 << format.fractionBits
    let exponent = Swift.max(field, 1) - format.bias - format.fractionBits
    return Double(sign: sign, exponent: exponent, significand: Double(significand))
  }
  public var integer: Int128 { real.integer }
}

/// A float with 4 bits of exponent and 3 of fraction, without infinities; up to 448.
public struct Float8E4M3FN: NarrowFloat {
  public static let elementType = ElementType.f8e4m3fn
  public static let format = FloatFormat(
    fractionBits: 3, bias: 7, greatest: 0x7e, infinity: nil, nan: 0x7f, sign: 0x80)
  public let bits: UInt8
  public init(bits: UInt8) { self.bits = bits }
}

/// A float with 4 bits of exponent and 3 of fraction, without infinities and a negative zero; up to 240.
public struct Float8E4M3FNUZ: NarrowFloat {
  public static let elementType = ElementType.f8e4m3fnuz
  public static let format = FloatFormat(
    fractionBits: 3, bias: 8, greatest: 0x7f, infinity: nil, nan: 0x80, sign: 0x80)
  public let bits: UInt8
  public init(bits: UInt8) { self.bits = bits }
}

/// A float with 5 bits of exponent and 2 of fraction, the upper half of a half-precision float; up to 57344.
public struct Float8E5M2: NarrowFloat {
  public static let elementType = ElementType.f8e5m2
  public static let format = FloatFormat(
    fractionBits: 2, bias: 15, greatest: 0x7b, infinity: 0x7c, nan: 0x7e, sign: 0x80)
  public let bits: UInt8
  public init(bits: UInt8) { self.bits = bits }
}

/// A float with 5 bits of exponent and 2 of fraction, without infinities and a negative zero; up to 57344.
public struct Float8E5M2FNUZ: NarrowFloat {
  public static let elementType = ElementType.f8e5m2fnuz
  public static let format = FloatFormat(
    fractionBits: 2, bias: 16, greatest: 0x7f, infinity: nil, nan: 0x80, sign: 0x80)
  public let bits: UInt8
  public init(bits: UInt8) { self.bits = bits }
}

/// A float with 2 bits of exponent and 1 of fraction: 0, 0.5, 1, 1.5, 2, 3, 4 and 6, and their negatives.
public struct Float4E2M1: NarrowFloat {
  public static let elementType = ElementType.f4e2m1
  public static let format = FloatFormat(fractionBits: 1, bias: 1, greatest: 7, infinity: nil, nan: nil, sign: 8)
  public let bits: UInt8
  public init(bits: UInt8) { self.bits = bits }
}

extension Double {
  /// An integer as the double that rounds to any shorter float as the integer does: where it is not exact, its last bit
  /// is set.
  init(roundingToOdd integer: Int128) {
    var (magnitude, scale) = (integer.magnitude, 1.0)
    while magnitude >> 53 != 0 {
      magnitude = magnitude >> 1 | magnitude & 1
      scale *= 2
    }
    self = (integer < 0 ? -1 : 1) * Double(magnitude) * scale
  }
}
