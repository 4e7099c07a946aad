/// The least of the operands; NaN where one is NaN.
public struct Min: ElementwiseOperation {
  public static let name = "Min"
  public static let operands: Signature = ["data_0..."]
  public init() {}
  public func real(_ x: [Double]) -> Double { x.dropFirst().reduce(x[0]) { $0.isNaN || $0 < $1 ? $0 : $1 } }
  public func integer(_ x: [Int128]) -> Int128 { x.min()! }
}

/// The greatest of the operands; NaN where one is NaN.
public struct Max: ElementwiseOperation {
  public static let name = "Max"
  public static let operands: Signature = ["data_0..."]
  public init() {}
  public func real(_ x: [Double]) -> Double { x.dropFirst().reduce(x[0]) { $0.isNaN || $0 > $1 ? $0 : $1 } }
  public func integer(_ x: [Int128]) -> Int128 { x.max()! }
}

/// The sum of the operands, rounded once.
public struct Sum: ElementwiseOperation {
  public static let name = "Sum"
  public static let operands: Signature = ["data_0..."]
  public static let accepts = ElementClass.floats
  public init() {}
  public func real(_ x: [Double]) -> Double { x.dropFirst().reduce(x[0], +) }
}

/// The mean of the operands, rounded once.
public struct Mean: ElementwiseOperation {
  public static let name = "Mean"
  public static let operands: Signature = ["data_0..."]
  public static let accepts = ElementClass.floats
  public init() {}
  public func real(_ x: [Double]) -> Double { x.reduce(0, +) / Double(x.count) }
}

/// The operand held between two scalars, either of which may be left out.
///
/// Where `min` is greater than `max`, the result is `max`; NaN remains.
public struct Clip: ElementwiseOperation {
  public static let name = "Clip"
  public static let operands: Signature = ["input", "min?", "max?"]
  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try Self.requireSame(operands.compactMap { $0?.element })
    let type = operands.first.type
    for index in 1...2 {
      guard let bound = operands[index] else { continue }
      try require(
        bound.shape.elementCount == 1 && bound.shape.rank <= type.shape.rank,
        "operand '\(Self.operands.name(at: index))' should be a scalar, not \(bound.type)")
    }
    return [type]
  }

  public func real(_ x: [Double]) -> Double {
    let raised = x[0] < x[1] ? x[1] : x[0]
    return raised > x[2] ? x[2] : raised
  }
  public func integer(_ x: [Int128]) -> Int128 { min(max(x[0], x[1]), x[2]) }

  /// No bound: an infinity, or the end of the range of an integer.
  public func standIn(for index: Int, element: ElementType) -> Tensor {
    Tensor(TensorType(element, []), reals: [index == 1 ? -Double.infinity : .infinity])
  }
}

/// The second operand where the first is true, elsewhere the third.
public struct Where: ElementwiseOperation {
  public static let name = "Where"
  public static let operands: Signature = ["condition", "X", "Y"]
  public static let accepts = ElementClass.any
  public init() {}
  public func resultElement(_ operands: [ElementType]) throws -> ElementType {
    try require(operands[0] == .bool, "operand 'condition' has elements of type \(operands[0]), not bool")
    try Self.requireSame(Array(operands[1...]))
    return operands[1]
  }
  public func real(_ x: [Double]) -> Double { x[0] != 0 ? x[1] : x[2] }
  public func integer(_ x: [Int128]) -> Int128 { x[0] != 0 ? x[1] : x[2] }
}
