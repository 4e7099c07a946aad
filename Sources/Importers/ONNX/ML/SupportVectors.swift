import IR

/// The kernel of a support vector machine: how alike two rows of features are.
private struct VectorKernel {
  enum Kind: String {
    case linear = "LINEAR"
    case polynomial = "POLY"
    case radial = "RBF"
    case sigmoid = "SIGMOID"
  }

  var kind: Kind
  var gamma: Double, offset: Double, degree: Double
}

// The support vector machines of ai.onnx.ml.
extension NodeDraft {
  /// SVMRegressor: the sum of the coefficients of the support vectors, each times its likeness; or only its sign.
  mutating func supportRegressor(in graph: inout Graph) throws -> [Value?] {
    // As in onnxruntime it has no effect.
    _ = try takePostTransform()
    let count = try takeInt("n_supports") ?? 0
    let isOneClass = try takeInt("one_class") ?? 0 != 0
    let coefficients = try takeFloats("coefficients") ?? []
    let bias = try takeFloats("rho") ?? []
    try check(bias.count == 1, "attribute 'rho' has \(bias.count) numbers, but should have 1")
    let score: Value
    if count > 0 {
      try check(
        coefficients.count == count,
        "attribute 'coefficients' has \(coefficients.count) numbers, but should have \(count)")
      score = try decisions([coefficients], bias, in: &graph)
    } else {
      _ = try takeKernel()
      take("support_vectors")
      score = try linear([coefficients], bias, in: &graph)
    }
    guard isOneClass else { return [score] }
    let isInside = try add(Greater(), [score, try scalar(0, .f32, in: &graph)], in: &graph)
    let signs = [isInside, try scalar(1, .f32, in: &graph), try scalar(-1, .f32, in: &graph)]
    return [try add(Where(), signs, in: &graph)]
  }

  /// SVMClassifier: the label of the class that wins against most others, and a score for each pair of classes, or the
  /// probability of each class.
  mutating func supportClassifier(in graph: inout Graph) throws -> [Value?] {
    let classes = try takeClasses("classlabels_ints")
    let transform = try takePostTransform()
    let counts = try takeInts("vectors_per_class") ?? []
    let coefficients = try takeFloats("coefficients") ?? []
    let bias = try takeFloats("rho") ?? []
    let (slopes, offsets) = (try takeFloats("prob_a") ?? [], try takeFloats("prob_b") ?? [])
    if counts.allSatisfy({ $0 == 0 }) {
      return try linearMachine(coefficients, bias, classes, transform, in: &graph)
    }
    let rows = try pairRows(coefficients, counts, classes.count)
    try check(bias.count == rows.count, "attribute 'rho' has \(bias.count) numbers, but should have \(rows.count)")
    let scores = try decisions(rows, bias, in: &graph)
    let label = try labels(try winners(scores, classes.count, in: &graph), classes, in: &graph)
    if slopes.isEmpty {
      if classes.count > 2 { return [label, try transformed(scores, transform, in: &graph)] }
      let kind: SingleScore = transform == .none ? .margin : .probability
      return [label, try bothScores(scores, kind, classes, transform, in: &graph)]
    }
    try check(
      slopes.count == rows.count && offsets.count == rows.count,
      "attributes 'prob_a' and 'prob_b' have \(slopes.count) and \(offsets.count) numbers, but should have "
        + "\(rows.count)")
    // 1 / (1 + exp(slope * score + offset)), but neither 0 nor 1.
    let scaled = try add(Mul(), [scores, try row(slopes.map { -$0 }, in: &graph)], in: &graph)
    let logits = try add(Sub(), [scaled, try row(offsets, in: &graph)], in: &graph)
    let bounds = [try scalar(1e-7, .f32, in: &graph), try scalar(1 - 1e-7, .f32, in: &graph)]
    let pairs = try add(Clip(), [try add(Sigmoid(), [logits], in: &graph)] + bounds, in: &graph)
    let probabilities = try add(PairwiseProbabilities(classes: classes.count), [pairs], in: &graph)
    return [label, try transformed(probabilities, transform, in: &graph)]
  }

  /// The classifier without support vectors, which has a row of coefficients for each class.
  private mutating func linearMachine(
    _ coefficients: [Double], _ bias: [Double], _ classes: ClassList, _ transform: PostTransform,
    in graph: inout Graph
  ) throws -> [Value?] {
    _ = try takeKernel()
    take("support_vectors")
    let features = coefficients.count / classes.count
    try check(
      bias.count == 1 && features * classes.count == coefficients.count,
      "attributes 'coefficients' and 'rho' have \(coefficients.count) and \(bias.count) numbers, but should have a row "
        + "for each of \(classes.count) classes, and 1")
    let rows = (0..<classes.count).map { Array(coefficients[$0 * features..<($0 + 1) * features]) }
    let scores = try linear(rows, rows.map { _ in bias[0] }, in: &graph)
    return try topClass(scores, classes, transform, in: &graph)
  }

