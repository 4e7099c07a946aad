/// The tables of `DecisionTrees`, which are known when the model is compiled.
public struct DecisionTables {
  /// The greatest numbers that a feature can be, which mark votes.
  public let lastVote: Int
  /// The mark of a vote behind which the leaf has another.
  public var vote: Int { lastVote - 1 }
  private let features: [Int]
  private let skips: [Int]
  private let values: [Double]
  private let roots: [Int]
  private let modes: [Int]

  /// Reads the tables.
  public init(_ operands: Operands<Operand>) throws {
    func table(_ index: Int) throws -> Tensor {
      let (name, type) = (DecisionTrees.operands.name(at: index), operands.required(index).type)
      try require(
        type.shape.rank == 1 && (index == 3 || type.element.isUnsigned),
        "operand '\(name)' is \(type), but should be a table" + (index == 3 ? "" : " of unsigned integers"))
      return try operands.required(index).requireKnown(name)
    }
    let features = try table(1)
    try require(
      [.u8, .u16].contains(features.element), "operand 'features' is \(features.type), but should be of u8 or u16")
    lastVote = features.element == .u8 ? 0xff : 0xffff
    self.features = features.ints
    skips = try table(2).ints
    values = try table(3).reals
    roots = try table(4).ints
    modes = operands[5] == nil ? [0] : try table(5).ints
  }

  /// Whether a leaf has several votes.
  public var hasSeveralVotes: Bool { features.contains(vote) }

  /// Throws unless each walk ends at a leaf, and all features and targets exist.
  func check(features count: Int, targets: Int) throws(Diagnostic) {
    let size = features.count
    try require(
      skips.count == size && values.count == size,
      "the tables have \(size), \(skips.count) and \(values.count) elements, but should have as many")
    try require(
      modes.count == 1 || modes.count == size,
      "operand 'modes' has \(modes.count) elements, but should have 1 or \(size)")
    if let root = roots.first(where: { $0 >= size }) {
      throw Diagnostic("a tree starts at node \(root), but there are \(size) nodes")
    }
    for node in features.indices {
      if features[node] >= vote {
        try require(skips[node] < targets, "node \(node) votes for target \(skips[node]), but there are \(targets)")
        let isLast = features[node] == lastVote
        try require(
          isLast || (node + 1 < size && features[node + 1] >= vote), "node \(node) should be followed by another vote")
      } else {
        try require(
          features[node] < count, "node \(node) compares feature \(features[node]), but there are \(count)")
        try require(
          skips[node] > 0 && skips[node] < size - node, "node \(node) leads out of the table of \(size) nodes")
      }
    }
  }

  /// Calls `body` with each vote of each tree, in order.
  func forEachVote(on row: ArraySlice<Double>, _ body: (_ target: Int, _ vote: Double) -> Void) {
    for root in roots {
      var node = root
      while features[node] < vote {
        let holds = holds(row[row.startIndex + features[node]], values[node], modes[modes.count == 1 ? 0 : node])
        node += holds ? 1 : skips[node]
      }
      while features[node] == vote {
        body(skips[node], values[node])
        node += 1
      }
      body(skips[node], values[node])
    }
  }

  private func holds(_ x: Double, _ value: Double, _ mode: Int) -> Bool {
    if x.isNaN { return mode & 2 != 0 }
    return mode & 1 != 0 ? x != value : x <= value
  }
}
