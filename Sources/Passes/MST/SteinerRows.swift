/// Rows between channels that make a spanning tree shorter: Steiner points of the Hamming space.
///
/// The row that has for each weight what most of three rows have is the point nearest to all three. Where a row of the tree has
/// two neighbours, such a point takes the place of a part that both edges share. Many are added at once, of which no two share an
/// edge; those that end up with fewer than three neighbours go again; until the tree no longer gets cheaper.
struct SteinerRows {
  /// The channels, and the rows between them.
  private(set) var graph: ChannelGraph
  /// Their spanning tree.
  private(set) var tree: SpanningTree
  /// For each row between channels, the three of which its weights are those of most.
  private(set) var origins: [[Int]] = []

  private let price: Double
  private let areNested: Bool

  /// The tree of the channels alone.
  init(_ graph: ChannelGraph, price: Double = .infinity, areNested: Bool = false) {
    (self.graph, self.price, self.areNested) = (graph, price, areNested)
    tree = SpanningTree(count: graph.count, distance: graph.distance)
  }

  /// The tree with rows that pay.
  ///
  /// - Parameter price: How many changes of weights a row costs.
  /// - Parameter areNested: Whether rows may lie between others that are no channels.
  static func found(_ graph: ChannelGraph, price: Double, areNested: Bool) -> SteinerRows {
    var best = SteinerRows(graph, price: price, areNested: areNested)
    while let better = best.improved() { best = better }
    return best
  }

  private var cost: Double { Double(tree.weight) + Double(origins.count) * price }

  private struct Candidate {
    var gain: Double
    var rows: [Int]
  }

  /// The tree with more rows; nil where it would cost more.
  private func improved() -> SteinerRows? {
    let candidates = candidates()
    if candidates.isEmpty { return nil }
    var (next, usedEdges) = (self, Set<[Int]>())
    var room = max(4, graph.channelCount / 8)
    for candidate in candidates where room > 0 {
      let edges = candidate.rows.dropFirst().map { [candidate.rows[0], $0].sorted() }
      guard edges.allSatisfy({ !usedEdges.contains($0) }) else { continue }
      usedEdges.formUnion(edges)
      next.graph.addBetween(candidate.rows[0], candidate.rows[1], candidate.rows[2])
      next.origins.append(candidate.rows)
      room -= 1
    }
    next.tree = SpanningTree(count: next.graph.count, distance: next.graph.distance)
    while next.removeUseless() { next.tree = SpanningTree(count: next.graph.count, distance: next.graph.distance) }
    return next.cost < cost ? next : nil
  }

  /// Triples of a row and two neighbours, those between which a row saves most first.
  private func candidates() -> [Candidate] {
    var result: [Candidate] = []
    for (row, all) in tree.neighbours.enumerated() where isOrigin(row) {
      let near = all.filter(isOrigin).sorted { (graph.distance(row, $0), $0) < (graph.distance(row, $1), $1) }.prefix(
        12)
      for (place, b) in near.enumerated() {
        for a in near.prefix(place) {
          let isSame = (graph.isInverted(row, a) != graph.isInverted(row, b)) == graph.isInverted(a, b)
          let between = isSame ? graph.distance(a, b) : graph.weightCount - graph.distance(a, b)
          let gain = Double(graph.distance(row, a) + graph.distance(row, b) - between) / 2
          if gain > max(price, 0.01 * Double(graph.weightCount)) {
            result.append(Candidate(gain: gain, rows: [row, a, b]))
          }
        }
      }
    }
    return result.sorted { a, b in a.gain != b.gain ? a.gain > b.gain : a.rows.lexicographicallyPrecedes(b.rows) }
  }

  private func isOrigin(_ row: Int) -> Bool { 1...graph.channelCount ~= row || row > 0 && areNested }

  /// Removes the rows between channels that have fewer than three neighbours, and returns whether there were any.
  private mutating func removeUseless() -> Bool {
    let isKept = tree.neighbours.enumerated().map { row, near in row <= graph.channelCount || near.count > 2 }
    guard isKept.contains(false) else { return false }
    graph.keep(isKept)
    origins = zip(origins, isKept.dropFirst(graph.channelCount + 1)).filter(\.1).map(\.0)
    return true
  }
}
