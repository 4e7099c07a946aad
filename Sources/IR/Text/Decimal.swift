import Glibc

/// Numbers in text, rounded once to whatever they become.
enum Decimal {
  /// A number as the double that rounds to any shorter type as the text does: where the double is not exact, its last bit
  /// is set. Nil if the text is no number.
  static func roundedToOdd(_ text: String) -> Double? {
    guard let nearest = Double(text) else { return nil }
    guard !text.lowercased().contains("n") else { return nearest }  // inf, infinity, nan
    let towardsZero = parsed(text, FE_TOWARDZERO)
    return parsed(text, FE_DOWNWARD) == parsed(text, FE_UPWARD)
      ? nearest : Double(bitPattern: towardsZero.bitPattern | 1)
  }

  /// A number as the nearest double, except where that would round to another float than the text does.
  static func attribute(_ text: String) -> Double? {
    guard let nearest = Double(text), let float = Float(text), Float(nearest) != float else { return Double(text) }
    return nearest.isNaN ? nearest : roundedToOdd(text)
  }

  /// The double that the C library makes of a number, rounded in the given direction.
  private static func parsed(_ text: String, _ direction: Int) -> Double {
    let previous = fegetround()
    fesetround(Int32(direction))
    defer { fesetround(previous) }
    return strtod(text, nil)
  }
}
