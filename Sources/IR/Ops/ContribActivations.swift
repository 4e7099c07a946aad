/// `Gelu` by the name that it had before ONNX had it.
public struct ContribGelu: CompositeOperation {
  public static let name = "com.microsoft.Gelu"
  public static let operands: Signature = ["X"]
  public init() {}
  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    [try body.add(Gelu(), operands.first)]
  }
}

/// `Gelu` of the sum of two tensors.
public struct BiasGelu: CompositeOperation {
  public static let name = "com.microsoft.BiasGelu"
  public static let operands: Signature = ["A", "B"]
  public init() {}
  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    [try body.add(Gelu(), body.add(Add(), operands.first, operands[1]))]
  }
}

/// `Gelu`, by the approximation with `tanh`, of X plus a bias.
public struct FastGelu: CompositeOperation {
  public static let name = "com.microsoft.FastGelu"
  public static let operands: Signature = ["X", "bias?"]
  public init() {}
  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    var gelu = Gelu()
    gelu.approximate = .tanh
    return [try body.add(gelu, body.sum(operands.first, operands[1]))]
  }
}

/// `x * sigmoid(alpha * x)`.
public struct QuickGelu: CompositeOperation {
  public static let name = "com.microsoft.QuickGelu"
  public static let operands: Signature = ["X"]
  /// The factor within the sigmoid.
  public var alpha: Float = 1.702
  public init() {}
  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    var swish = Swish()
    swish.alpha = alpha
    return [try body.add(swish, operands.first)]
  }
}
