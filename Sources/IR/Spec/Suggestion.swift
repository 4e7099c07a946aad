/// Words such as `; did you mean 'pads'?` where one of `known` is likely meant by `word`, else nothing.
func suggestion(for word: String, among known: some Sequence<String>) -> String {
  let limit = max(1, word.count / 3)
  // A long word is no slip of the keyboard, and the comparison takes time in proportion to both lengths.
  guard word.utf8.count <= 100 else { return "" }
  var best: (word: String, distance: Int)?
  for candidate in known where abs(candidate.utf8.count - word.utf8.count) <= limit * 4 && candidate.utf8.count <= 100 {
    let distance = candidate.lowercased() == word.lowercased() ? 0 : editDistance(word, candidate)
    if distance <= limit, distance < best?.distance ?? Int.max { best = (candidate, distance) }
  }
  return best.map { "; did you mean \($0.word.quoted)?" } ?? ""
}

/// How many characters must be inserted, removed, replaced or swapped with their neighbour to make `b` of `a`
/// (the optimal string alignment distance).
private func editDistance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a), Array(b))
  var previous: [Int] = []
  var row = Array(0...b.count)
  for i in a.indices {
    var next = [i + 1]
    for j in b.indices {
      var cost = min(row[j] + (a[i] == b[j] ? 0 : 1), row[j + 1] + 1, next[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, previous[j - 1] + 1) }
      next.append(cost)
    }
    (previous, row) = (row, next)
  }
  return row[b.count]
}
