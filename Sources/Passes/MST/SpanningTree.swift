/// A minimum spanning tree of rows, found by Prim's algorithm on the complete graph in time O(rows^2).
struct SpanningTree {
  /// The row from which each row is computed; -1 for the root.
  private(set) var parents: [Int]
  /// How many edges lie between a row and the root.
  private(set) var depths: [Int]
  /// The sum of the lengths of the edges.
  private(set) var weight = 0

  /// Creates a tree of the rows `0..<count`, whose root is row 0. Of edges of the same length those nearer to the root are taken.
  init(count: Int, distance: (Int, Int) -> Int) {
    parents = [Int](repeating: -1, count: count)
    depths = [Int](repeating: 0, count: count)
    var nearest = (1..<max(1, count)).map { ($0, distance(0, $0)) }
    for (row, _) in nearest { parents[row] = 0 }
    while let place = nearest.indices.min(by: {
      (nearest[$0].1, depths[parents[nearest[$0].0]]) < (nearest[$1].1, depths[parents[nearest[$1].0]])
    }) {
      let (row, length) = nearest[place]
      nearest.swapAt(place, nearest.count - 1)
      nearest.removeLast()
      weight += length
      depths[row] = depths[parents[row]] + 1
      for other in nearest.indices {
        let (candidate, old) = nearest[other]
        let new = distance(row, candidate)
        if (new, depths[row]) < (old, depths[parents[candidate]]) {
          nearest[other].1 = new
          parents[candidate] = row
        }
      }
    }
  }

  /// The rows that are computed from each row.
  var children: [[Int]] {
    var children = [[Int]](repeating: [], count: parents.count)
    for (row, parent) in parents.enumerated() where parent >= 0 { children[parent].append(row) }
    return children
  }

  /// The rows with which each row has an edge.
  var neighbours: [[Int]] {
    var neighbours = children
    for (row, parent) in parents.enumerated() where parent >= 0 { neighbours[row].append(parent) }
    return neighbours
  }
}
