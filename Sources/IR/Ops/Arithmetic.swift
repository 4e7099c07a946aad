import Glibc

/// The sum of two tensors. Integers wrap.
public struct Add: ElementwiseOperation {
  public static let name = "Add"
  public static let operands: Signature = ["A", "B"]
  public init() {}
  public func real(_ x: [Double]) -> Double { x[0] + x[1] }
  public func integer(_ x: [Int128]) -> Int128 { x[0] + x[1] }
}

/// The difference of two tensors. Integers wrap.
public struct Sub: ElementwiseOperation {
  public static let name = "Sub"
  public static let operands: Signature = ["A", "B"]
  public init() {}
  public func real(_ x: [Double]) -> Double { x[0] - x[1] }
  public func integer(_ x: [Int128]) -> Int128 { x[0] - x[1] }
}

/// The product of two tensors. Integers wrap.
public struct Mul: ElementwiseOperation {
  public static let name = "Mul"
  public static let operands: Signature = ["A", "B"]
  public init() {}
  public func real(_ x: [Double]) -> Double { x[0] * x[1] }
  public func integer(_ x: [Int128]) -> Int128 { x[0] &* x[1] }
}

/// The quotient of two tensors. Integers are cut towards zero; divided by zero, which ONNX leaves undefined, they are 0.
public struct Div: ElementwiseOperation {
  public static let name = "Div"
  public static let operands: Signature = ["A", "B"]
  public init() {}
  public func real(_ x: [Double]) -> Double { x[0] / x[1] }
  public func integer(_ x: [Int128]) -> Int128 { x[1] == 0 ? 0 : x[0] / x[1] }
}

/// The remainder of a division, with the sign of the divisor, or of the dividend as of C's `fmod`.
///
/// Floats are defined only as `fmod`. The remainder of integers by zero, which ONNX leaves undefined, is 0.
public struct Mod: ElementwiseOperation {
  public static let name = "Mod"
  public static let operands: Signature = ["A", "B"]
  /// Whether the result has the sign of the dividend.
  public var fmod = false
  public init() {}
  public func resultElement(_ operands: [ElementType]) throws -> ElementType {
    try Self.requireSame(operands)
    try require(fmod || !operands[0].isFloat, "is defined for elements of type \(operands[0]) only with fmod: true")
    return operands[0]
  }
  public func real(_ x: [Double]) -> Double { Glibc.fmod(x[0], x[1]) }
  public func integer(_ x: [Int128]) -> Int128 {
    guard x[1] != 0 else { return 0 }
    let remainder = x[0] % x[1]
    return !fmod && remainder != 0 && (remainder < 0) != (x[1] < 0) ? remainder + x[1] : remainder
  }
  public var scalars: [Double] { [fmod ? 1 : 0] }
}

/// The first operand to the power of the second, as an element of the first one's type.
///
/// A negative power of an integer is cut towards zero; that of 0, which ONNX leaves undefined, is 0.
public struct Pow: ElementwiseOperation {
  public static let name = "Pow"
  public static let operands: Signature = ["X", "Y"]
  public init() {}
  public func resultElement(_ operands: [ElementType]) throws -> ElementType {
    for element in operands { try Self.requireSame([element]) }
    return operands[0]
  }
  public func real(_ x: [Double]) -> Double { pow(x[0], x[1]) }
  public func integer(_ x: [Int128]) -> Int128 {
    if x[1] < 0 { return x[0] == 1 ? 1 : x[0] == -1 ? (x[1] % 2 == 0 ? 1 : -1) : 0 }
    var (result, square, exponent) = (Int128(1), x[0], x[1])
    while exponent > 0 {
      if exponent & 1 == 1 { result = result &* square }
      square = square &* square
      exponent >>= 1
    }
    return result
  }
}

/// The operand with the opposite sign. The least integer remains.
public struct Neg: ElementwiseOperation {
  public static let name = "Neg"
  public static let operands: Signature = ["X"]
  public static let accepts = ElementClass.signed
  public init() {}
  public func real(_ x: [Double]) -> Double { -x[0] }
  public func integer(_ x: [Int128]) -> Int128 { -x[0] }
}

/// The operand without its sign. The least integer remains.
public struct Abs: ElementwiseOperation {
  public static let name = "Abs"
  public static let operands: Signature = ["X"]
  public init() {}
  public func real(_ x: [Double]) -> Double { x[0].magnitude }
  public func integer(_ x: [Int128]) -> Int128 { abs(x[0]) }
}

/// -1, 0 or 1 where the operand is negative, zero or positive; NaN remains.
public struct Sign: ElementwiseOperation {
  public static let name = "Sign"
  public static let operands: Signature = ["input"]
  public init() {}
  public func real(_ x: [Double]) -> Double { x[0] > 0 ? 1 : x[0] < 0 ? -1 : x[0].isNaN ? x[0] : 0 }
  public func integer(_ x: [Int128]) -> Int128 { x[0].signum() }
}

/// One divided by the operand.
public struct Reciprocal: RealFunction {
  public static let name = "Reciprocal"
  public init() {}
  public func real(_ x: [Double]) -> Double { 1 / x[0] }
}
