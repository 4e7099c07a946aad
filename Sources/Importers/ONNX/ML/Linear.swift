import IR

// The linear models of ai.onnx.ml.
extension NodeDraft {
  /// LinearRegressor: a score for each target.
  mutating func linearRegressor(in graph: inout Graph) throws -> [Value?] {
    let targets = try takeInt("targets") ?? 1
    let scores = try linearScores(rows: targets, in: &graph)
    return [try transformed(scores, try takePostTransform(), in: &graph)]
  }

  /// The product of the features with `rows` rows of coefficients, plus the intercepts.
  mutating func linearScores(rows: Int, in graph: inout Graph) throws -> Value {
    let x = try cast(try matrix(0, in: &graph), to: .f32, in: &graph)
    let features = graph.type(of: x).shape[1]
    let coefficients = try takeFloats("coefficients") ?? []
    let (count, overflow) = rows.multipliedReportingOverflow(by: features)
    try check(
      rows > 0 && !overflow && coefficients.count == count,
      "attribute 'coefficients' has \(coefficients.count) numbers, but should have \(rows) times \(features)")
    let weights = try constant(Tensor(coefficients.map { Float($0) }, shape: [rows, features]), in: &graph)
    var bias: Value?
    if let intercepts = try takeFloats("intercepts"), !intercepts.isEmpty {
      try check(
        intercepts.count == rows, "attribute 'intercepts' has \(intercepts.count) numbers, but should have \(rows)")
      bias = try constant(Tensor(intercepts.map { Float($0) }), in: &graph)
    }
    var op = Gemm()
    op.transB = true
    return try add(op, [x, weights, bias], in: &graph)
  }
}
