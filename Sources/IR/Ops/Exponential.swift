import Glibc

/// e to the power of the operand.
public struct Exp: RealFunction {
  public static let name = "Exp"
  public init() {}
  public func real(_ x: [Double]) -> Double { exp(x[0]) }
}

/// The natural logarithm; NaN where the operand is negative.
public struct Log: RealFunction {
  public static let name = "Log"
  public init() {}
  public func real(_ x: [Double]) -> Double { log(x[0]) }
}

/// The square root; NaN where the operand is negative.
public struct Sqrt: RealFunction {
  public static let name = "Sqrt"
  public init() {}
  public func real(_ x: [Double]) -> Double { x[0].squareRoot() }
}

/// The error function.
public struct Erf: RealFunction {
  public static let name = "Erf"
  public init() {}
  public func real(_ x: [Double]) -> Double { erf(x[0]) }
}
