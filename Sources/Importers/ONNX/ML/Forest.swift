import IR

/// Decision trees as ONNX describes them, on their way to the tables of `DecisionTrees`.
struct Forest {
  /// Comparisons of a feature with a value.
  enum Comparison: String {
    case lessOrEqual = "BRANCH_LEQ"
    case less = "BRANCH_LT"
    case greaterOrEqual = "BRANCH_GTE"
    case greater = "BRANCH_GT"
    case equal = "BRANCH_EQ"
    case notEqual = "BRANCH_NEQ"
    /// Whether the feature is one of several values.
    case member = "BRANCH_MEMBER"

    /// The comparison that has a number in TreeEnsemble.
    init?(number: Int) {
      let all: [Comparison] = [.lessOrEqual, .less, .greaterOrEqual, .greater, .equal, .notEqual, .member]
      guard all.indices.contains(number) else { return nil }
      self = all[number]
    }
  }

  /// A node that compares a feature.
  struct Branch {
    var feature: Int
    var comparison: Comparison
    /// What the feature is compared with: one value unless the comparison is `member`.
    var values: [Double]
    /// Where to go on if the comparison holds, and if it does not.
    var holds: Int, fails: Int
    /// Whether the comparison counts as holding where the feature is NaN.
    var nanHolds: Bool
  }

  /// What a leaf adds to a target.
  struct Vote: Hashable {
    var target: Int
    var weight: Double
  }

  enum Node {
    case branch(Branch)
    case leaf([Vote])

    /// The votes of a leaf.
    var votes: [Vote] { if case .leaf(let votes) = self { votes } else { [] } }
  }

  var nodes: [Node] = []
  /// The first node of each tree.
  var roots: [Int] = []
  var targets = 1
  var aggregate = DecisionTrees.Aggregate.sum
  /// The type of the values and weights.
  var element = ElementType.f32

  /// The most nodes that are read; more do not fit into any device.
  static let maximumNodeCount = 1 << 24
}

/// The tables of `DecisionTrees` while nodes are added.
struct DecisionTableBuilder {
  private var features: [Int?] = []
  private var skips: [Int] = []
  private var values: [Double] = []
  private var modes: [Int] = []
  private var roots: [Int] = []
  private var hasMore: [Bool] = []
  private let forest: Forest
  private let isSharing: Bool
  private var isVisited: [Bool]

  /// The tables of a forest: in the smallest types into which they fit, and in the smaller of two layouts.
  static func tables(of forest: Forest) throws(Diagnostic) -> [Tensor] {
    func tables(isSharing: Bool) throws(Diagnostic) -> (tables: [Tensor], byteCount: Int) {
      let tables = try DecisionTableBuilder(forest, isSharing: isSharing).tables()
      return (tables, tables.reduce(0) { $0 + $1.type.byteCount })
    }
    let (plain, sharing) = (try tables(isSharing: false), try tables(isSharing: true))
    return plain.byteCount <= sharing.byteCount ? plain.tables : sharing.tables
  }

  /// Lays out all trees of a forest, each node before what follows if its comparison holds, and that before what
  /// follows if it does not.
  ///
  /// - Parameter isSharing: Whether leaves to which nodes skip come behind the tree, equal ones once. There are fewer
  ///   leaves then, but longer ways to them.
  private init(_ forest: Forest, isSharing: Bool) throws(Diagnostic) {
    self.forest = forest
    self.isSharing = isSharing
    isVisited = [Bool](repeating: false, count: forest.nodes.count)
    for root in forest.roots { try addTree(root) }
  }

  private mutating func addTree(_ root: Int) throws(Diagnostic) {
    roots.append(features.count)
    var postponed: [(votes: [Forest.Vote], users: [Int])] = []
    // The stack is explicit because a file can hold a tree of any depth. `users` are nodes that skip to this one.
    var stack: [(node: Int, users: [Int])] = [(root, [])]
    while let (node, users) = stack.popLast() {
      if isSharing, !users.isEmpty, case .leaf(let votes) = forest.nodes[node] {
        postponed.append((votes, users))
        continue
      }
      for user in users { skips[user] = features.count - user }
      switch forest.nodes[node] {
      case .leaf(let votes): try add(votes)
      case .branch(let branch):
        try require(!isVisited[node], "a node is reached by two ways; nodes should form trees")
        isVisited[node] = true
        // Whichever way the comparison goes, it does not matter.
        if branch.holds == branch.fails, case .leaf(let votes) = forest.nodes[branch.holds] {
          try add(votes)
        } else {
          stack += add(branch)
        }
      }
    }
    var places: [[Forest.Vote]: Int] = [:]
    for (votes, users) in postponed {
      let place = places[votes] ?? features.count
      for user in users { skips[user] = place - user }
      if places.updateValue(place, forKey: votes) == nil { try add(votes) }
    }
  }

