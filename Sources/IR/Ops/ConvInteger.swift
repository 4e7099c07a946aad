/// The convolution of quantized numbers, x minus its zero point with filters w minus theirs, as sums of type i32, which
/// wrap. Shapes and attributes are those of `Conv`.
///
/// x and w have elements of type i8 or u8. There is one zero point of w for all or for each filter. Padding is the number
/// 0, which is the zero point of x.
public struct ConvInteger: Operation {
  public static let name = "ConvInteger"
  public static let operands: Signature = ["x", "w", "x_zero_point?", "w_zero_point?"]

  /// How padding is chosen.
  public var autoPad = AutoPad.notSet
  /// The distances between the taps of the kernel; 1 where empty.
  public var dilations: [Int] = []
  /// Into how many independent groups channels are divided.
  public var group = 1
  /// The spatial extents of w, from which they follow where this is empty.
  public var kernelShape: [Int] = []
  /// Padding before the data along each axis, then behind; 0 where empty.
  public var pads: [Int] = []
  /// The distances between windows; 1 where empty.
  public var strides: [Int] = []

  public init() {}

  /// The convolution of real numbers with the same attributes.
  public var convolution: Conv { Conv(autoPad, dilations, group, kernelShape, pads, strides) }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let (x, w) = (operands.first.shape, operands.required(1).shape)
    for (index, name) in ["x", "w"].enumerated() {
      let element = try operands.requireElement(index, name, oneOf: [.i8, .u8])
      try operands.requireZeroPoint(index + 2, "\(name)_zero_point", of: element)
    }
    let window = try convolution.window(x, w)
    try operands.requireSingle(2, "x_zero_point")
    try operands.requireSingle(3, "w_zero_point", orOneFor: w[0], "filters", axis: 1)
    return [TensorType(.i32, Shape([x[0], w[0]] + window.outputShape))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let sums = try convolution.integerSums(
      operands.first, operands.required(1), zeros: operands.zeroPoints(2), operands.zeroPoints(3))
    return [Tensor(sums, shape: results[0].shape)]
  }
}

/// The convolution of quantized numbers, itself quantized: the sums of `ConvInteger` plus a bias B [M] of type i32, times
/// x_scale · w_scale / y_scale, rounded to the nearest integer (of two the even one), plus the zero point of y, held
/// within its range.
///
/// x, w and y are of type i8 or u8. There is one scale and zero point of w for all or for each filter, and one of x and y
/// for all elements. The scales are multiplied and divided as f32 numbers, in this order, and so are the sums.
public struct QLinearConv: Operation {
  public static let name = "QLinearConv"
  public static let operands: Signature = [
    "x", "x_scale", "x_zero_point", "w", "w_scale", "w_zero_point", "y_scale", "y_zero_point", "B?",
  ]

  /// How padding is chosen.
  public var autoPad = AutoPad.notSet
  /// The distances between the taps of the kernel; 1 where empty.
  public var dilations: [Int] = []
  /// Into how many independent groups channels are divided.
  public var group = 1
  /// The spatial extents of w, from which they follow where this is empty.
  public var kernelShape: [Int] = []
  /// Padding before the data along each axis, then behind; 0 where empty.
  public var pads: [Int] = []
  /// The distances between windows; 1 where empty.
  public var strides: [Int] = []

  public init() {}

  /// The convolution of real numbers with the same attributes.
  public var convolution: Conv { Conv(autoPad, dilations, group, kernelShape, pads, strides) }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let (x, w) = (operands.first.shape, operands.required(3).shape)
    for (index, name) in [(0, "x"), (3, "w")] {
      let element = try operands.requireElement(index, name, oneOf: [.i8, .u8])
      try operands.requireZeroPoint(index + 2, "\(name)_zero_point", of: element)
    }
    let result = try operands.requireElement(7, "y_zero_point", oneOf: [.i8, .u8])
    for index in [1, 4, 6] { _ = try operands.requireElement(index, Self.operands.name(at: index), oneOf: [.f32]) }
    if operands[8] != nil { _ = try operands.requireElement(8, "B", oneOf: [.i32]) }
    let window = try convolution.window(x, w)
    for index in [1, 2, 6, 7] { try operands.requireSingle(index, Self.operands.name(at: index)) }
    for index in [4, 5] {
      try operands.requireSingle(index, Self.operands.name(at: index), orOneFor: w[0], "filters", axis: 1)
    }
    try operands.requireShape(8, "B", is: [w[0]], because: "w has \(w[0]) filters")
    return [TensorType(result, Shape([x[0], w[0]] + window.outputShape))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let sums = try convolution.integerSums(
      operands.first, operands.required(3), zeros: operands.zeroPoints(2), operands.zeroPoints(5))
    let scales = [1, 4, 6].map { operands.required($0).elements(as: Float.self) }
    let (zero, quantize) = (operands.zeroPoints(7)[0], Quantizer(results[0].element))
    let (filters, inner) = (results[0].shape[1], results[0].shape.elementCount(of: 2..<results[0].shape.rank))
    let bias = operands[8]?.elements(as: Int32.self)
    let quantized = sums.enumerated().map { index, sum in
      let filter = index / inner % filters
      let factor = scales[0][0] * scales[1].shared(filter) / scales[2][0]
      return quantize(Float(sum &+ (bias?[filter] ?? 0)) * factor, zero: zero)
    }
    return [Tensor(results[0], integers: quantized)]
  }
}

extension Conv {
  /// Creates the convolution of real numbers to which others of the same attributes refer.
  init(
    _ autoPad: AutoPad, _ dilations: [Int], _ group: Int, _ kernelShape: [Int], _ pads: [Int], _ strides: [Int]
  ) {
    (self.autoPad, self.dilations, self.group) = (autoPad, dilations, group)
    (self.kernelShape, self.pads, self.strides) = (kernelShape, pads, strides)
  }

  /// The sums of the convolution of `x` minus its zero point with `w` minus its zero points, one for all or for each
  /// filter. Sums of 8-bit products are exact in double precision, whatever their number.
  fileprivate func integerSums(_ x: Tensor, _ w: Tensor, zeros xZeros: [Int32], _ wZeros: [Int32]) throws -> [Int32] {
    let fanIn = Swift.max(1, w.shape.elementCount(of: 1..<w.shape.rank))
    let data = x.reals.map { $0 - Double(xZeros[0]) }
    let weights = w.reals.enumerated().map { $1 - Double(wZeros.shared($0 / fanIn)) }
    return try sums(data, x.shape, weights, w.shape).map { Int32(truncatingIfNeeded: Int64($0)) }
  }
}
