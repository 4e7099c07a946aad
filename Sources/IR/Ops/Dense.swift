/// activation(X * W + B + Z) for rows X […, K] and a packed matrix W [K, N], with a bias B [N] and data Z […, N]. nnc's own
/// operation, to which `Gemm` and `MatMul` are lowered. The result is […, N], rounded once.
///
/// W is the 1-D tensor that `pack(_:panel:)` makes: [panel][K][lane]. With exponents E [N] it is in fixed point.
public struct Dense: PanelledLayer {
  public static let name = "Dense"
  public static let operands: Signature = ["X", "W", "B?", "E?", "Z?"]

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
    return weights.gathering(order, shape: [order.count])
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try checkElements(operands)
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
    try checkFixedPoint(operands)
    let result = Shape(x.dropLast() + [outputFeatures])
    try checkAddend(operands, result)
    return [TensorType(operands.first.element, result)]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let sums = try biasedSums(operands)
    return [Tensor(results[0], reals: sums.map { activation($0, alpha: Double(alpha), beta: Double(beta)) })]
  }

  public func channelCount(_ x: Shape) -> Int { outputFeatures }

  public func productCount(_ x: Shape) -> Int { x[x.rank - 1] }

  public func imageCount(_ x: Shape) -> Int { x.elementCount(of: 0..<x.rank - 1) }

  public func weightChannels(_ x: Shape) -> [Int] { panelOrder(x).map { $0 % outputFeatures } }

  public func sums<Number: Numeric & BitwiseCopyable>(_ data: [Number], _ weights: [Number], _ x: Shape) throws
    -> [Number]
  {
    // A pixel for each row.
    let convolution = Convolution(
      window: Window(axes: [.single]), batch: imageCount(x), inputs: productCount(x), outputs: outputFeatures, group: 1)
    return convolution.sums(data, Panels.unpack(weights, panelOrder(x)))
  }

  public var groupChannelCount: Int { outputFeatures }

  public func panelOrder(_ x: Shape) -> [Int] {
    Panels.order(rows: productCount(x), columns: outputFeatures, width: panel)
  }
}