  /// Adds the nodes of a branch, and returns what should follow, the last first.
  private mutating func add(_ branch: Forest.Branch) -> [(node: Int, users: [Int])] {
    let value = branch.values.first ?? 0
    switch branch.comparison {
    case .lessOrEqual, .less:
      let user = append(branch, branch.comparison == .less ? previous(value) : value, nanHolds: branch.nanHolds)
      return [(branch.fails, [user]), (branch.holds, [])]
    case .greater, .greaterOrEqual:
      let least = branch.comparison == .greaterOrEqual ? previous(value) : value
      let user = append(branch, least, nanHolds: !branch.nanHolds)
      return [(branch.holds, [user]), (branch.fails, [])]
    case .notEqual:
      let user = append(branch, value, mode: 1, nanHolds: branch.nanHolds)
      return [(branch.fails, [user]), (branch.holds, [])]
    case .equal, .member:
      // A chain of comparisons with each member, of which all lead to the same place.
      let members = branch.comparison == .member && branch.values.isEmpty ? [.nan] : branch.values
      let users = members.map { append(branch, $0, mode: 1, nanHolds: !branch.nanHolds) }
      return [(branch.holds, users), (branch.fails, [])]
    }
  }

  /// The greatest number less than `value`; NaN, with which no comparison holds, where there is none.
  private func previous(_ value: Double) -> Double {
    let previous = forest.element == .f32 ? Double(Float(value).nextDown) : value.nextDown
    return previous < value ? previous : .nan
  }

  private mutating func append(_ branch: Forest.Branch, _ value: Double, mode: Int = 0, nanHolds: Bool) -> Int {
    features.append(branch.feature)
    skips.append(0)
    values.append(value)
    modes.append(mode | (nanHolds ? 2 : 0))
    hasMore.append(false)
    return features.count - 1
  }

  private mutating func add(_ votes: [Forest.Vote]) throws(Diagnostic) {
    // A leaf to which many branches lead is copied for each.
    try require(
      features.count + votes.count <= Forest.maximumNodeCount, "there are more than \(Forest.maximumNodeCount) nodes")
    // Votes of nothing change no sum, but a leaf has at least one.
    let relevant = forest.aggregate == .sum ? votes.filter { $0.weight != 0 } : votes
    let nothing = forest.aggregate == .sum ? 0 : forest.aggregate == .min ? Double.infinity : -Double.infinity
    for (index, vote) in (relevant.isEmpty ? [.init(target: 0, weight: nothing)] : relevant).enumerated() {
      features.append(nil)
      skips.append(vote.target)
      values.append(vote.weight)
      modes.append(0)
      hasMore.append(index + 1 < relevant.count)
    }
  }

  /// The operands of `DecisionTrees` behind the first, of which the last may be missing.
  private func tables() throws(Diagnostic) -> [Tensor] {
    let greatest = features.compactMap { $0 }.max() ?? 0
    try require(greatest < 0xfffe, "feature \(greatest) is compared, but there can be at most \(0xfffe)")
    let mark = greatest < 0xfe ? 0xff : 0xffff
    let marked = zip(features, hasMore).map { feature, more in feature ?? (more ? mark - 1 : mark) }
    let element: ElementType = mark == 0xff ? .u8 : .u16
    var tables = [
      Tensor(TensorType(element, [marked.count]), integers: marked.map { Int128($0) }), Self.smallest(skips),
      Tensor(TensorType(forest.element, [values.count]), reals: values), Self.smallest(roots),
    ]
    // Most forests compare all features alike.
    let used = zip(features, modes).compactMap { $0 == nil ? nil : $1 }
    if let first = used.first, used.contains(where: { $0 != 0 }) {
      tables.append(Self.smallest(used.allSatisfy { $0 == first } ? [first] : modes))
    }
    return tables
  }

  private static func smallest(_ numbers: [Int]) -> Tensor {
    let greatest = numbers.max() ?? 0
    let element: ElementType = greatest <= 0xff ? .u8 : greatest <= 0xffff ? .u16 : .u32
    return Tensor(TensorType(element, [numbers.count]), integers: numbers.map { Int128($0) })
  }
}
