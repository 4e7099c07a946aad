/// A feed-forward block of which each row of X uses some parts only, its experts: B + Σ over experts e of
/// (activation(X * W1[e] + B1[e]) · (X * W3[e] + B3[e])) * W2[e], without the factor in the middle where there is no
/// W3. nnc's own operation.
///
/// X is […, K]. The first `shared` experts serve all rows. Of the others each row uses the `active` ones with the
/// greatest scores S […, experts - shared], the first of those with equal scores; S is left out where there are no
/// others. W1, W3 and W2 are the 1-D tensors that `pack` makes of [experts, K, size], the same, and [experts, size, N];
/// B1 and B3 are [experts, size] and B [N]. The result is […, N], rounded once.
///
/// Zhang et al., "MoEfication: Transformer Feed-forward Layers are Mixtures of Experts" (2022), section 3; shared
/// experts as in Pei et al., "CMoE" (2025).
public struct MixtureOfExperts: ActivatingOperation {
  public static let name = "MixtureOfExperts"
  public static let operands: Signature = ["X", "S?", "W1", "B1?", "W3?", "B3?", "W2", "B?"]

  /// How many experts there are, with the shared ones.
  public var experts = 1
  /// How many of them serve all rows.
  public var shared = 0
  /// How many of the others a row uses.
  public var active = 0
  /// How many neurons an expert has.
  public var size = 1
  /// N, the length of a row of the result.
  public var outputFeatures = 1
  /// How many columns of a matrix make a panel.
  public var panel = 1
  /// How many rows with the same expert are computed at once.
  public var band = 1
  /// What is applied to the products with W1.
  public var activation = Activation.none
  /// The parameters of the activation.
  public var alpha: Float = 0
  public var beta: Float = 0

  public init() {}

  /// How many experts a row chooses from.
  public var routed: Int { experts - shared }

  /// Returns matrices [experts, rows, columns] in the order in which the operation takes them.
  public static func pack(_ weights: Tensor, panel: Int) -> Tensor {
    precondition(weights.shape.rank == 3 && panel > 0, "cannot pack \(weights.type)")
    let (count, rows, columns) = (weights.shape[0], weights.shape[1], weights.shape[2])
    let order = Panels.order(count: count, rows: rows, columns: columns, width: panel)
    return weights.gathering(order, shape: [order.count])
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let x = operands.first.shape
    try activation.check(alpha: alpha, beta: beta)
    try require(x.rank >= 1, "X should have at least one axis, but is a scalar")
    for (value, name) in [(experts, "experts"), (size, "size"), (outputFeatures, "output_features"), (panel, "panel")] {
      try require(value >= 1, "\(name) is \(value), but should be at least 1")
    }
    try require(band >= 1, "band is \(band), but should be at least 1")
    try require((0...experts).contains(shared), "shared is \(shared), but should be 0 to \(experts), the experts")
    try require(
      (0...routed).contains(active), "active is \(active), but should be 0 to \(routed), the experts not shared")
    try require(
      (operands[1] != nil) == (active > 0), "there should be scores S where experts are chosen, and only there")
    try operands.requireElements(.f32, Self.operands)
    try checkShapes(operands, x)
    return [TensorType(.f32, Shape(x.dropLast() + [outputFeatures]))]
  }

  private func checkShapes(_ operands: Operands<Operand>, _ x: Shape) throws {
    let count = "there are \(experts) experts of \(size) neurons"
    try operands.requireShape(1, "S", is: Shape(x.dropLast() + [routed]), because: "\(routed) experts are not shared")
    let inner = x.last! * size
    for (index, name, elements) in [(2, "W1", inner), (4, "W3", inner), (6, "W2", size * outputFeatures)] {
      try operands.requireShape(index, name, is: [Shape([experts, elements]).elementCount], because: count)
    }
    for (index, name) in [(3, "B1"), (5, "B3")] {
      try operands.requireShape(index, name, is: [experts, size], because: count)
    }
    try require(operands[5] == nil || operands[4] != nil, "there is B3, but no W3 to which it belongs")
    try operands.requireShape(7, "B", is: [outputFeatures], because: "output_features is \(outputFeatures)")
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, scores, depth) = (operands.first.reals, operands[1]?.reals, operands.first.shape.last!)
    let first = Projection(operands, 2, self, rows: depth, columns: size)!
    let third = Projection(operands, 4, self, rows: depth, columns: size)
    let second = Projection(operands, 6, self, rows: size, columns: outputFeatures, bias: nil)!
    let bias = operands[7]?.reals ?? [Double](repeating: 0, count: outputFeatures)
    var result: [Double] = []
    for row in 0..<operands.first.shape.dropLast().reduce(1, *) {
      let data = Array(x[row * depth..<(row + 1) * depth])
      var sums = bias
      let own = scores.map { Self.best(active, of: Array($0[row * routed..<(row + 1) * routed])) } ?? []
      for expert in Array(0..<shared) + own.map({ $0 + shared }) {
        var hidden = first(data, expert).map { activation($0, alpha: Double(alpha), beta: Double(beta)) }
        if let third { hidden = zip(hidden, third(data, expert)).map { $0 * $1 } }
        for (column, product) in second(hidden, expert).enumerated() { sums[column] += product }
      }
      result += sums
    }
    return [Tensor(results[0], reals: result)]
  }

  /// The experts that a row with some scores chooses, in order: those than which fewer than `active` have a greater
  /// score, or the same and come before. So a row with a NaN among its scores may choose more.
  public static func best(_ active: Int, of scores: [Double]) -> [Int] {
    scores.indices.filter { expert in
      let before = scores[..<expert].count { $0 >= scores[expert] }
      return before + scores[(expert + 1)...].count { $0 > scores[expert] } < active
    }
  }
}

/// The matrices of all experts that one operand is, with what is added to their products.
private struct Projection {
  private let weights: [Double], bias: [Double]?
  private let rows: Int, columns: Int

  init?(
    _ operands: Operands<Tensor>, _ index: Int, _ op: MixtureOfExperts, rows: Int, columns: Int, bias: Int? = 1
  ) {
    guard let packed = operands[index] else { return nil }
    (self.rows, self.columns) = (rows, columns)
    weights = Panels.unpack(
      packed.reals, Panels.order(count: op.experts, rows: rows, columns: columns, width: op.panel))
    self.bias = bias.flatMap { operands[index + $0]?.reals }
  }

  /// The product of a row with the matrix of an expert.
  func callAsFunction(_ row: [Double], _ expert: Int) -> [Double] {
    let zeros = [Double](repeating: 0, count: columns)
    var sums = bias.map { Array($0[expert * columns..<(expert + 1) * columns]) } ?? zeros
    for (index, value) in row.enumerated() {
      let start = (expert * rows + index) * columns
      for column in 0..<columns { sums[column] += value * weights[start + column] }
    }
    return sums
  }
}
