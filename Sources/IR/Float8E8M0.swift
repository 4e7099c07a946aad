/// A power of two from 2^-127 to 2^127, or NaN: 8 bits of exponent without sign and fraction.
public struct Float8E8M0: Hashable, Sendable, BitwiseCopyable {
  /// The exponent plus 127; 255 for NaN.
  public let bits: UInt8
  /// Creates the element with these bits.
  public init(bits: UInt8) { self.bits = bits }

  /// How a number between two powers of two is rounded.
  public enum RoundMode: String, CaseIterable, Codable, Sendable {
    /// To the greater one.
    case up
    /// To the lesser one.
    case down
    /// To the nearer one, of two the greater.
    case nearest
  }

  /// The power of two for the magnitude of a number.
  ///
  /// - Parameter saturating: Whether what is too large or too small, infinities and 0 too, becomes the greatest or least
  ///   power instead of NaN.
  public init(rounding real: Double, _ mode: RoundMode, saturating: Bool) {
    let magnitude = real.magnitude
    if magnitude.isNaN || (magnitude.isInfinite && !saturating) {
      bits = 0xff
    } else if magnitude < 0x1p-127 {
      bits = saturating ? 0 : 0xff
    } else if magnitude.isInfinite {
      bits = 0xfe
    } else {
      let isUp = mode == .up ? magnitude.significand > 1 : mode == .nearest && magnitude.significand >= 1.5
      let field = Int(magnitude.exponent) + 127 + (isUp ? 1 : 0)
      bits = field <= 0xfe ? UInt8(field) : saturating ? 0xfe : 0xff
    }
  }
}

extension Float8E8M0: Element {
  public static let elementType = ElementType.f8e8m0
  /// The nearest power of two to the magnitude of a number, or NaN where it is too large or too small.
  public init(rounding real: Double) { self.init(rounding: real, .nearest, saturating: false) }
  public init(wrapping integer: Int128) { self.init(rounding: Double(roundingToOdd: integer)) }
  public var real: Double {
    bits == 0xff ? .nan : Double(sign: .plus, exponent: Int(bits) - 127, significand: 1)
  }
  public var integer: Int128 { real.integer }
}
