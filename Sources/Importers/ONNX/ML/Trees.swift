import IR

// The tree ensembles of ai.onnx.ml.
extension NodeDraft {
  /// TreeEnsembleRegressor: the joined votes for each target.
  mutating func treeRegressor(in graph: inout Graph) throws -> [Value?] {
    var forest = try takeForest(votes: "target", in: graph)
    forest.targets = try takeInt("n_targets") ?? 1
    let name = try takeString("aggregate_function") ?? "SUM"
    let aggregates: [String: DecisionTrees.Aggregate] = ["AVERAGE": .sum, "SUM": .sum, "MIN": .min, "MAX": .max]
    guard let aggregate = aggregates[name] else {
      throw fault("attribute 'aggregate_function' is '\(name)', but should be AVERAGE, SUM, MIN or MAX")
    }
    forest.aggregate = aggregate
    var scores = try votes(of: forest, isAverage: name == "AVERAGE", in: &graph)
    if let base = try takeBaseValues() {
      try check(
        base.count == forest.targets || base.count == 1,
        "attribute 'base_values' has \(base.count) numbers, but should have \(forest.targets)")
      scores = try addBase(base, to: scores, in: &graph)
    }
    scores = try cast(scores, to: .f32, in: &graph)
    return [try transformed(scores, try takePostTransform(), in: &graph)]
  }

  /// TreeEnsemble: the same, with other attributes.
  mutating func treeEnsemble(in graph: inout Graph) throws -> [Value?] {
    var forest = try takeIndexedForest(in: graph)
    forest.targets = try takeInt("n_targets") ?? 1
    let number = try takeInt("aggregate_function") ?? 1
    try check((0...3).contains(number), "attribute 'aggregate_function' is \(number), but should be 0, 1, 2 or 3")
    forest.aggregate = [.sum, .sum, .min, .max][number]
    let result = graph.type(of: try required(0)).element
    let scores = try votes(of: forest, isAverage: number == 0, in: &graph)
    let transform = try takeInt("post_transform") ?? 0
    let transforms: [PostTransform] = [.none, .softmax, .logistic, .softmaxZero, .probit]
    try check(
      transforms.indices.contains(transform), "attribute 'post_transform' is \(transform), but should be 0 to 4")
    return [try cast(try transformed(scores, transforms[transform], in: &graph), to: result, in: &graph)]
  }

  /// Adds the trees of a forest, which should have votes for each target.
  func votes(of forest: Forest, isAverage: Bool = false, in graph: inout Graph) throws -> Value {
    let x = try cast(try matrix(0, in: &graph), to: forest.element, in: &graph)
    var operands: [Value?] = [x]
    do {
      for table in try DecisionTableBuilder.tables(of: forest) { operands.append(try constant(table, in: &graph)) }
    } catch let error as Diagnostic { throw fault(error.message) }
    let trees = try add(DecisionTrees(targets: forest.targets, aggregate: forest.aggregate), operands, in: &graph)
    guard isAverage, !forest.roots.isEmpty else { return trees }
    return try add(Div(), [trees, try scalar(Double(forest.roots.count), forest.element, in: &graph)], in: &graph)
  }

  /// Adds a constant row to the scores of all samples.
  func addBase(_ base: [Double], to scores: Value, in graph: inout Graph) throws -> Value {
    if base.allSatisfy({ $0 == 0 }) { return scores }
    let row = Tensor(TensorType(graph.type(of: scores).element, [base.count]), reals: base)
    return try add(Add(), [scores, try constant(row, in: &graph)], in: &graph)
  }

  /// The attribute `base_values`, as numbers or as a tensor.
  mutating func takeBaseValues() throws(Diagnostic) -> [Double]? {
    let base = try takeReals("base_values")
    return base.isEmpty ? nil : base
  }
}
