/// x as u8 numbers with the scale and zero point that fit its own range: y, `y_scale` and `y_zero_point`.
///
/// The range is that from the least to the greatest element, extended to 0; NaN does not count. The scale is its length
/// divided by 255, or 1 where it is empty; the zero point is the number that stands for 0. All arithmetic is that of f32.
public struct DynamicQuantizeLinear: Operation {
  public static let name = "DynamicQuantizeLinear"
  public static let operands: Signature = ["x"]

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    _ = try operands.requireElement(0, "x", oneOf: [.f32])
    return [TensorType(.u8, operands.first.shape), TensorType(.f32, []), TensorType(.u8, [])]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first.elements(as: Float.self)
    var (least, greatest): (Float, Float) = (0, 0)
    for number in x {
      if number < least { least = number }
      if number > greatest { greatest = number }
    }
    let scale = least == greatest ? 1 : (greatest - least) / 255
    let quantize = Quantizer(.u8)
    let zero = quantize(-least / scale, zero: 0)
    let quantized = x.map { quantize($0 / scale, zero: Int32(zero)) }
    return [Tensor(results[0], integers: quantized), Tensor(scalar: scale), Tensor(results[2], integers: [zero])]
  }
}
