import Glibc

/// The greatest integer that is not greater than the operand.
public struct Floor: RealFunction {
  public static let name = "Floor"
  public init() {}
  public func real(_ x: [Double]) -> Double { x[0].rounded(.down) }
}

/// The least integer that is not less than the operand.
public struct Ceil: RealFunction {
  public static let name = "Ceil"
  public init() {}
  public func real(_ x: [Double]) -> Double { x[0].rounded(.up) }
}

/// The nearest integer; the even one of two.
public struct Round: RealFunction {
  public static let name = "Round"
  public init() {}
  public func real(_ x: [Double]) -> Double { x[0].rounded(.toNearestOrEven) }
}
