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
      for table in try DecisionTableBuilder(forest).tables() { operands.append(try constant(table, in: &graph)) }
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

  /// The numbers that are the attribute `name`, or the tensor that is the attribute `name` with `_as_tensor`.
  private mutating func takeReals(_ name: String) throws(Diagnostic) -> [Double] {
    let numbers = try takeFloats(name) ?? []
    guard let tensor = try takeTensor(name + "_as_tensor") else { return numbers }
    return numbers.isEmpty ? tensor.reals : numbers
  }

  /// The type in which features are compared with values of type `values`: that of operand X, or a wider one.
  private func comparedElement(_ values: ElementType?, in graph: Graph) throws -> ElementType {
    [graph.type(of: try required(0)).element, values].contains(.f64) ? .f64 : .f32
  }

  /// The trees whose nodes are named by the numbers of their tree and node, with the weights of leaves in attributes
  /// that begin with `votes`.
  mutating func takeForest(votes name: String, in graph: Graph) throws -> Forest {
    var forest = Forest()
    var wide: ElementType?
    if case .tensor(let tensor)? = attributes["nodes_values_as_tensor"] { wide = tensor.element }
    forest.element = try comparedElement(wide, in: graph)
    take("nodes_hitrates")
    take("nodes_hitrates_as_tensor")
    let keys = NodeKeys(trees: try takeInts("nodes_treeids") ?? [], nodes: try takeInts("nodes_nodeids") ?? [])
    let count = keys.trees.count
    let modes = try takeStrings("nodes_modes") ?? []
    let (features, values) = (try takeInts("nodes_featureids") ?? [], try takeReals("nodes_values"))
    let (holds, fails) = (try takeInts("nodes_truenodeids") ?? [], try takeInts("nodes_falsenodeids") ?? [])
    let nans = try takeInts("nodes_missing_value_tracks_true") ?? []
    try check(
      count <= Forest.maximumNodeCount
        && [keys.nodes.count, modes.count, features.count, values.count, holds.count, fails.count].allSatisfy {
          $0 == count
        } && (nans.isEmpty || nans.count == count), "the attributes that begin with nodes_ should have as many elements"
    )
    let index = try index(of: keys)
    let votes = try takeVotes(name, index, count)
    var lastTree: Int?
    var knownTrees: Set<Int> = []
    for node in 0..<count {
      let tree = keys.trees[node]
      if tree != lastTree, knownTrees.insert(tree).inserted { forest.roots.append(node) }
      lastTree = tree
      if modes[node] == "LEAF" {
        forest.nodes.append(.leaf(votes[node]))
        continue
      }
      guard let comparison = Forest.Comparison(rawValue: modes[node]), comparison != .member else {
        throw fault("attribute 'nodes_modes' has '\(modes[node])', which is no comparison")
      }
      func child(_ id: Int) throws -> Int {
        guard let child = index[NodeKey(tree: tree, node: id)] else {
          throw fault("node \(keys.nodes[node]) of tree \(tree) leads to node \(id), which does not exist")
        }
        return child
      }
      try check(features[node] >= 0, "attribute 'nodes_featureids' has \(features[node]), which is no feature")
      forest.nodes.append(
        .branch(
          Forest.Branch(
            feature: features[node], comparison: comparison, values: [values[node]], holds: try child(holds[node]),
            fails: try child(fails[node]), nanHolds: !nans.isEmpty && nans[node] != 0)))
    }
    return forest
  }

  private func index(of keys: NodeKeys) throws(Diagnostic) -> [NodeKey: Int] {
    var index: [NodeKey: Int] = [:]
    for (place, (tree, node)) in zip(keys.trees, keys.nodes).enumerated() {
      try check(
        index.updateValue(place, forKey: NodeKey(tree: tree, node: node)) == nil,
        "there are two nodes \(node) of tree \(tree)")
    }
    return index
  }

  /// The votes of each node.
  private mutating func takeVotes(_ name: String, _ index: [NodeKey: Int], _ count: Int) throws -> [[Forest.Vote]] {
    let (trees, nodes) = (try takeInts("\(name)_treeids") ?? [], try takeInts("\(name)_nodeids") ?? [])
    let (ids, weights) = (try takeInts("\(name)_ids") ?? [], try takeReals("\(name)_weights"))
    try check(
      nodes.count == trees.count && ids.count == trees.count && weights.count == trees.count,
      "the attributes that begin with \(name)_ should have as many elements")
    var votes = [[Forest.Vote]](repeating: [], count: count)
    for place in trees.indices {
      guard let node = index[NodeKey(tree: trees[place], node: nodes[place])] else {
        throw fault("there is a weight for node \(nodes[place]) of tree \(trees[place]), which does not exist")
      }
      try check(ids[place] >= 0, "attribute '\(name)_ids' has \(ids[place]), but should count from 0")
      votes[node].append(Forest.Vote(target: ids[place], weight: weights[place]))
    }
    return votes
  }

  /// The trees whose nodes and leaves are named by their places in the attributes, as TreeEnsemble has them.
  private mutating func takeIndexedForest(in graph: Graph) throws -> Forest {
    var forest = Forest()
    take("nodes_hitrates")
    guard let splits = try takeTensor("nodes_splits"), let weights = try takeTensor("leaf_weights"),
      let modes = try takeTensor("nodes_modes")
    else { throw fault("an attribute of nodes_splits, nodes_modes and leaf_weights is missing") }
    forest.element = try comparedElement(splits.element, in: graph)
    let features = try takeInts("nodes_featureids") ?? []
    let (holds, fails) = (try takeInts("nodes_truenodeids") ?? [], try takeInts("nodes_falsenodeids") ?? [])
    let leafs = (try takeInts("nodes_trueleafs") ?? [], try takeInts("nodes_falseleafs") ?? [])
    let nans = try takeInts("nodes_missing_value_tracks_true") ?? []
    let (targets, count) = (try takeInts("leaf_targetids") ?? [], features.count)
    try check(
      count <= Forest.maximumNodeCount
        && [holds.count, fails.count, leafs.0.count, leafs.1.count, splits.reals.count, modes.ints.count].allSatisfy {
          $0 == count
        } && (nans.isEmpty || nans.count == count), "the attributes that begin with nodes_ should have as many elements"
    )
    try check(
      weights.type.elementCount == targets.count && targets.allSatisfy { $0 >= 0 },
      "leaf_weights and leaf_targetids should have as many elements, and targets count from 0")
    let comparisons: [Forest.Comparison] = [
      .lessOrEqual, .less, .greaterOrEqual, .greater, .equal, .notEqual, .member,
    ]
    var members = MemberLists(try takeTensor("membership_values")?.reals ?? [])
    let (values, numbers) = (splits.reals, modes.ints)
    for node in 0..<count {
      try check(
        comparisons.indices.contains(numbers[node]) && features[node] >= 0,
        "node \(node) compares feature \(features[node]) in mode \(numbers[node]), but modes are 0 to 6")
      /// The place of a child: leaves come behind all nodes.
      func child(_ id: Int, isLeaf: Bool) throws -> Int {
        try check(
          id >= 0 && id < (isLeaf ? targets.count : count),
          "node \(node) leads to \(isLeaf ? "leaf" : "node") \(id), which does not exist")
        return isLeaf ? count + id : id
      }
      let comparison = comparisons[numbers[node]]
      forest.nodes.append(
        .branch(
          Forest.Branch(
            feature: features[node], comparison: comparison,
            values: comparison == .member ? members.next() : [values[node]],
            holds: try child(holds[node], isLeaf: leafs.0[node] != 0),
            fails: try child(fails[node], isLeaf: leafs.1[node] != 0), nanHolds: !nans.isEmpty && nans[node] != 0)))
    }
    for (target, weight) in zip(targets, weights.reals) {
      forest.nodes.append(.leaf([Forest.Vote(target: target, weight: weight)]))
    }
    forest.roots = try takeInts("tree_roots") ?? []
    try check(
      forest.roots.allSatisfy { (0..<count).contains($0) }, "attribute 'tree_roots' has a node that does not exist")
    return forest
  }
}

/// The numbers of trees and nodes that name nodes.
private struct NodeKeys {
  var trees: [Int]
  var nodes: [Int]
}

private struct NodeKey: Hashable {
  var tree: Int
  var node: Int
}

/// Lists of members, each of which ends with a NaN.
private struct MemberLists {
  private var rest: ArraySlice<Double>

  init(_ values: [Double]) { rest = values[...] }

  mutating func next() -> [Double] {
    let list = rest.prefix { !$0.isNaN }
    rest = rest.dropFirst(list.count + 1)
    return Array(list)
  }
}
