import IR

/// What is done with the scores of a model of ai.onnx.ml at its end.
enum PostTransform: String, CaseIterable {
  case none = "NONE"
  case softmax = "SOFTMAX"
  case logistic = "LOGISTIC"
  /// As softmax, except that scores of 0 remain 0.
  case softmaxZero = "SOFTMAX_ZERO"
  /// The quantile of the normal distribution.
  case probit = "PROBIT"
}

extension NodeDraft {
  /// The attribute `post_transform`.
  mutating func takePostTransform() throws(Diagnostic) -> PostTransform {
    guard let name = try takeString("post_transform") else { return .none }
    guard let transform = PostTransform(rawValue: name) else {
      let known = PostTransform.allCases.map(\.rawValue).joined(separator: ", ")
      throw fault("attribute 'post_transform' is '\(name)', but should be one of \(known)")
    }
    return transform
  }

  /// The scores, a row for each sample, after the transformation.
  ///
  /// As in onnxruntime a single score stays as it is, except for PROBIT.
  func transformed(_ scores: Value, _ transform: PostTransform, in graph: inout Graph) throws -> Value {
    let isSingle = graph.type(of: scores).shape[1] == 1
    switch transform {
    case .none: return scores
    case .probit: return try probit(scores, in: &graph)
    case _ where isSingle: return scores
    case .softmax: return try add(Softmax(), [scores], in: &graph)
    case .logistic: return try add(Sigmoid(), [scores], in: &graph)
    case .softmaxZero: return try softmaxZero(scores, in: &graph)
    }
  }

  /// The softmax in which scores of 0 count as nothing: exp(x - max) where x is not 0, x * exp(-max) where it is.
  private func softmaxZero(_ x: Value, in graph: inout Graph) throws -> Value {
    let axis = try constant(Tensor([Int64(-1)]), in: &graph)
    let greatest = try add(ReduceMax(), [x, axis], in: &graph)
    let power = try add(Exp(), [try add(Sub(), [x, greatest], in: &graph)], in: &graph)
    let shrunk = try add(
      Mul(), [x, try add(Exp(), [try add(Neg(), [greatest], in: &graph)], in: &graph)], in: &graph)
    let size = try add(Abs(), [x], in: &graph)
    let isLarge = try add(Greater(), [size, try scalar(1e-7, .f32, in: &graph)], in: &graph)
    let parts = try add(Where(), [isLarge, power, shrunk], in: &graph)
    return try add(Div(), [parts, try add(ReduceSum(), [parts, axis], in: &graph)], in: &graph)
  }

  /// sqrt(2) times the inverse of the error function at 2 x - 1, by the approximation of Winitzki that ONNX uses:
  /// sign(u) * sqrt(sqrt(v^2 - w / 0.147) - v) with w = log(1 - u^2) and v = 2 / (pi * 0.147) + w / 2.
  private func probit(_ x: Value, in graph: inout Graph) throws -> Value {
    func number(_ value: Double, _ graph: inout Graph) throws -> Value { try scalar(value, .f32, in: &graph) }
    let one = try number(1, &graph)
    let double = try add(Mul(), [x, try number(2, &graph)], in: &graph)
    let u = try add(Sub(), [double, one], in: &graph)
    let product = try add(
      Mul(), [try add(Sub(), [one, u], in: &graph), try add(Add(), [one, u], in: &graph)], in: &graph)
    let w = try add(Log(), [product], in: &graph)
    let half = try add(Mul(), [w, try number(0.5, &graph)], in: &graph)
    let v = try add(Add(), [half, try number(2 / (Double.pi * 0.147), &graph)], in: &graph)
    let scaled = try add(Mul(), [w, try number(1 / 0.147, &graph)], in: &graph)
    let square = try add(Sub(), [try add(Mul(), [v, v], in: &graph), scaled], in: &graph)
    let root = try add(Sub(), [try add(Sqrt(), [square], in: &graph), v], in: &graph)
    let size = try add(Mul(), [try add(Sqrt(), [root], in: &graph), try number(1.41421356, &graph)], in: &graph)
    return try add(Mul(), [try add(Sign(), [u], in: &graph), size], in: &graph)
  }
}
