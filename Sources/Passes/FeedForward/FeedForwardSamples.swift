import IR

/// What a feed-forward block meets on calibration data: rows that it takes, and what its neurons make of them.
struct FeedForwardSamples {
  /// How many rows there are.
  let count: Int
  /// The rows, [count, depth].
  let data: [Float]
  /// The values that the second product takes, [count, neurons].
  let hidden: [Float]

  /// The most rows to look at: enough to tell a hundred experts apart.
  private static let most = 4096

  /// Runs a model on all samples, and takes as many rows of each.
  ///
  /// - Parameter taps: The model, in which the values of the block are `input` and `hidden`.
  init(
    of block: FeedForwardBlock, in taps: Graph, _ input: Value, _ hidden: Value, _ samples: [[String: Tensor]],
    _ context: PassContext
  ) throws {
    var graph = taps
    graph.outputs = [("input", input), ("hidden", hidden)]
    let run = try context.prepare(graph.withoutDeadNodes())
    let perSample = max(1, Self.most / max(1, samples.count))
    var chosen = SampledPlaces()
    var (count, data, values): (Int, [Float], [Float]) = (0, [], [])
    for sample in samples {
      let results = try run(sample)
      let (rows, neurons): ([Float], [Float]) = (results[0].elements(), results[1].elements())
      let all = rows.count / block.depth
      for place in chosen.next(min(perSample, all), of: all) {
        data += rows[place * block.depth..<(place + 1) * block.depth]
        values += neurons[place * block.neurons..<(place + 1) * block.neurons]
        count += 1
      }
    }
    (self.count, self.data, self.hidden) = (count, data, values)
  }

  /// The values of all neurons in a row.
  func neurons(of row: Int) -> ArraySlice<Float> {
    let width = hidden.count / max(1, count)
    return hidden[row * width..<(row + 1) * width]
  }

  /// Creates samples from some rows.
  init(count: Int, data: [Float], hidden: [Float]) { (self.count, self.data, self.hidden) = (count, data, hidden) }
}
