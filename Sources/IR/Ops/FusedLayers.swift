/// `alpha` times the matrix product of A and B, of which the last two axes may be swapped first.
public struct FusedMatMul: CompositeOperation {
  public static let name = "com.microsoft.FusedMatMul"
  public static let operands: Signature = ["A", "B"]
  /// The factor of the product.
  public var alpha: Float = 1
  /// Whether the last two axes of A are swapped.
  public var transA = false
  /// Whether the last two axes of B are swapped.
  public var transB = false

  public init() {}

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    let a = try transA ? swapped(operands.first, &body) : operands.first
    let b = try transB ? swapped(operands.required(1), &body) : operands.required(1)
    return [try body.scale(body.add(MatMul(), a, b), by: Double(alpha))]
  }

  private func swapped(_ value: Value, _ body: inout Expansion) throws -> Value {
    let rank = body.shape(value).rank
    // A vector has nothing to swap.
    return rank < 2 ? value : try body.transpose(value, Array(0..<rank - 2) + [rank - 1, rank - 2])
  }
}

/// A convolution plus Z, with an activation, as `Conv` computes it.
public struct FusedConv: CompositeOperation {
  public static let name = "com.microsoft.FusedConv"
  public static let operands: Signature = ["X", "W", "B?", "Z?"]
  /// What is applied to the result.
  public var activation = FusedActivation.none
  /// The numbers that the activation takes.
  public var activationParams: [Float] = []
  /// How padding is chosen.
  public var autoPad = AutoPad.notSet
  /// The distances between the taps of the kernel; 1 where empty.
  public var dilations: [Int] = []
  /// Into how many independent groups channels are divided.
  public var group = 1
  /// The spatial extents of W, from which they follow where this is empty.
  public var kernelShape: [Int] = []
  /// Padding before the data along each axis, then behind; 0 where empty.
  public var pads: [Int] = []
  /// The distances between windows; 1 where empty.
  public var strides: [Int] = []
  public init() {}

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    var conv = Conv()
    (conv.autoPad, conv.dilations, conv.group) = (autoPad, dilations, group)
    (conv.kernelShape, conv.pads, conv.strides) = (kernelShape, pads, strides)
    let result = try body.sum(body.add(conv, operands.first, operands[1], operands[2]), operands[3])
    return [try activation.apply(activationParams, to: result, in: &body)]
  }
}

/// `alpha * A * B + beta * C` with an activation, as `Gemm` computes it.
public struct FusedGemm: CompositeOperation {
  public static let name = "com.microsoft.FusedGemm"
  public static let operands: Signature = ["A", "B", "C?"]
  /// What is applied to the result.
  public var activation = FusedActivation.none
  /// The first number that the activation takes.
  public var activationAlpha: Float?
  /// The second number that the activation takes.
  public var activationBeta: Float?
  /// A third number, which no activation takes.
  public var activationGamma: Float?
  /// The factor of the product.
  public var alpha: Float = 1
  /// The factor of C.
  public var beta: Float = 1
  /// Whether A is transposed.
  public var transA = false
  /// Whether B is transposed.
  public var transB = false
  public init() {}

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    var gemm = Gemm()
    (gemm.alpha, gemm.beta, gemm.transA, gemm.transB) = (alpha, beta, transA, transB)
    let result = try body.add(gemm, operands.first, operands[1], operands[2])
    let numbers = [activationAlpha, activationBeta].compactMap { $0 }
    return [try activation.apply(numbers, to: result, in: &body)]
  }
}

/// An activation that a fused layer applies.
public enum FusedActivation: String, CaseIterable, Codable, Sendable {
  case none = ""
  case relu = "Relu"
  case sigmoid = "Sigmoid"
  case tanh = "Tanh"
  case leakyRelu = "LeakyRelu"
  case hardSigmoid = "HardSigmoid"
  case clip = "Clip"

  /// Adds the activation of `value`, with numbers of which the standard ones of ONNX may be left out.
  func apply(_ numbers: [Float], to value: Value, in body: inout Expansion) throws -> Value {
    switch self {
    case .none: return value
    case .relu: return try body.add(Relu(), value)
    case .sigmoid: return try body.add(Sigmoid(), value)
    case .tanh: return try body.add(Tanh(), value)
    case .leakyRelu:
      var op = LeakyRelu()
      op.alpha = numbers.first ?? op.alpha
      return try body.add(op, value)
    case .hardSigmoid:
      var op = HardSigmoid()
      op.alpha = numbers.first ?? op.alpha
      op.beta = numbers.dropFirst().first ?? op.beta
      return try body.add(op, value)
    case .clip:
      try require(numbers.count == 2, "the activation Clip takes a least and a greatest number, not \(numbers)")
      let bounds = try numbers.map { try body.constant(Double($0), body.type(value).element) }
      return try body.add(Clip(), value, bounds[0], bounds[1])
    }
  }
}
