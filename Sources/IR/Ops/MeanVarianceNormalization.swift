/// The operand with the mean over `axes` removed, divided by the standard deviation over them.
public struct MeanVarianceNormalization: CompositeOperation {
  public static let name = "MeanVarianceNormalization"
  public static let operands: Signature = ["X"]

  /// The axes that are normalized together.
  public var axes = [0, 2, 3]

  public init() {}

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    let x = operands.first
    let element = body.type(x).element
    try require(element.isFloat, "X has elements of type \(element), but should have floats")
    // No axes would mean all of them to a reduction.
    let axes = try body.constant(axes)
    var mean = ReduceMean()
    mean.noopWithEmptyAxes = true
    let centered = try body.add(Sub(), x, body.add(mean, x, axes))
    let variance = try body.add(mean, body.add(Mul(), centered, centered), axes)
    // ONNX adds this to the standard deviation, not to the variance.
    let deviation = try body.add(Add(), body.add(Sqrt(), variance), body.constant(1e-9, element))
    return [try body.add(Div(), centered, deviation)]
  }
}
