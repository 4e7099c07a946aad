/// The middle of the operand where it is to be smaller, and the operand with zeros around it where it is to be larger.
///
/// Of an odd number of elements, one more is taken away or added at the end.
public struct CenterCropPad: Operation {
  public static let name = "CenterCropPad"
  public static let operands: Signature = ["input_data", "shape"]
  /// The axes that `shape` is about; all where they are not given.
  public var axes: [Int]?
  public init() {}

  /// What is added along each axis of the operand; taken away where negative.
  public func pads(_ operands: Operands<Operand>) throws -> [Pad.AxisPad] {
    let shape = operands.first.shape
    let axes = try axes.map { try shape.existingAxes($0) } ?? Array(shape.indices)
    let wanted = try operands.knownIntegers(1, "shape")!
    try require(
      wanted.count == axes.count,
      "operand 'shape' has \(wanted.count) elements, but should have one for each of \(axes.count) axes")
    try require(
      wanted.allSatisfy { (0...TensorType.maximumByteCount).contains($0) },
      "operand 'shape' \(wanted) should have elements from 0 on that are not too large")
    var pads = shape.map { Pad.AxisPad(extent: $0) }
    for (axis, extent) in zip(axes, wanted) {
      pads[axis].before = (extent - shape[axis]) / 2
      pads[axis].after = extent - shape[axis] - pads[axis].before
    }
    return pads
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let shape = Shape(try pads(operands).map { $0.extent + $0.before + $0.after })
    return [TensorType(operands.first.element, shape)]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (data, shape) = (operands.first, results[0].shape)
    let sources = Pad.sources(of: shape, in: data.shape, try pads(operands.asKnown), .constant)
    return [data.gathering(sources, shape: shape)]
  }
}
