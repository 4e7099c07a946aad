import Glibc

/// The sine of an angle in radians.
public struct Sin: RealFunction {
  public static let name = "Sin"
  public init() {}
  public func real(_ x: [Double]) -> Double { sin(x[0]) }
}

/// The cosine of an angle in radians.
public struct Cos: RealFunction {
  public static let name = "Cos"
  public init() {}
  public func real(_ x: [Double]) -> Double { cos(x[0]) }
}

/// The tangent of an angle in radians.
public struct Tan: RealFunction {
  public static let name = "Tan"
  public init() {}
  public func real(_ x: [Double]) -> Double { tan(x[0]) }
}

/// The arc sine.
public struct Asin: RealFunction {
  public static let name = "Asin"
  public init() {}
  public func real(_ x: [Double]) -> Double { asin(x[0]) }
}

/// The arc cosine.
public struct Acos: RealFunction {
  public static let name = "Acos"
  public init() {}
  public func real(_ x: [Double]) -> Double { acos(x[0]) }
}

/// The arc tangent.
public struct Atan: RealFunction {
  public static let name = "Atan"
  public init() {}
  public func real(_ x: [Double]) -> Double { atan(x[0]) }
}

/// The hyperbolic sine.
public struct Sinh: RealFunction {
  public static let name = "Sinh"
  public init() {}
  public func real(_ x: [Double]) -> Double { sinh(x[0]) }
}

/// The hyperbolic cosine.
public struct Cosh: RealFunction {
  public static let name = "Cosh"
  public init() {}
  public func real(_ x: [Double]) -> Double { cosh(x[0]) }
}

/// The inverse hyperbolic sine.
public struct Asinh: RealFunction {
  public static let name = "Asinh"
  public init() {}
  public func real(_ x: [Double]) -> Double { asinh(x[0]) }
}

/// The inverse hyperbolic cosine.
public struct Acosh: RealFunction {
  public static let name = "Acosh"
  public init() {}
  public func real(_ x: [Double]) -> Double { acosh(x[0]) }
}

/// The inverse hyperbolic tangent.
public struct Atanh: RealFunction {
  public static let name = "Atanh"
  public init() {}
  public func real(_ x: [Double]) -> Double { atanh(x[0]) }
}
