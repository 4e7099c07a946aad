/// An operation on numbers of 8 bits, each of which stands for its distance from a zero point times a scale, whose results
/// are such numbers again. nnc's own.
public protocol QuantizedOperation: Operation {
  /// The number that stands for 0 among those of the first operand.
  var xZero: Int { get set }
  /// The number that stands for 0 among those of the result.
  var yZero: Int { get set }
  /// The least element of the result, which an activation may have raised.
  var low: Int { get set }
  /// The greatest element of the result.
  var high: Int { get set }
  /// The type of the elements of the result, i8 or u8.
  var outputDtype: ElementType { get set }
}

extension QuantizedOperation {
  /// Throws unless the attributes fit each other and the type of the first operand.
  func checkQuantization(_ x: ElementType) throws(Diagnostic) {
    func range(_ element: ElementType) -> ClosedRange<Int> { element == .u8 ? 0...255 : -128...127 }
    try require(x == .i8 || x == .u8, "X has elements of type \(x), but should have i8 or u8")
    try require(
      outputDtype == .i8 || outputDtype == .u8, "output_dtype is \(outputDtype), but should be i8 or u8")
    try require(range(x).contains(xZero), "x_zero is \(xZero), but X has elements of type \(x)")
    let result = range(outputDtype)
    for (name, number) in [("y_zero", yZero), ("low", low), ("high", high)] {
      try require(result.contains(number), "\(name) is \(number), but the result has elements of type \(outputDtype)")
    }
    try require(low <= high, "low is \(low), but should not be greater than high, which is \(high)")
  }

  /// The element for a number in units of the scale: the nearest integer, of two the even one, plus the zero point, held
  /// within the range.
  func quantized(_ number: Float) -> Int128 {
    let limited = min(max(number, Float(low - yZero)), Float(high - yZero))
    return Int128(Int(limited.rounded(.toNearestOrEven)) + yZero)
  }
}

/// A layer of products of quantized numbers with weights W of 8 bits, whose sums of 32 bits, which wrap, plus a bias B are
/// multiplied by a number: x_scale * w_scale / y_scale, one for all output channels or one for each.
///
/// The sum is rounded to f32, and so is its product with the multiplier; so all targets compute the same bits.
public protocol QuantizedLayer: QuantizedOperation {}

extension QuantizedLayer {
  /// Throws unless weights, bias and multiplier fit the `channels` output channels, each of `products` products.
  func checkLayer(_ operands: Operands<Operand>, channels: Int, weights: Shape, because reason: String) throws {
    try checkQuantization(operands.first.element)
    for (index, element) in [(1, ElementType.i8), (2, .i32), (3, .f32)] {
      _ = try operands.requireElement(index, Self.operands.name(at: index), oneOf: [element])
    }
    try operands.requireShape(1, "W", is: weights, because: reason)
    try operands.requireShape(2, "B", is: [channels], because: "there are \(channels) output channels")
    let multiplier = operands.required(3)
    try require(
      multiplier.shape == [1] || multiplier.shape == [channels],
      "multiplier has shape [\(multiplier.shape)], but should have [1], or [\(channels)] for the output channels")
    // Outside this range a product could be subnormal, which some processors take for 0, or infinite.
    let range = Float(sign: .plus, exponent: -90, significand: 1)...Float(sign: .plus, exponent: 90, significand: 1)
    for number in try multiplier.requireKnown("multiplier").elements(as: Float.self) where !range.contains(number) {
      throw Diagnostic("multiplier has the element \(number), but should have positive ones from 2^-90 to 2^90")
    }
  }

  /// The result for sums whose last axis is the output channels.
  func requantize(_ sums: [Double], _ operands: Operands<Tensor>, _ result: TensorType) -> Tensor {
    let (bias, multipliers) = (
      operands.required(2).elements(as: Int32.self), operands.required(3).elements(as: Float.self)
    )
    let elements = sums.enumerated().map { index, sum in
      let channel = index % bias.count
      let total = Int32(truncatingIfNeeded: Int64(sum)) &+ bias[channel]
      return quantized(Float(total) * multipliers.shared(channel))
    }
    return Tensor(result, integers: elements)
  }

  /// The elements of X as distances from its zero point.
  func distances(_ x: Tensor) -> [Double] { x.reals.map { $0 - Double(xZero) } }
}
