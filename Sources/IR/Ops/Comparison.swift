/// An elementwise operation of two operands of one type whose result is true or false.
public protocol Comparison: ElementwiseOperation {
  /// The result for two numbers.
  func holds<Number: Comparable>(_ a: Number, _ b: Number) -> Bool
}

extension Comparison {
  public static var operands: Signature { ["A", "B"] }
  public func resultElement(_ operands: [ElementType]) throws -> ElementType {
    try Self.requireSame(operands)
    return .bool
  }
  public func real(_ x: [Double]) -> Double { holds(x[0], x[1]) ? 1 : 0 }
  public func integer(_ x: [Int128]) -> Int128 { holds(x[0], x[1]) ? 1 : 0 }
}

/// Whether the first operand equals the second. NaN equals nothing.
public struct Equal: Comparison {
  public static let name = "Equal"
  public static let accepts = ElementClass.any
  public init() {}
  public func holds<Number: Comparable>(_ a: Number, _ b: Number) -> Bool { a == b }
}

/// Whether the first operand is less than the second. It is not where either is NaN.
public struct Less: Comparison {
  public static let name = "Less"
  public init() {}
  public func holds<Number: Comparable>(_ a: Number, _ b: Number) -> Bool { a < b }
}

/// Whether the first operand is greater than the second. It is not where either is NaN.
public struct Greater: Comparison {
  public static let name = "Greater"
  public init() {}
  public func holds<Number: Comparable>(_ a: Number, _ b: Number) -> Bool { a > b }
}

/// Whether the first operand is less than or equal to the second. It is not where either is NaN.
public struct LessOrEqual: Comparison {
  public static let name = "LessOrEqual"
  public init() {}
  public func holds<Number: Comparable>(_ a: Number, _ b: Number) -> Bool { a <= b }
}

/// Whether the first operand is greater than or equal to the second. It is not where either is NaN.
public struct GreaterOrEqual: Comparison {
  public static let name = "GreaterOrEqual"
  public init() {}
  public func holds<Number: Comparable>(_ a: Number, _ b: Number) -> Bool { a >= b }
}

/// Whether the operand is NaN.
public struct IsNaN: RealFunction {
  public static let name = "IsNaN"
  public init() {}
  public func resultElement(_ operands: [ElementType]) throws -> ElementType {
    try Self.requireSame(operands)
    return .bool
  }
  public func real(_ x: [Double]) -> Double { x[0].isNaN ? 1 : 0 }
}

/// Whether the operand is infinite.
public struct IsInf: RealFunction {
  public static let name = "IsInf"
  /// Whether the negative infinity counts.
  public var detectNegative = true
  /// Whether the positive infinity counts.
  public var detectPositive = true
  public init() {}
  public func resultElement(_ operands: [ElementType]) throws -> ElementType {
    try Self.requireSame(operands)
    return .bool
  }
  public func real(_ x: [Double]) -> Double {
    x[0].isInfinite && (x[0] < 0 ? detectNegative : detectPositive) ? 1 : 0
  }
  public var scalars: [Double] { [detectNegative ? 1 : 0, detectPositive ? 1 : 0] }
}
