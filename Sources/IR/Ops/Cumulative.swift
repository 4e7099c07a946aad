/// The sums of all elements up to each one along an axis. Integers wrap; floats are rounded once.
public struct CumSum: Cumulation {
  public static let name = "CumSum"
  public static let neutral = 0
  /// Whether the element itself is left out of its sum.
  public var exclusive = false
  /// Whether sums run from the end.
  public var reverse = false
  public init() {}
  public static func real(_ gathered: Double, _ x: Double) -> Double { gathered + x }
  public static func integer(_ gathered: Int128, _ x: Int128) -> Int128 { gathered &+ x }
}

/// The products of all elements up to each one along an axis. Integers wrap; floats are rounded once.
public struct CumProd: Cumulation {
  public static let name = "CumProd"
  public static let neutral = 1
  /// Whether the element itself is left out of its product.
  public var exclusive = false
  /// Whether products run from the end.
  public var reverse = false
  public init() {}
  public static func real(_ gathered: Double, _ x: Double) -> Double { gathered * x }
  public static func integer(_ gathered: Int128, _ x: Int128) -> Int128 { gathered &* x }
}
