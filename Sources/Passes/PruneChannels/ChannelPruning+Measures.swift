import IR

extension ChannelPruning {
  /// For each group and each number of channels that it may lose, what that alone was measured to do: the sum of the squares of
  /// the errors of the outputs. Between measurements it is in proportion to the channels.
  func curves() throws -> [[Double]] {
    guard usesCurves, let meter else { return [] }
    return try groups.indices.map { group in
      let choices = allocation.choices[group]
      var points = [(count: 0, loss: 0.0)]
      for place in Self.measuredPlaces(choices.count) {
        context.progress("\(pruneChannels.name): distortion by \(title(groups[group]))")
        let removed = rankings[group].order.prefix(choices[place])
        let graph = try reconstruction.shortcut(Array(removed), options.reconstruct ? statistics : nil)
        let measured = try meter.measure(graph)
        let loss = measured.errors.reduce(0) { $0 + $1.error * $1.error }
        // Fewer channels do no less: what was measured of samples may say so by chance.
        points.append((choices[place], max(loss, points.last!.loss)))
      }
      return choices.map { Self.interpolated(points, at: $0) }
    }
  }

  /// Which of some numbers of channels are measured: three at most, for each means to compile the model.
  private static func measuredPlaces(_ count: Int) -> [Int] {
    let last = count - 1
    guard last > 2 else { return Array(1..<count) }
    return [(last + 2) / 4, (last + 1) / 2, last].reduce(into: []) { if max($0.last ?? 0, 0) < $1 { $0.append($1) } }
  }

  private static func interpolated(_ points: [(count: Int, loss: Double)], at count: Int) -> Double {
    let next = points.firstIndex { $0.count >= count } ?? points.count - 1
    guard next > 0 else { return points[0].loss }
    let (a, b) = (points[next - 1], points[next])
    return a.loss + (b.loss - a.loss) * Double(count - a.count) / Double(b.count - a.count)
  }

  /// The model where groups have lost some channels, with what was measured of it; nil where it exceeds the budget.
  func finished(_ counts: [Int], _ notes: inout PassNotes) throws -> Graph? {
    let graph = try pruned(counts, rankings)
    let before = model.multiplyAccumulates
    let after = graph.multiplyAccumulates
    let share = 100 * Double(before - after) / Double(max(1, before))
    let words = "\(before) -> \(after) products, \(share.inThreeDigits) % fewer"
    let measured = try meter?.measure(graph)
    if let measured, let excess = options.excess(of: measured) {
      notes.add("left as it is: \(words): \(measured), where \(excess)", for: nil)
      return nil
    }
    for (group, count) in zip(groups, counts) { note(group, count, &notes) }
    notes.add(words, for: nil)
    guard let meter, let measured else {
      notes.add("nothing was measured, for there are no calibration data", for: nil)
      return graph
    }
    notes.add("\(measured)", for: nil)
    let random = groups.map { ChannelRanking($0, found.flow, nil, .random, seed: 2) }
    notes.add("as many channels at random: \(try meter.measure(pruned(counts, random)))", for: nil)
    return graph
  }

  private func pruned(_ counts: [Int], _ rankings: [ChannelRanking]) throws -> Graph {
    let removed = zip(rankings, counts).flatMap { $0.order.prefix($1) }
    let isFitted = options.reconstruct && meter != nil
    return isFitted ? try reconstruction.graph(removed) : try reconstruction.shortcut(removed, nil)
  }

  /// Notes of which layers no channel can go, and why.
  func noteFixed(_ notes: inout PassNotes) {
    for layers in found.fixedLayers { notes.add("all channels stay: \(layers.reason)", for: names(layers.nodes)) }
    for group in found.groups where !groups.contains(where: { $0.channels == group.channels }) {
      let names = group.producers.map { model.nodes[$0].layerName }
      let reason =
        options.lets(names) ? "there are no fewer in multiples of \(round)" : "the options say so"
      notes.add("\(group.size) channels stay: \(reason)", for: title(group))
    }
  }

  private func note(_ group: ChannelGroup, _ count: Int, _ notes: inout PassNotes) {
    let left = group.size - count * group.width
    notes.add(count == 0 ? "\(group.size) channels stay" : "\(group.size) -> \(left) channels", for: title(group))
  }

  /// The names of the layers that make the channels.
  private func title(_ group: ChannelGroup) -> String { names(group.producers) }

  private func names(_ nodes: [Int]) -> String { nodes.map { model.nodes[$0].layerName }.joined(separator: ", ") }
}

extension PruneChannelsOptions {
  /// Whether channels that layers make together may go.
  func lets(_ names: [String]) -> Bool {
    (layers.isEmpty || names.contains { layers.contains($0) }) && !names.contains { skip.contains($0) }
  }

  /// What is allowed, if a measurement exceeds it.
  fileprivate func excess(of measured: OutputMeter.Measurement) -> String? {
    if measured.errors.contains(where: { $0.error > errorBudget }) { return "an error of \(errorBudget) is allowed" }
    if let accuracy, measured.accuracyLoss ?? 0 > accuracy { return "\(accuracy) points less are allowed" }
    return nil
  }
}

extension ChannelGroups {
  /// Throws unless all names are those of layers.
  func checkLayerNames(_ names: [String]) throws(PassRefusal) {
    let known = flow.layers.map { flow.graph.nodes[$0.node].layerName }
    guard let name = names.first(where: { !known.contains($0) }) else { return }
    throw PassRefusal(
      "\(pruneChannels.name): there is no layer with constant weights called '\(name)'; there are "
        + known.joined(separator: ", "))
  }
}
