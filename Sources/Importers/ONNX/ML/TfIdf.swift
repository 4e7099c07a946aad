import IR

extension NodeDraft {
  /// TfIdfVectorizer: how often each run of the pool occurs, or whether it does, times its weight.
  mutating func countGrams(in graph: inout Graph) throws -> [Value?] {
    try check(take("pool_strings") == nil, noStrings)
    let mode = try takeString("mode") ?? ""
    try check(["TF", "IDF", "TFIDF"].contains(mode), "attribute 'mode' is '\(mode)', but should be TF, IDF or TFIDF")
    let columns = try takeInts("ngram_indexes") ?? []
    try check(
      columns.allSatisfy { (0...0xffff).contains($0) } && !columns.isEmpty,
      "attribute 'ngram_indexes' should have places from 0 to 65535")
    let width = columns.max()! + 1
    let weights = try takeFloats("weights") ?? []
    try check(
      weights.isEmpty || weights.count >= width,
      "attribute 'weights' has \(weights.count) numbers, but a row of the result has \(width)")
    let counts = try counts(of: try takeGrams(columns), width, in: &graph)
    guard mode != "TF" else { return [counts] }
    let isThere = try add(Greater(), [counts, try scalar(0, .f32, in: &graph)], in: &graph)
    let factor = mode == "TFIDF" ? counts : try cast(isThere, to: .f32, in: &graph)
    if weights.isEmpty { return [factor] }
    let row = try constant(Tensor(weights.prefix(width).map { Float($0) }), in: &graph)
    return [try add(Mul(), [factor, row], in: &graph)]
  }

  /// Runs of one length, each with the place where it is counted.
  private struct Grams {
    var size: Int
    var runs: [(numbers: ArraySlice<Int>, column: Int)]
  }

  /// The runs of the pool of the lengths that count.
  private mutating func takeGrams(_ columns: [Int]) throws(Diagnostic) -> [Grams] {
    let (pool, starts) = (try takeInts("pool_int64s") ?? [], try takeInts("ngram_counts") ?? [])
    let sizes = (try takeInt("min_gram_length") ?? 1, try takeInt("max_gram_length") ?? 1)
    try check(
      sizes.0 >= 1 && sizes.1 >= sizes.0,
      "runs have from \(sizes.0) to \(sizes.1) numbers, but should have 1 or more")
    var (grams, index): ([Grams], Int) = ([], 0)
    for (place, start) in starts.enumerated() {
      let (size, end) = (place + 1, place + 1 < starts.count ? starts[place + 1] : pool.count)
      try check(
        start >= 0 && start <= end && end <= pool.count && (end - start) % size == 0,
        "attribute 'ngram_counts' \(starts) does not fit a pool of \(pool.count) numbers")
      var runs: [[Int]: Int] = [:]
      let count = (end - start) / size
      try check(index + count <= columns.count, "there are more runs than places in attribute 'ngram_indexes'")
      if sizes.0...sizes.1 ~= size {
        // Of equal runs the last counts.
        for run in 0..<count { runs[Array(pool[start + run * size..<start + (run + 1) * size])] = index + run }
        let kept = (0..<count).filter { runs[Array(pool[start + $0 * size..<start + ($0 + 1) * size])] == index + $0 }
        let list = kept.map { (pool[start + $0 * size..<start + ($0 + 1) * size], columns[index + $0]) }
        if !list.isEmpty { grams.append(Grams(size: size, runs: list)) }
      }
      index += count
    }
    return grams
  }

  private mutating func counts(of grams: [Grams], _ width: Int, in graph: inout Graph) throws -> Value {
    var x = try required(0)
    let skips = try takeInt("max_skip_count") ?? 0
    if graph.type(of: x).shape.rank == 0 { x = try graph.reshape(x, to: [1], at: location) }
    let type = graph.type(of: x)
    try check(type.element == .i32 || type.element == .i64, "operand X is \(type), but should be i32 or i64")
    var sum: Value?
    for group in grams {
      // A number that is not of the type of the operand cannot occur in it.
      let runs = group.runs.filter { $0.numbers.allSatisfy { type.element == .i64 || Int32(exactly: $0) != nil } }
      let table = TensorType(type.element, [runs.count, group.size])
      let numbers = Tensor(table, integers: runs.flatMap { $0.numbers.map { Int128($0) } })
      let operands = [numbers, Tensor(runs.map { UInt16($0.column) })]
      let counts = try add(
        GramCounts(width: width, skips: skips), [x] + (try operands.map { try constant($0, in: &graph) }), in: &graph)
      sum = try sum.map { try add(Add(), [$0, counts], in: &graph) } ?? counts
    }
    if let sum { return sum }
    return try constant(
      Tensor(TensorType(.f32, Shape(type.shape.dropLast() + [width]))) {
        $0.initializeMemory(as: UInt8.self, repeating: 0)
      },
      in: &graph)
  }
}
