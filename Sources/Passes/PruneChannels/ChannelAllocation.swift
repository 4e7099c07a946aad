import IR

/// How many channels each group loses.
struct ChannelAllocation {
  /// For each group, the numbers of channels that it may lose, from 0 on.
  let choices: [[Int]]
  let products: ProductCounts

  /// The numbers that leave a multiple of `round` places, and at least one channel.
  static func choices(_ group: ChannelGroup, round: Int) -> [Int] {
    // So many channels take a multiple of `round` places together.
    let step = (1...round).first { $0 * group.width % round == 0 } ?? 1
    let kept = stride(from: step, to: group.channels.count, by: step)
    return [0] + kept.reversed().map { group.channels.count - $0 }
  }

  /// About the same share of each group.
  func uniform(share: Double, _ groups: [ChannelGroup]) -> [Int] {
    zip(choices, groups).map { choices, group in
      let wanted = share * Double(group.channels.count)
      return choices.min { (Double($0) - wanted).magnitude < (Double($1) - wanted).magnitude }!
    }
  }

  /// About the least share of each group with which a share of the products is gone, or as many as can go.
  func uniform(macs: Double, _ groups: [ChannelGroup]) -> [Int] {
    let limit = limit(macs)
    let all = (1...99).lazy.map { uniform(share: Double($0) / 100, groups) }
    guard var counts = all.first(where: { products.count($0) <= limit }) else { return choices.map { $0.last! } }
    // Groups lose channels in steps, several of them at the same share. What need not go stays, where most is gone first.
    let shares = zip(counts, groups).map { Double($0) / Double($1.channels.count) }
    for index in groups.indices.sorted(by: { (shares[$1], $0) < (shares[$0], $1) }) {
      for count in choices[index] where count < counts[index] {
        var fewer = counts
        fewer[index] = count
        if products.count(fewer) <= limit { counts = fewer }
      }
    }
    return counts
  }

  /// The numbers with which a share of the products is gone, step by step where least is lost for each product.
  ///
  /// - Parameter curves: For each group and each of its choices, what is lost.
  func measured(macs: Double, _ curves: [[Double]]) -> [Int] {
    let limit = limit(macs)
    var places = choices.map { _ in 0 }
    while case let count = products.count(counts(places)), count > limit {
      var best: (group: Int, place: Int, price: Double)?
      for group in choices.indices {
        // A step may lead over one that loses much for little.
        for place in choices[group].indices where place > places[group] {
          var next = places
          next[group] = place
          let gain = count - products.count(counts(next))
          let loss = max(0, curves[group][place] - curves[group][places[group]])
          if gain > 0, loss / Double(gain) < best?.price ?? .infinity { best = (group, place, loss / Double(gain)) }
        }
      }
      guard let best else { break }
      places[best.group] = best.place
    }
    return counts(trimmed(places, limit, curves))
  }

  /// Gives channels back that need not go to keep within a limit, those first with which most is lost.
  private func trimmed(_ places: [Int], _ limit: Int, _ curves: [[Double]]) -> [Int] {
    var places = places
    while true {
      var best: (group: Int, place: Int, saved: Double)?
      for group in choices.indices {
        for place in 0..<places[group] {
          var next = places
          next[group] = place
          let saved = curves[group][places[group]] - curves[group][place]
          if saved > best?.saved ?? 0, products.count(counts(next)) <= limit { best = (group, place, saved) }
        }
      }
      guard let best else { return places }
      places[best.group] = best.place
    }
  }

  /// How many channels groups lose.
  private func counts(_ places: [Int]) -> [Int] { zip(choices, places).map { $0[$1] } }

  /// How many products may be left.
  private func limit(_ macs: Double) -> Int { Int((1 - macs) * Double(products.count(choices.map { _ in 0 }))) }
}
