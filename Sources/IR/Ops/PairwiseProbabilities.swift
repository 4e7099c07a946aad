/// For each row with the probability for each pair of classes that it is the first of both, the probability of each
/// class. nnc's own: a part of SVMClassifier of ONNX.
///
/// The pairs are (0, 1), (0, 2) and so on to the last. The probabilities are those that fit best to all pairs, found as
/// libsvm does: by the second method of Wu, Lin and Weng, Probability estimates for multi-class classification by
/// pairwise coupling, 2004.
public struct PairwiseProbabilities: Operation {
  public static let name = "PairwiseProbabilities"
  public static let operands: Signature = ["pairs"]
  /// How many classes there are.
  public var classes = 2
  public init() {}

  /// Creates an operation for a number of classes.
  public init(classes: Int) { self.classes = classes }

  /// How often probabilities are improved at most.
  public var maximumStepCount: Int { max(100, classes) }
  /// The error at which they are good enough.
  public var tolerance: Double { 0.005 / Double(classes) }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let element = try operands.commonElement()
    try require((2...4096).contains(classes), "attribute 'classes' is \(classes), but should be 2 to 4096")
    let (shape, pairs) = (operands.first.shape, classes * (classes - 1) / 2)
    try require(
      shape.rank == 2 && shape[1] == pairs,
      "operand 'pairs' is \(operands.first.type), but \(classes) classes need rows of \(pairs)")
    return [TensorType(element, [shape[0], classes])]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, count) = (operands.first.reals, operands.first.shape[1])
    let rows = (0..<results[0].shape[0]).flatMap { probabilities(x[$0 * count..<($0 + 1) * count]) }
    return [Tensor(results[0], reals: rows)]
  }

  private func probabilities(_ pairs: ArraySlice<Double>) -> [Double] {
    var r = [[Double]](repeating: [Double](repeating: 0, count: classes), count: classes)
    var pair = pairs.startIndex
    for i in 0..<classes {
      for j in i + 1..<max(classes, i + 1) {
        (r[i][j], r[j][i]) = (pairs[pair], 1 - pairs[pair])
        pair += 1
      }
    }
    let q = (0..<classes).map { t in
      (0..<classes).map { j in
        t == j ? r.reduce(0) { $0 + $1[t] * $1[t] } : -r[j][t] * r[t][j]
      }
    }
    var p = [Double](repeating: 1 / Double(classes), count: classes)
    for _ in 0..<maximumStepCount {
      var qp = q.map { zip($0, p).reduce(0) { $0 + $1.0 * $1.1 } }
      var pqp = zip(p, qp).reduce(0) { $0 + $1.0 * $1.1 }
      // Written so that it also ends with NaN.
      if !qp.contains(where: { abs($0 - pqp) >= tolerance }) { break }
      for t in 0..<classes {
        let step = (pqp - qp[t]) / q[t][t]
        p[t] += step
        pqp = (pqp + step * (step * q[t][t] + 2 * qp[t])) / (1 + step) / (1 + step)
        for j in 0..<classes {
          qp[j] = (qp[j] + step * q[t][j]) / (1 + step)
          p[j] /= 1 + step
        }
      }
    }
    return p
  }
}
