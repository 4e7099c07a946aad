/// An operation that reduces all spatial axes of X [N, C, D1, …] to extent 1.
public protocol GlobalPoolingOperation: Operation {
  /// Returns what the elements of a channel of a sample are reduced to.
  func reduce(_ elements: ArraySlice<Double>) -> Double
}

extension GlobalPoolingOperation {
  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let x = operands.first.shape
    try require(x.rank >= 2, "X should have a batch axis and channels, but has shape [\(x)]")
    try require(!x[2...].contains(0), "X has shape [\(x)], so that there is nothing to reduce")
    return [TensorType(try operands.commonElement(), Shape(x[..<2] + x[2...].map { _ in 1 }))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first
    let (data, extent) = (x.reals, x.shape.elementCount(of: 2..<x.shape.rank))
    return [
      Tensor(results[0], reals: stride(from: 0, to: data.count, by: extent).map { reduce(data[$0..<$0 + extent]) })
    ]
  }
}

/// The mean of each channel of each sample.
public struct GlobalAveragePool: GlobalPoolingOperation {
  public static let name = "GlobalAveragePool"
  public static let operands: Signature = ["X"]
  public init() {}
  public func reduce(_ elements: ArraySlice<Double>) -> Double { elements.reduce(0, +) / Double(elements.count) }
}

/// The largest element of each channel of each sample.
public struct GlobalMaxPool: GlobalPoolingOperation {
  public static let name = "GlobalMaxPool"
  public static let operands: Signature = ["X"]
  public init() {}
  public func reduce(_ elements: ArraySlice<Double>) -> Double {
    elements.dropFirst().reduce(elements.first!) { $1 > $0 ? $1 : $0 }
  }
}

/// The p-norm of each channel of each sample.
public struct GlobalLpPool: GlobalPoolingOperation {
  public static let name = "GlobalLpPool"
  public static let operands: Signature = ["X"]

  /// The power, at least 1.
  public var p = 2

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try require(p >= 1, "p is \(p), but should be at least 1")
    return try GlobalAveragePool().resultTypes(operands)
  }

  public func reduce(_ elements: ArraySlice<Double>) -> Double { norm(elements, p) }
}
