import IR

// The attributes that describe trees.
extension NodeDraft {
  /// The trees whose nodes are named by the numbers of their tree and node, with the weights of leaves in attributes
  /// that begin with `votes`.
  mutating func takeForest(votes name: String, in graph: Graph) throws -> Forest {
    var forest = Forest()
    forest.element = try comparedElement(attributes["nodes_values_as_tensor"], in: graph)
    take("nodes_hitrates")
    take("nodes_hitrates_as_tensor")
    let keys = NodeKeys(trees: try takeInts("nodes_treeids") ?? [], nodes: try takeInts("nodes_nodeids") ?? [])
    let branches = try takeBranches()
    let (modes, values) = (try takeStrings("nodes_modes") ?? [], try takeReals("nodes_values"))
    try check(
      [keys.trees.count, keys.nodes.count, modes.count, values.count].allSatisfy { $0 == branches.count },
      "the attributes that begin with nodes_ should have as many elements")
    let index = try index(of: keys)
    let votes = try takeVotes(name, index, branches.count)
    forest.roots = keys.firstNodes
    for node in 0..<branches.count {
      if modes[node] == "LEAF" {
        forest.nodes.append(.leaf(votes[node]))
        continue
      }
      guard let comparison = Forest.Comparison(rawValue: modes[node]), comparison != .member else {
        throw fault("attribute 'nodes_modes' has '\(modes[node])', which is no comparison")
      }
      var branch = branches.branch(node, comparison, [values[node]])
      for child in [\Forest.Branch.holds, \Forest.Branch.fails] {
        guard let place = index[NodeKey(tree: keys.trees[node], node: branch[keyPath: child])] else {
          throw fault(
            "node \(keys.nodes[node]) of tree \(keys.trees[node]) leads to node \(branch[keyPath: child]), which does "
              + "not exist")
        }
        branch[keyPath: child] = place
      }
      forest.nodes.append(.branch(branch))
    }
    return forest
  }

  /// The trees whose nodes and leaves are named by their places in the attributes, as TreeEnsemble has them.
  mutating func takeIndexedForest(in graph: Graph) throws -> Forest {
    var forest = Forest()
    forest.element = try comparedElement(attributes["nodes_splits"], in: graph)
    take("nodes_hitrates")
    guard let values = try takeTensor("nodes_splits")?.reals, let weights = try takeTensor("leaf_weights")?.reals,
      let modes = try takeTensor("nodes_modes")?.ints
    else { throw fault("an attribute of nodes_splits, nodes_modes and leaf_weights is missing") }
    let branches = try takeBranches()
    let leafs = (try takeInts("nodes_trueleafs") ?? [], try takeInts("nodes_falseleafs") ?? [])
    let (targets, count) = (try takeInts("leaf_targetids") ?? [], branches.count)
    try check(
      [leafs.0.count, leafs.1.count, values.count, modes.count].allSatisfy { $0 == count },
      "the attributes that begin with nodes_ should have as many elements")
    try check(
      weights.count == targets.count && targets.allSatisfy { $0 >= 0 },
      "leaf_weights and leaf_targetids should have as many elements, and targets count from 0")
    var members = MemberLists(try takeTensor("membership_values")?.reals ?? [])
    for node in 0..<count {
      guard let comparison = Forest.Comparison(number: modes[node]) else {
        throw fault("attribute 'nodes_modes' has \(modes[node]), but should have 0 to 6")
      }
      var branch = branches.branch(node, comparison, comparison == .member ? members.next() : [values[node]])
      for (child, isLeaf) in [(\Forest.Branch.holds, leafs.0[node]), (\Forest.Branch.fails, leafs.1[node])] {
        let place = branch[keyPath: child]
        try check(
          place >= 0 && place < (isLeaf != 0 ? targets.count : count),
          "node \(node) leads to \(isLeaf != 0 ? "leaf" : "node") \(place), which does not exist")
        // Leaves come behind all other nodes.
        if isLeaf != 0 { branch[keyPath: child] = count + place }
      }
      forest.nodes.append(.branch(branch))
    }
    for (target, weight) in zip(targets, weights) {
      forest.nodes.append(.leaf([Forest.Vote(target: target, weight: weight)]))
    }
    forest.roots = try takeInts("tree_roots") ?? []
    try check(
      forest.roots.allSatisfy { (0..<count).contains($0) }, "attribute 'tree_roots' has a node that does not exist")
    return forest
  }

  /// The type in which features are compared: that of operand X, or that of the values where it is wider.
  private func comparedElement(_ values: Attribute?, in graph: Graph) throws -> ElementType {
    if case .tensor(let tensor)? = values, tensor.element == .f64 { return .f64 }
    return graph.type(of: try required(0)).element == .f64 ? .f64 : .f32
  }

  /// The numbers that are the attribute `name`, or the tensor that is the attribute `name` with `_as_tensor`.
  mutating func takeReals(_ name: String) throws(Diagnostic) -> [Double] {
    let numbers = try takeFloats(name) ?? []
    guard let tensor = try takeTensor(name + "_as_tensor") else { return numbers }
    return numbers.isEmpty ? tensor.reals : numbers
  }

  /// What the attributes of both kinds of trees have in common.
  private mutating func takeBranches() throws(Diagnostic) -> BranchLists {
    let lists = BranchLists(
      features: try takeInts("nodes_featureids") ?? [], holds: try takeInts("nodes_truenodeids") ?? [],
      fails: try takeInts("nodes_falsenodeids") ?? [], nans: try takeInts("nodes_missing_value_tracks_true") ?? [])
    try check(
      lists.holds.count == lists.count && lists.fails.count == lists.count
        && (lists.nans.isEmpty || lists.nans.count == lists.count),
      "the attributes that begin with nodes_ should have as many elements")
    try check(lists.count <= Forest.maximumNodeCount, "there are more than \(Forest.maximumNodeCount) nodes")
    try check(lists.features.allSatisfy { $0 >= 0 }, "attribute 'nodes_featureids' should count from 0")
    return lists
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
}

/// The attributes with an element for each node, of trees of both kinds.
private struct BranchLists {
  var features: [Int], holds: [Int], fails: [Int], nans: [Int]

  var count: Int { features.count }

  /// A node, whose children are as the attributes name them.
  func branch(_ node: Int, _ comparison: Forest.Comparison, _ values: [Double]) -> Forest.Branch {
    Forest.Branch(
      feature: features[node], comparison: comparison, values: values, holds: holds[node], fails: fails[node],
      nanHolds: !nans.isEmpty && nans[node] != 0)
  }
}

/// The numbers of trees and nodes that name nodes.
private struct NodeKeys {
  var trees: [Int]
  var nodes: [Int]

  /// The place of the first node of each tree.
  var firstNodes: [Int] {
    var known: Set<Int> = []
    return trees.indices.filter { known.insert(trees[$0]).inserted }
  }
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
