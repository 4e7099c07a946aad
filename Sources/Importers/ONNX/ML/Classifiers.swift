import IR

/// The classes among which a classifier chooses.
enum ClassList {
  case numbers([Int])
  case names([String])

  /// How many classes there are.
  var count: Int {
    switch self {
    case .numbers(let numbers): numbers.count
    case .names(let names): names.count
    }
  }
}

// What the classifiers of ai.onnx.ml have in common. Where ONNX leaves open how the score of one class becomes scores
// of two, they do as onnxruntime does.
extension NodeDraft {
  /// The labels of the classes, of which the attribute `name` has the integers.
  mutating func takeClasses(_ name: String) throws(Diagnostic) -> ClassList {
    let (numbers, names) = (try takeInts(name) ?? [], try takeStrings("classlabels_strings") ?? [])
    try check(numbers.isEmpty != names.isEmpty, "one of \(name) and classlabels_strings should have the class labels")
    return names.isEmpty ? .numbers(numbers) : .names(names)
  }

  /// Adds the labels of classes, whose indices are known. For classes with names these are the indices themselves, and
  /// the header of the C has the names.
  func labels(_ indices: Value, _ classes: ClassList, in graph: inout Graph) throws -> Value {
    switch classes {
    case .names(let names): return try add(ClassLabels(names: names), [indices], in: &graph)
    case .numbers(let numbers):
      if numbers == Array(0..<numbers.count) { return indices }
      let table = try constant(Tensor(numbers.map { Int64($0) }), in: &graph)
      return try add(Gather(), [table, indices], in: &graph)
    }
  }

  /// The results of a classifier with a score for each class: the label of the greatest score, and the scores.
  func topClass(
    _ scores: Value, _ classes: ClassList, _ transform: PostTransform, in graph: inout Graph
  ) throws -> [Value?] {
    var op = ArgMax()
    op.axis = 1
    op.keepdims = false
    let label = try labels(try add(op, [scores], in: &graph), classes, in: &graph)
    return [label, try transformed(scores, transform, in: &graph)]
  }

  /// What a single score says of two classes.
  enum SingleScore {
    /// It is the probability of the second, and that of the first is the rest.
    case probability
    /// It is positive for the second class, and that of the first is its negative.
    case margin
  }

  /// The results of a classifier with a single score, which is greater than `threshold` for the second class.
  func twoClasses(
    _ score: Value, _ kind: SingleScore, threshold: Double, _ classes: ClassList, _ transform: PostTransform,
    in graph: inout Graph
  ) throws -> [Value?] {
    let isSecond = try add(Greater(), [score, try scalar(threshold, .f32, in: &graph)], in: &graph)
    let index = try cast(isSecond, to: .i64, in: &graph)
    let indices = try graph.reshape(index, to: [graph.type(of: score).shape[0]], at: location)
    let label = classes.count == 2 ? try labels(indices, classes, in: &graph) : indices
    return [label, try bothScores(score, kind, classes, transform, in: &graph)]
  }

  /// A single score as the scores of two classes.
  func bothScores(
    _ score: Value, _ kind: SingleScore, _ classes: ClassList, _ transform: PostTransform, in graph: inout Graph
  ) throws -> Value {
    if classes.count == 1 { return try transformed(score, transform, in: &graph) }
    try check(transform != .probit, "post_transform PROBIT is not defined for a single score of two classes")
    let first: Value
    var second = score
    switch (transform, kind) {
    case (.logistic, _):
      first = try add(Sigmoid(), [try add(Neg(), [score], in: &graph)], in: &graph)
      second = try add(Sigmoid(), [score], in: &graph)
    case (_, .probability): first = try add(Sub(), [try scalar(1, .f32, in: &graph), score], in: &graph)
    case (_, .margin): first = try add(Neg(), [score], in: &graph)
    }
    return try add(Concat(axis: 1), [first, second], in: &graph)
  }

  /// TreeEnsembleClassifier: the label of the class with most votes, and the votes of all classes.
  mutating func treeClassifier(in graph: inout Graph) throws -> [Value?] {
    let classes = try takeClasses("classlabels_int64s")
    var forest = try takeForest(votes: "class", in: graph)
    let votes = forest.nodes.flatMap(\.votes)
    let base = try takeBaseValues()
    let transform = try takePostTransform()
    let isSingle = classes.count <= 2 && votes.allSatisfy { $0.target == 0 }
    forest.targets = isSingle ? 1 : classes.count
    try check(
      base.map { $0.count == classes.count || (isSingle && $0.count == 1) } ?? true,
      "attribute 'base_values' has \(base?.count ?? 0) numbers, but there are \(classes.count) classes")
    var scores = try self.votes(of: forest, in: &graph)
    if let base { scores = try addBase(Array(base.prefix(forest.targets)), to: scores, in: &graph) }
    scores = try cast(scores, to: .f32, in: &graph)
    if !isSingle { return try topClass(scores, classes, transform, in: &graph) }
    let isProbability = classes.count == 2 && votes.allSatisfy { $0.weight >= 0 }
    return try twoClasses(
      scores, isProbability ? .probability : .margin, threshold: isProbability ? 0.5 : 0, classes, transform, in: &graph
    )
  }

  /// LinearClassifier: the label of the class with the greatest score, and the scores.
  mutating func linearClassifier(in graph: inout Graph) throws -> [Value?] {
    take("multi_class")
    let classes = try takeClasses("classlabels_ints")
    let features = graph.type(of: try matrix(0, in: &graph)).shape[1]
    var rows = classes.count
    if rows == 2, case .list(let numbers)? = attributes["coefficients"], numbers.count == features { rows = 1 }
    let scores = try linearScores(rows: rows, in: &graph)
    let transform = try takePostTransform()
    if rows > 1 { return try topClass(scores, classes, transform, in: &graph) }
    return try twoClasses(scores, .probability, threshold: 0, classes, transform, in: &graph)
  }
}
