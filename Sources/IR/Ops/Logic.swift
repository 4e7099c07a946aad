/// Whether both operands are true.
public struct And: ElementwiseOperation {
  public static let name = "And"
  public static let operands: Signature = ["A", "B"]
  public static let accepts = ElementClass.bools
  public init() {}
  public func integer(_ x: [Int128]) -> Int128 { x[0] & x[1] }
}

/// Whether an operand is true.
public struct Or: ElementwiseOperation {
  public static let name = "Or"
  public static let operands: Signature = ["A", "B"]
  public static let accepts = ElementClass.bools
  public init() {}
  public func integer(_ x: [Int128]) -> Int128 { x[0] | x[1] }
}

/// Whether exactly one operand is true.
public struct Xor: ElementwiseOperation {
  public static let name = "Xor"
  public static let operands: Signature = ["A", "B"]
  public static let accepts = ElementClass.bools
  public init() {}
  public func integer(_ x: [Int128]) -> Int128 { x[0] ^ x[1] }
}

/// Whether the operand is false.
public struct Not: ElementwiseOperation {
  public static let name = "Not"
  public static let operands: Signature = ["X"]
  public static let accepts = ElementClass.bools
  public init() {}
  public func integer(_ x: [Int128]) -> Int128 { 1 - x[0] }
}

/// The bits that are set in both operands.
public struct BitwiseAnd: ElementwiseOperation {
  public static let name = "BitwiseAnd"
  public static let operands: Signature = ["A", "B"]
  public static let accepts = ElementClass.integers
  public init() {}
  public func integer(_ x: [Int128]) -> Int128 { x[0] & x[1] }
}

/// The bits that are set in an operand.
public struct BitwiseOr: ElementwiseOperation {
  public static let name = "BitwiseOr"
  public static let operands: Signature = ["A", "B"]
  public static let accepts = ElementClass.integers
  public init() {}
  public func integer(_ x: [Int128]) -> Int128 { x[0] | x[1] }
}

/// The bits that are set in exactly one operand.
public struct BitwiseXor: ElementwiseOperation {
  public static let name = "BitwiseXor"
  public static let operands: Signature = ["A", "B"]
  public static let accepts = ElementClass.integers
  public init() {}
  public func integer(_ x: [Int128]) -> Int128 { x[0] ^ x[1] }
}

/// The bits that are not set in the operand.
public struct BitwiseNot: ElementwiseOperation {
  public static let name = "BitwiseNot"
  public static let operands: Signature = ["X"]
  public static let accepts = ElementClass.integers
  public init() {}
  public func integer(_ x: [Int128]) -> Int128 { ~x[0] }
}

/// The bits of the first operand, moved by as many places as the second says; bits moved beyond the width are lost.
public struct BitShift: ElementwiseOperation {
  public static let name = "BitShift"
  public static let operands: Signature = ["X", "Y"]
  public static let accepts = ElementClass.unsigned
  /// Directions in which bits are moved.
  public enum Direction: String, CaseIterable, Codable, Sendable {
    /// Towards the highest bit.
    case left = "LEFT"
    /// Towards the lowest bit.
    case right = "RIGHT"
  }
  /// Where bits are moved. There is no default.
  public var direction: Direction?
  public init() {}
  public func resultElement(_ operands: [ElementType]) throws -> ElementType {
    try Self.requireSame(operands)
    try require(direction != nil, "attribute 'direction' is missing; it should be LEFT or RIGHT")
    return operands[0]
  }
  public func integer(_ x: [Int128]) -> Int128 { direction == .left ? x[0] << x[1] : x[0] >> x[1] }
  public var scalars: [Double] { [direction == .left ? 1 : 0] }
}
