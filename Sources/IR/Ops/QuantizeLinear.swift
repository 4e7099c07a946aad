/// x divided by a scale, rounded to the nearest integer (of two the even one), plus a zero point, held within the range
/// of the type of the result; or the nearest float of at most 8 bits to the quotient plus the zero point. NaN counts as 0
/// where the result has integers.
///
/// There is one scale for all elements, one for each place along `axis`, or one for each block of `block_size` elements
/// along it. The division is that of f32 numbers, or of half-precision ones where both x and the scale are such.
public struct QuantizeLinear: Operation {
  public static let name = "QuantizeLinear"
  public static let operands: Signature = ["x", "y_scale", "y_zero_point?"]

  /// The axis along which scales differ; it counts from the end where it is negative.
  public var axis = 1
  /// How many neighbours along the axis share a scale; 0 where the scale has one axis or none.
  public var blockSize = 0
  /// The type of the result, if there is no zero point of that type; u8 where both are left out.
  public var outputDtype: ElementType?
  /// The type that x and the scale are rounded to before they are divided, and that the quotient is rounded to.
  public var precision: ElementType?
  /// Whether numbers that are too large for a float of 8 bits become its greatest one instead of infinite or NaN.
  public var saturate = true

  public init() {}

  /// The types of result.
  static let quantizedTypes: [ElementType] = [
    .i8, .u8, .i16, .u16, .i4, .u4, .i2, .u2, .f8e4m3fn, .f8e4m3fnuz, .f8e5m2, .f8e5m2fnuz, .f4e2m1,
  ]

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let x = operands.first
    _ = try operands.requireElement(0, "x", oneOf: [.f32, .f16, .bf16, .i32])
    _ = try operands.requireElement(1, "y_scale", oneOf: [.f32, .f16, .bf16, .i32, .f8e8m0])
    try require(
      precision == nil || [.f32, .f16, .bf16].contains(precision),
      "precision is \(precision ?? .f32), but should be f32, f16 or bf16, or left out for that of x and y_scale")
    let element = outputDtype ?? operands[2]?.element ?? .u8
    try require(
      Self.quantizedTypes.contains(element),
      "the result would have elements of type \(element), but should have "
        + Self.quantizedTypes.map(\.rawValue).joined(separator: " or ") + "; see y_zero_point and output_dtype")
    try operands.requireZeroPoint(2, "y_zero_point", of: element)
    try operands.requireZeroPointShape(2, "y_zero_point", like: 1, "y_scale")
    _ = try grid(operands)
    return [TensorType(element, x.shape)]
  }

  /// Which scale each element has.
  public func grid(_ operands: Operands<Operand>) throws(Diagnostic) -> QuantizationGrid {
    try QuantizationGrid(operands.first.shape, scale: operands.required(1).shape, axis: axis, blockSize: blockSize)
  }

  /// The type in which elements of type `x` are divided by scales of type `scale`.
  public func quotientElement(_ x: ElementType, _ scale: ElementType) -> ElementType {
    precision ?? (x.bitWidth == 16 && (scale == x || scale == .f8e8m0) ? x : .f32)
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, scale, element) = (operands.first, operands.required(1), results[0].element)
    let grid = try QuantizationGrid(results[0].shape, scale: scale.shape, axis: axis, blockSize: blockSize)
    let division = quotientElement(x.element, scale.element)
    let scales = scale.reals.map { division.rounded(Float($0)) }
    let quotients = zip(x.reals, grid.scaleIndices).map { number, index in
      (division.rounded(division.rounded(Float(number)) / scales[index]), index)
    }
    guard let type = element.swiftType as? any NarrowFloat.Type else {
      let (zeros, quantize) = (operands.zeroPoints(2), Quantizer(element))
      return [Tensor(results[0], integers: quotients.map { quantize($0, zero: zeros.shared($1)) })]
    }
    let zeros = operands[2]?.reals ?? [0]
    func quantized<T: NarrowFloat>(_: T.Type) -> Tensor {
      let numbers = quotients.map { moved($0, by: Float(zeros.shared($1))) }
      return Tensor(numbers.map { T(rounding: Double($0), saturating: saturate) }, shape: x.shape)
    }
    return [quantized(type)]
  }
}

/// x minus a zero point, times a scale: the numbers that quantized elements stand for.
///
/// There is one scale for all elements, one for each place along `axis`, or one for each block of `block_size` elements
/// along it. The difference is one of 32-bit integers, and wraps, or of f32 numbers; the product is that of f32 numbers.
public struct DequantizeLinear: Operation {
  public static let name = "DequantizeLinear"
  public static let operands: Signature = ["x", "x_scale", "x_zero_point?"]

  /// The axis along which scales differ; it counts from the end where it is negative.
  public var axis = 1
  /// How many neighbours along the axis share a scale; 0 where the scale has one axis or none.
  public var blockSize = 0
  /// The type of the result, to which the product is rounded; that of the scale where it is left out.
  public var outputDtype: ElementType?

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let element = try operands.requireElement(0, "x", oneOf: QuantizeLinear.quantizedTypes + [.i32])
    let scale = try operands.requireElement(1, "x_scale", oneOf: [.f32, .f16, .bf16, .f8e8m0])
    let result = outputDtype ?? scale
    try require(
      [.f32, .f16, .bf16].contains(result),
      "the result would have elements of type \(result), but should have f32 or f16 or bf16; see output_dtype")
    try operands.requireZeroPoint(2, "x_zero_point", of: element)
    try operands.requireZeroPointShape(2, "x_zero_point", like: 1, "x_scale")
    _ = try grid(operands)
    return [TensorType(result, operands.first.shape)]
  }

  /// Which scale each element has.
  public func grid(_ operands: Operands<Operand>) throws(Diagnostic) -> QuantizationGrid {
    try QuantizationGrid(operands.first.shape, scale: operands.required(1).shape, axis: axis, blockSize: blockSize)
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, scale) = (operands.first, operands.required(1))
    let grid = try QuantizationGrid(results[0].shape, scale: scale.shape, axis: axis, blockSize: blockSize)
    let (scales, indices) = (scale.reals.map { Float($0) }, grid.scaleIndices)
    let differences: [Float]
    if x.element.isFloat {
      let zeros = operands[2]?.reals ?? [0]
      differences = zip(x.reals, indices).map { moved(Float($0), by: -Float(zeros.shared($1))) }
    } else {
      let zeros = operands.zeroPoints(2)
      differences = zip(x.integers, indices).map { Float(Int32(truncatingIfNeeded: $0) &- zeros.shared($1)) }
    }
    return [Tensor(results[0], reals: zip(differences, indices).map { Double($0 * scales[$1]) })]
  }
}

/// A number plus the zero point of floats; one that is 0 leaves the sign of zeros alone.
private func moved(_ number: Float, by zero: Float) -> Float { zero == 0 ? number : number + zero }

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
