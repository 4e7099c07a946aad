/// x divided by a scale, rounded to the nearest integer (of two the even one), plus a zero point, held within the range
/// of the type of the result. x are f32 or i32 numbers; NaN counts as 0.
///
/// There is one scale for all elements, one for each place along `axis`, or one for each block of `block_size` elements
/// along it. The division is that of f32 numbers.
public struct QuantizeLinear: Operation {
  public static let name = "QuantizeLinear"
  public static let operands: Signature = ["x", "y_scale", "y_zero_point?"]

  /// The axis along which scales differ; it counts from the end where it is negative.
  public var axis = 1
  /// How many neighbours along the axis share a scale; 0 where the scale has one axis or none.
  public var blockSize = 0
  /// The type of the result, if there is no zero point of that type; u8 where both are left out.
  public var outputDtype: ElementType?
  /// The type in which ONNX divides, by its number; only f32 (1), which 0 means too.
  public var precision = 0
  /// Whether 8-bit floats saturate, which nnc does not have.
  public var saturate = true

  public init() {}

  /// The types of result.
  static let quantizedTypes: [ElementType] = [.i8, .u8, .i16, .u16]

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let x = operands.first
    _ = try operands.requireElement(0, "x", oneOf: [.f32, .i32])
    _ = try operands.requireElement(1, "y_scale", oneOf: [.f32])
    try require(
      [0, 1].contains(precision), "precision is \(precision), but should be 1 (f32), or 0 for that of y_scale")
    let element = outputDtype ?? operands[2]?.element ?? .u8
    try require(
      Self.quantizedTypes.contains(element),
      "the result would have elements of type \(element), but should have i8, u8, i16 or u16; see y_zero_point and "
        + "output_dtype")
    try operands.requireZeroPoint(2, "y_zero_point", of: element)
    try operands.requireZeroPointShape(2, "y_zero_point", like: 1, "y_scale")
    _ = try grid(operands)
    return [TensorType(element, x.shape)]
  }

  /// Which scale each element has.
  public func grid(_ operands: Operands<Operand>) throws(Diagnostic) -> QuantizationGrid {
    try QuantizationGrid(operands.first.shape, scale: operands.required(1).shape, axis: axis, blockSize: blockSize)
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, scale) = (operands.first.reals, operands.required(1))
    let grid = try QuantizationGrid(results[0].shape, scale: scale.shape, axis: axis, blockSize: blockSize)
    let (scales, zeros, quantize) = (
      scale.elements(as: Float.self), operands.zeroPoints(2), Quantizer(results[0].element)
    )
    let quantized = zip(x, grid.scaleIndices).map { number, index in
      quantize(Float(number) / scales[index], zero: zeros.shared(index))
    }
    return [Tensor(results[0], integers: quantized)]
  }
}

/// x minus a zero point, times a scale: the numbers that quantized elements stand for.
///
/// There is one scale for all elements, one for each place along `axis`, or one for each block of `block_size` elements
/// along it. The difference is one of 32-bit integers, and wraps; the product is that of f32 numbers.
public struct DequantizeLinear: Operation {
  public static let name = "DequantizeLinear"
  public static let operands: Signature = ["x", "x_scale", "x_zero_point?"]

  /// The axis along which scales differ; it counts from the end where it is negative.
  public var axis = 1
  /// How many neighbours along the axis share a scale; 0 where the scale has one axis or none.
  public var blockSize = 0
  /// The type of the result, that of the scale where it is left out; only f32.
  public var outputDtype: ElementType?

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let element = try operands.requireElement(0, "x", oneOf: QuantizeLinear.quantizedTypes + [.i32])
    let scale = try operands.requireElement(1, "x_scale", oneOf: [.f32, .f16, .bf16])
    try require(
      outputDtype == nil || outputDtype == .f32,
      "output_dtype is \(outputDtype ?? scale), but should be f32, or left out for the type of x_scale; add a Cast")
    try operands.requireZeroPoint(2, "x_zero_point", of: element)
    try operands.requireZeroPointShape(2, "x_zero_point", like: 1, "x_scale")
    _ = try grid(operands)
    return [TensorType(outputDtype ?? scale, operands.first.shape)]
  }

  /// Which scale each element has.
  public func grid(_ operands: Operands<Operand>) throws(Diagnostic) -> QuantizationGrid {
    try QuantizationGrid(operands.first.shape, scale: operands.required(1).shape, axis: axis, blockSize: blockSize)
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, scale) = (operands.first.integers, operands.required(1))
    let grid = try QuantizationGrid(results[0].shape, scale: scale.shape, axis: axis, blockSize: blockSize)
    let (scales, zeros) = (scale.reals.map { Float($0) }, operands.zeroPoints(2))
    let numbers = zip(x, grid.scaleIndices).map { element, index in
      Double(Float(Int32(truncatingIfNeeded: element) &- zeros.shared(index)) * scales[index])
    }
    return [Tensor(results[0], reals: numbers)]
  }
}

extension Operands where Item == Operand {
  /// Throws unless there is a zero point for each scale, or none at all.
  fileprivate func requireZeroPointShape(
    _ index: Int, _ name: String, like scaleIndex: Int, _ scaleName: String
  ) throws(Diagnostic) {
    guard let shape = self[index]?.shape else { return }
    let scale = required(scaleIndex).shape
    let isSingle = [shape, scale].allSatisfy { $0.elementCount == 1 && $0.rank <= 1 }
    try require(
      shape == scale || isSingle, "\(name) has shape [\(shape)], but should have [\(scale)], as \(scaleName) has")
  }
}
