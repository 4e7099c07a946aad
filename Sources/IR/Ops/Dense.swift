/// activation(X * W + B) for rows X […, K] and a packed matrix W [K, N], with a bias B [N]. nnc's own operation, to
/// which `Gemm` and `MatMul` are lowered. The result is […, N], rounded once.
///
/// W is the 1-D tensor that `pack(_:panel:)` makes: [panel][K][lane].
public struct Dense: ActivatingOperation {
  public static let name = "Dense"
  public static let operands: Signature = ["X", "W", "B?"]

  /// N, the length of a row of the result.
  public var outputFeatures = 0
  /// How many columns of W make a panel.
  public var panel = 1
  /// What is applied to each sum.
  public var activation = Activation.none
  /// The parameters of the activation.
  public var alpha: Float = 0
  public var beta: Float = 0

  public init() {}

  /// Returns the matrix [K, N] in the order in which the operation takes it.
  public static func pack(_ weights: Tensor, panel: Int) -> Tensor {
    precondition(weights.shape.rank == 2 && panel > 0, "cannot pack \(weights.type)")
    let order = Panels.order(rows: weights.shape[0], columns: weights.shape[1], width: panel)
    return weights.gathering(order.map { $0 }, shape: [order.count])
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let element = try operands.commonElement()
    let x = operands.first.shape
    try activation.check(alpha: alpha, beta: beta)
    try require(x.rank >= 1, "X should have at least one axis, but is a scalar")
    try require(outputFeatures >= 1, "output_features is \(outputFeatures), but should be at least 1")
    try require(panel >= 1, "panel is \(panel), but should be at least 1")
    let depth = x[x.rank - 1]
    try operands.requireShape(
      1, "W", is: [Shape([depth, outputFeatures]).elementCount],
      because: "\(outputFeatures) columns of \(depth) weights are packed")
    try operands.requireShape(2, "B", is: [outputFeatures], because: "output_features is \(outputFeatures)")
    return [TensorType(element, Shape(x.dropLast() + [outputFeatures]))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first
    let order = Panels.order(rows: x.shape[x.shape.rank - 1], columns: outputFeatures, width: panel)
    let weights = Panels.unpack(operands.required(1).reals, order)
    var sums = matrixProduct(x.reals[...], weights[...], columns: outputFeatures)
    // A sum of no products is zero.
    if sums.isEmpty { sums = [Double](repeating: 0, count: results[0].elementCount) }
    let bias = operands[2]?.reals
    for index in sums.indices {
      let sum = sums[index] + (bias?[index % outputFeatures] ?? 0)
      sums[index] = activation(sum, alpha: Double(alpha), beta: Double(beta))
    }
    return [Tensor(results[0], reals: sums)]
  }
}