  /// For each pair of classes, the coefficients of all support vectors in the choice between both.
  private func pairRows(_ coefficients: [Double], _ counts: [Int], _ classes: Int) throws(Diagnostic) -> [[Double]] {
    try check(
      classes > 1 && counts.count == classes && counts.allSatisfy { $0 >= 0 && $0 <= 1 << 24 },
      "attribute 'vectors_per_class' is \(counts), but should have a number for each of \(classes) classes")
    let vectors = counts.reduce(0, +)
    try check(
      coefficients.count == vectors * (classes - 1),
      "attribute 'coefficients' has \(coefficients.count) numbers, but should have \(classes - 1) for each of "
        + "\(vectors) vectors")
    let starts = counts.indices.map { counts[..<$0].reduce(0, +) }
    var rows: [[Double]] = []
    for i in 0..<classes {
      for j in i + 1..<max(classes, i + 1) {
        var row = [Double](repeating: 0, count: vectors)
        for vector in starts[i]..<starts[i] + counts[i] { row[vector] = coefficients[(j - 1) * vectors + vector] }
        for vector in starts[j]..<starts[j] + counts[j] { row[vector] = coefficients[i * vectors + vector] }
        rows.append(row)
      }
    }
    return rows
  }

  /// The class that wins most pairs, the first of equals. A positive score is for the first class of its pair.
  private func winners(_ scores: Value, _ classes: Int, in graph: inout Graph) throws -> Value {
    let isFirst = try add(Greater(), [scores, try scalar(0, .f32, in: &graph)], in: &graph)
    let firstWins = try cast(isFirst, to: .f32, in: &graph)
    let pairs = (0..<classes).flatMap { i in (i + 1..<max(classes, i + 1)).map { (i, $0) } }
    let gains = (0..<classes).flatMap { c in pairs.map { i, j in Float(c == i ? 1 : c == j ? -1 : 0) } }
    let losses = (0..<classes).map { c in Float(pairs.count { $0.1 == c }) }
    var op = Gemm()
    op.transB = true
    let table = try constant(Tensor(gains, shape: [classes, pairs.count]), in: &graph)
    let votes = try add(op, [firstWins, table, try constant(Tensor(losses), in: &graph)], in: &graph)
    var best = ArgMax()
    best.axis = 1
    best.keepdims = false
    return try add(best, [votes], in: &graph)
  }

  private func row(_ numbers: [Double], in graph: inout Graph) throws -> Value {
    try constant(Tensor(numbers.map { Float($0) }), in: &graph)
  }

  private mutating func takeKernel() throws(Diagnostic) -> VectorKernel {
    let name = try takeString("kernel_type") ?? "LINEAR"
    guard let kind = VectorKernel.Kind(rawValue: name) else {
      throw fault("attribute 'kernel_type' is '\(name)', but should be LINEAR, POLY, RBF or SIGMOID")
    }
    let numbers = try takeFloats("kernel_params") ?? []
    try check(numbers.isEmpty || numbers.count == 3, "attribute 'kernel_params' should have 3 numbers")
    let given = numbers.isEmpty ? [0, 0, 0] : numbers
    return VectorKernel(kind: kind, gamma: given[0], offset: given[1], degree: given[2])
  }

  /// For each row of coefficients of the support vectors, the sum of them times the likeness of their vectors, and a
  /// bias.
  private mutating func decisions(_ rows: [[Double]], _ bias: [Double], in graph: inout Graph) throws -> Value {
    let kernel = try takeKernel()
    let numbers = try takeFloats("support_vectors") ?? []
    let x = try cast(try matrix(0, in: &graph), to: .f32, in: &graph)
    let (features, count) = (graph.type(of: x).shape[1], rows[0].count)
    try check(
      count.multipliedReportingOverflow(by: features) == (numbers.count, false),
      "attribute 'support_vectors' has \(numbers.count) numbers, but should have \(count) rows of \(features)")
    if kernel.kind == .linear {
      // A sum of products with vectors is the product with their sum.
      let sums = rows.map { row in
        (0..<features).map { feature in
          row.indices.reduce(0) { $0 + row[$1] * numbers[$1 * features + feature] }
        }
      }
      return try linear(sums, bias, in: &graph)
    }
    let vectors = try constant(Tensor(numbers.map { Float($0) }, shape: [count, features]), in: &graph)
    let likeness = try likeness(x, vectors, kernel, in: &graph)
    return try product(likeness, rows, bias, in: &graph)
  }

  private func likeness(
    _ x: Value, _ vectors: Value, _ kernel: VectorKernel, in graph: inout Graph
  ) throws -> Value {
    if kernel.kind == .radial {
      let distances = try add(SquaredDistances(), [x, vectors], in: &graph)
      return try add(
        Exp(), [try add(Mul(), [distances, try scalar(-kernel.gamma, .f32, in: &graph)], in: &graph)], in: &graph)
    }
    var op = Gemm()
    op.transB = true
    op.alpha = Float(kernel.gamma)
    let products = try add(op, [x, vectors, try row([kernel.offset], in: &graph)], in: &graph)
    if kernel.kind == .sigmoid { return try add(Tanh(), [products], in: &graph) }
    return try add(Pow(), [products, try scalar(kernel.degree, .f32, in: &graph)], in: &graph)
  }

  /// The features times each row of weights, and a bias.
  private func linear(_ rows: [[Double]], _ bias: [Double], in graph: inout Graph) throws -> Value {
    let x = try cast(try matrix(0, in: &graph), to: .f32, in: &graph)
    let features = graph.type(of: x).shape[1]
    try check(
      rows[0].count == features, "there are \(rows[0].count) coefficients for operand X of type \(graph.type(of: x))")
    return try product(x, rows, bias, in: &graph)
  }

  private func product(_ x: Value, _ rows: [[Double]], _ bias: [Double], in graph: inout Graph) throws -> Value {
    var op = Gemm()
    op.transB = true
    let weights = Tensor(rows.flatMap { $0.map { Float($0) } }, shape: [rows.count, rows[0].count])
    return try add(op, [x, try constant(weights, in: &graph), try row(bias, in: &graph)], in: &graph)
  }
}
