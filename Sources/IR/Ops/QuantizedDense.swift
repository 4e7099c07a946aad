/// The product of rows of quantized numbers X […, K] with a packed matrix W [K, N], quantized again: sums of X minus its
/// zero point times W, plus a bias B [N], times `multiplier`. nnc's own operation, to which `QLinearMatMul` and the like
/// are lowered. The result is […, N].
///
/// W is the 1-D tensor that `pack(_:)` makes: [panel][block][lane][input].
public struct QuantizedDense: QuantizedLayer {
  public static let name = "QuantizedDense"
  public static let operands: Signature = ["X", "W", "B", "multiplier"]

  /// N, the length of a row of the result.
  public var outputFeatures = 0
  public var xZero = 0
  public var yZero = 0
  public var low = -128
  public var high = 127
  public var outputDtype = ElementType.i8

  public init() {}

  /// Returns the matrix [K, N] in the order in which the operation takes it.
  public static func pack(_ weights: Tensor) -> Tensor {
    precondition(weights.shape.rank == 2, "cannot pack \(weights.type)")
    let order = Panels.dotOrder(rows: weights.shape[0], columns: weights.shape[1])
    return weights.gathering(order, shape: [order.count])
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let x = operands.first.shape
    try require(x.rank >= 1, "X should have at least one axis, but is a scalar")
    try require(outputFeatures >= 1, "output_features is \(outputFeatures), but should be at least 1")
    let depth = x[x.rank - 1]
    try checkLayer(
      operands, channels: outputFeatures, weights: [Shape([depth, outputFeatures]).elementCount],
      because: "\(outputFeatures) columns of \(depth) weights are packed")
    return [TensorType(outputDtype, Shape(x.dropLast() + [outputFeatures]))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first
    let order = Panels.dotOrder(rows: x.shape[x.shape.rank - 1], columns: outputFeatures)
    let weights = Panels.unpack(operands.required(1).reals, order)
    var sums = matrixProduct(distances(x)[...], weights[...], columns: outputFeatures)
    // A sum of no products is zero.
    if sums.isEmpty { sums = [Double](repeating: 0, count: results[0].elementCount) }
    return [requantize(sums, operands, results[0])]
  }
}
