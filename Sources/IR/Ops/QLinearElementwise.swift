/// The sum of quantized tensors, quantized.
public struct QLinearAdd: CompositeOperation {
  public static let name = "com.microsoft.QLinearAdd"
  public static let operands = quantizedPair
  public init() {}
  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    [try body.combine(Add(), operands)]
  }
}

/// The product of quantized tensors, quantized.
public struct QLinearMul: CompositeOperation {
  public static let name = "com.microsoft.QLinearMul"
  public static let operands = quantizedPair
  public init() {}
  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    [try body.combine(Mul(), operands)]
  }
}

/// `1 / (1 + exp(-x))` of a quantized tensor, quantized.
public struct QLinearSigmoid: CompositeOperation {
  public static let name = "com.microsoft.QLinearSigmoid"
  public static let operands = quantizedOne
  public init() {}
  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    [try body.convert(operands) { try $1.add(Sigmoid(), $0) }]
  }
}

/// A quantized tensor, multiplied by `alpha` where it is negative, quantized.
public struct QLinearLeakyRelu: CompositeOperation {
  public static let name = "com.microsoft.QLinearLeakyRelu"
  public static let operands = quantizedOne
  /// The slope for negative operands.
  public var alpha: Float = 0.01
  public init() {}
  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    var op = LeakyRelu()
    op.alpha = alpha
    return [try body.convert(operands) { try $1.add(op, $0) }]
  }
}

/// The softmax of a quantized tensor, quantized.
public struct QLinearSoftmax: CompositeOperation {
  public static let name = "com.microsoft.QLinearSoftmax"
  public static let operands = quantizedOne
  /// The axis; it counts from the end where it is negative.
  public var axis = -1
  /// The version of ONNX whose Softmax is meant: before 13, all axes from `axis` on are one. There is no default.
  public var opset: Int?
  public init() {}

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    guard let opset else { throw Diagnostic("attribute 'opset' is missing") }
    let shape = body.shape(operands.first)
    let axis = try shape.existingAxis(axis)
    var op = Softmax()
    op.axis = opset < 13 ? -1 : axis
    return [
      try body.convert(operands) { x, body in
        guard opset < 13 else { return try body.add(op, x) }
        let rows = [shape.elementCount(of: 0..<axis), shape.elementCount(of: axis..<shape.rank)]
        return try body.reshape(body.add(op, body.reshape(x, rows)), shape.extents)
      }
    ]
  }
}

/// The mean over all spatial axes of a quantized tensor, quantized.
public struct QLinearGlobalAveragePool: CompositeOperation {
  public static let name = "com.microsoft.QLinearGlobalAveragePool"
  public static let operands = quantizedOne
  /// Whether the channels are the last axis, not the second.
  public var channelsLast = false
  public init() {}

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    let rank = body.shape(operands.first).rank
    try require(rank >= 3, "X has \(rank) axes, but should have spatial ones")
    let axes = try body.constant(Array(channelsLast ? 1..<rank - 1 : 2..<rank))
    return [try body.convert(operands) { try $1.add(ReduceMean(), $0, axes) }]
  }
}

/// Quantized tensors one after the other along an axis, quantized alike.
public struct QLinearConcat: CompositeOperation {
  public static let name = "com.microsoft.QLinearConcat"
  public static let operands: Signature = ["Y_scale", "Y_zero_point", "inputs..."]
  /// The axis; it counts from the end where it is negative. There is no default.
  public var axis: Int?
  public init() {}

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    guard let axis else { throw Diagnostic("attribute 'axis' is missing") }
    let values = operands.all
    try require(values.count % 3 == 2, "inputs should be tensors, each with a scale and a zero point")
    let element = body.type(values[1]).element
    let parts = try stride(from: 2, to: values.count, by: 3).map { index in
      if values[index + 1] == values[0] && values[index + 2] == values[1] { return values[index] }
      return try body.quantize(
        body.dequantize(values[index], values[index + 1], values[index + 2]), values[0], values[1], element)
    }
    return try body.addAll(Concat(axis: axis), parts)
  }
}

private let quantizedOne: Signature = ["X", "X_scale", "X_zero_point?", "Y_scale", "Y_zero_point?"]
private let quantizedPair: Signature = [
  "A", "A_scale", "A_zero_point?", "B", "B_scale", "B_zero_point?", "C_scale", "C_zero_point?",
]

extension Expansion {
  /// What `op` makes of two quantized tensors, quantized.
  fileprivate mutating func combine(_ op: some Operation, _ operands: Operands<Value>) throws -> Value {
    let a = try dequantize(operands.first, operands.required(1), operands[2])
    let b = try dequantize(operands.required(3), operands.required(4), operands[5])
    return try quantize(add(op, a, b), operands.required(6), operands[7], type(operands.first).element)
  }

  /// What `compute` makes of a quantized tensor, quantized.
  fileprivate mutating func convert(
    _ operands: Operands<Value>, _ compute: (Value, inout Expansion) throws -> Value
  ) throws -> Value {
    let x = try dequantize(operands.first, operands.required(1), operands[2])
    let result = try compute(x, &self)
    return try quantize(result, operands.required(3), operands[4], type(operands.first).element)
  }
}
