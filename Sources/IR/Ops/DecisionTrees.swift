/// For each row of features, the votes of decision trees for each target, summed up. nnc's own: what the tree ensembles
/// of ONNX become.
///
/// A tree is a part of four tables, of which each node has one element, and starts at one of `roots`. A node with a
/// feature of the operand compares it with its value: where the feature is at most the value, the next node follows,
/// elsewhere the one that lies `skips` behind. A node whose feature is the greatest number of its type is a leaf, with
/// its value as vote for the target `skips`; one whose feature is one less is a vote too, and the next node is another
/// vote of the same leaf.
///
/// `modes` has an element for each node, or one for all. Bit 0: the features should be different from the value, rather
/// than at most as great. Bit 1: the next node follows where the feature is NaN, instead of the other one.
public struct DecisionTrees: Operation {
  public static let name = "DecisionTrees"
  public static let operands: Signature = ["X", "features", "skips", "values", "roots", "modes?"]

  /// Ways to join the votes for a target.
  public enum Aggregate: String, CaseIterable, Codable, Sendable {
    /// Their sum.
    case sum
    /// The least, or the greatest; an infinity where there is none.
    case min, max
  }

  /// How many targets there are.
  public var targets = 1
  /// How votes are joined.
  public var aggregate = Aggregate.sum

  public init() {}

  /// Creates an operation with the given attributes.
  public init(targets: Int, aggregate: Aggregate) { (self.targets, self.aggregate) = (targets, aggregate) }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let x = operands.first.type
    try require(x.element == .f32 || x.element == .f64, "is not defined for elements of type \(x.element)")
    try require(x.shape.rank == 2, "operand 'X' is \(x), but should have a row of features for each sample")
    try operands.requireSameElement(0, 3, Self.operands)
    try require(targets > 0, "attribute 'targets' is \(targets), but should be at least 1")
    try DecisionTables(operands).check(features: x.shape[1], targets: targets)
    return [TensorType(x.element, [x.shape[0], targets])]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let tables = try DecisionTables(operands.asKnown)
    let (x, features) = (operands.first.reals, operands.first.shape[1])
    let start = aggregate == .sum ? 0 : aggregate == .min ? Double.infinity : -Double.infinity
    var y = [Double](repeating: start, count: results[0].elementCount)
    for row in 0..<operands.first.shape[0] {
      tables.forEachVote(on: x[row * features..<(row + 1) * features]) { target, vote in
        let place = row * targets + target
        switch aggregate {
        case .sum: y[place] += vote
        case .min: y[place] = min(y[place], vote)
        case .max: y[place] = max(y[place], vote)
        }
      }
    }
    return [Tensor(results[0], reals: y)]
  }
}
