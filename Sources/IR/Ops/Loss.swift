/// What becomes of the losses of all samples.
public enum LossReduction: String, CaseIterable, Codable, Sendable {
  /// They are the result.
  case none
  /// The result is their sum, or their mean, in which each counts as much as the weight of its class.
  case sum, mean
}

/// The negative of the log-probability that each sample has for its class.
///
/// The losses are multiplied by the weights of the classes. A sample of the class `ignore_index` has the loss 0, and
/// does not count for the mean. A class out of range is an error.
public struct NegativeLogLikelihoodLoss: CompositeOperation {
  public static let name = "NegativeLogLikelihoodLoss"
  public static let operands: Signature = ["input", "target", "weight?"]
  /// The class of samples that do not count; it may be out of range.
  public var ignoreIndex: Int?
  /// What becomes of the losses of all samples.
  public var reduction = LossReduction.mean
  public init() {}

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    try check(body.operands(operands))
    let (input, element) = (operands.first, body.type(operands.first).element)
    var target = operands.required(1)
    var ignored: Value?
    if let ignoreIndex {
      let index = try body.constant(Double(ignoreIndex), body.type(target).element)
      ignored = try body.add(Equal(), target, index)
      // A class that exists, so that what is picked for it is inside the operand.
      target = try body.add(Where(), ignored, body.constant(0, body.type(target).element), target)
    }
    func counted(_ values: Value) throws -> Value {
      guard let ignored else { return values }
      return try body.add(Where(), ignored, body.constant(0, element), values)
    }
    var pick = GatherElements()
    pick.axis = 1
    let axis = try body.constant([1])
    let picked = try body.add(pick, input, body.add(Unsqueeze(), target, axis))
    var losses = try body.add(Neg(), body.add(Squeeze(), picked, axis))
    var weights: Value?
    if let weight = operands[2] {
      let gathered = try body.add(Gather(), weight, target)
      losses = try body.add(Mul(), losses, gathered)
      weights = try counted(gathered)
    } else if ignored != nil, reduction == .mean {
      weights = try counted(body.constant(1, element))
    }
    return [try reduced(try counted(losses), weights, in: &body)]
  }

  private func reduced(_ losses: Value, _ weights: Value?, in body: inout Expansion) throws -> Value {
    var sum = ReduceSum()
    sum.keepdims = false
    switch (reduction, weights) {
    case (.none, _): return losses
    case (.sum, _): return try body.add(sum, losses)
    case (.mean, let weights?): return try body.add(Div(), body.add(sum, losses), body.add(sum, weights))
    case (.mean, nil):
      var mean = ReduceMean()
      mean.keepdims = false
      return try body.add(mean, losses)
    }
  }

  private func check(_ operands: Operands<Operand>) throws {
    let (input, target) = (operands.first, operands.required(1))
    try require(input.element.isFloat, "is not defined for elements of type \(input.element)")
    try operands.requireIndices(1, "target")
    try require(input.shape.rank >= 2, "operand 'input' is \(input.type), but should have axes for samples and classes")
    try require(
      target.shape == Shape(input.shape.extents[..<1] + input.shape.extents[2...]),
      "operand 'target' is \(target.type), but should have the shape of 'input' \(input.type) without its axis 1")
    try operands.requireSameElement(0, 2, Self.operands)
    try operands.requireShape(2, "operand 'weight'", is: [input.shape[1]], because: "there is one for each class")
    guard let ignoreIndex else { return }
    try require(
      target.element.integerRange.contains(Int128(ignoreIndex)),
      "attribute 'ignore_index' is \(ignoreIndex), which is no number of type \(target.element)")
  }
}

/// The negative log-likelihood of each sample by the softmax of its scores, and the logarithms of the softmax.
///
/// It is `NegativeLogLikelihoodLoss` of `LogSoftmax` over the axis of classes, which is axis 1.
public struct SoftmaxCrossEntropyLoss: CompositeOperation {
  public static let name = "SoftmaxCrossEntropyLoss"
  public static let operands: Signature = ["scores", "labels", "weights?"]
  /// The class of samples that do not count; it may be out of range.
  public var ignoreIndex: Int?
  /// What becomes of the losses of all samples.
  public var reduction = LossReduction.mean
  public init() {}

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    var softmax = LogSoftmax()
    softmax.axis = 1
    let logarithms = try body.add(softmax, operands.first)
    var loss = NegativeLogLikelihoodLoss()
    loss.ignoreIndex = ignoreIndex
    loss.reduction = reduction
    return [try body.add(loss, logarithms, operands.required(1), operands[2]), logarithms]
  }
}
