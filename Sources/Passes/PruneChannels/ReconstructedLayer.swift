import IR

/// A layer of a model of which channels are gone, with the data that it meets there and what its results should be.
///
/// Its results should be those of the model. Where they are only added to a value that has been computed before, as at the end
/// of a residual branch, they should make up for the error of that value too.
struct ReconstructedLayer {
  /// Convolutions in groups are as many layers side by side.
  private let parts: [ConstantLayer]
  /// The layer among those of the pruned model.
  private let node: Node
  /// The data in the pruned model, and the result in the model.
  private let x: Value, y: Value
  /// What the result is added to, in the model and in the pruned one.
  private let trunk: (model: Value, pruned: Value)?
  /// The channels of the results that are left.
  private let positions: [[Int]?]

  /// A layer of the pruned model; nil where a node is none, or meets what it met in the model.
  ///
  /// - Parameter candidate: The graph of the pair with the layer as it would be, unfitted, as a value of it.
  init?(_ index: Int, _ rewriter: ChannelRewriter, _ pair: ModelPair, _ candidate: (graph: Graph, value: Value)) {
    let model = pair.model
    guard let input = model.nodes[index].inputs.first ?? nil, let x = pair.changes[input] else { return nil }
    trunk = model.trunk(of: index, rewriter.flow.uses).map { (pair.copies[$0]!, pair.changes[$0]!) }
    if x == pair.copies[input], trunk.map({ $0.model == $0.pruned }) ?? true { return nil }
    node = candidate.graph[candidate.value]
    guard let parts = ConstantLayer.parts(of: node, in: candidate.graph) else { return nil }
    (self.parts, self.x, y) = (parts, x, pair.copies[Value(node: index)]!)
    positions = rewriter.positions(rewriter.flow.results[index][0])
  }

  /// The most weights of a channel, and channels, whose products are summed in pairs: 8 bytes for each pair.
  private static let maximumSize = 4096

  /// The operands of the node that are fitted, by their number there.
  ///
  /// - Parameter values: The values of the pair on calibration data.
  func fitted(_ pair: ModelPair, _ values: inout SampleValues) throws -> [Int: Tensor] {
    let (length, count) = (parts[0].length, parts[0].channelCount)
    guard length + count <= Self.maximumSize else { return [:] }
    let wanted = [x, y] + (trunk.map { [$0.model, $0.pruned] } ?? [])
    let samples = try values(wanted, of: pair.graph)
    var sums = parts.map { _ in GramStatistics(length: length + count, isChanged: false) }
    var chosen = SampledPlaces()
    let perSample = max(1, ModelPair.rowCount(length + count) / samples.count)
    for data in samples {
      let all = parts[0].rowCount(data[0].slice(0, of: parts.count).shape)
      let places = chosen.next(min(perSample, all), of: all)
      let targets = targets(data)
      for (index, part) in parts.enumerated() {
        let x = data[0].slice(index, of: parts.count)
        let rows = part.rows(of: x, at: places, targets: targets, first: index * count)
        sums[index].add(original: rows, changed: rows)
      }
    }
    var fits: [ConsumerFit] = []
    for index in parts.indices {
      sums[index].finish()
      guard let fit = ConsumerFit(parts[index], targets: sums[index]) else { return [:] }
      fits.append(fit)
    }
    return fits.operands(of: node, columnShape: parts[0].shape)
  }

  /// What the results should be, with channels last.
  private func targets(_ data: [Tensor]) -> LayerTargets {
    let y = data[1].selecting(positions)
    var reals: [Float] = y.elements()
    if data.count > 2 {
      let (model, pruned): ([Float], [Float]) = (data[2].selecting(positions).elements(), data[3].elements())
      for index in reals.indices { reals[index] += model[index] - pruned[index] }
    }
    let isConvolution = node.op is Conv
    return LayerTargets(
      elements: reals, channels: isConvolution ? y.shape[1] : y.shape.last!,
      inner: isConvolution ? y.shape.elementCount(of: 2..<y.shape.rank) : 1)
  }
}

/// What the results of a layer should be, [rows, channels, inner].
private struct LayerTargets {
  let elements: [Float]
  let channels: Int, inner: Int

  /// The results of some channels in a row of data, which counts places of results.
  func row(_ place: Int, _ own: Range<Int>) -> [Double] {
    let first = place / inner * channels * inner + place % inner
    return own.map { Double(elements[first + $0 * inner]) }
  }
}

extension ConstantLayer {
  /// The places in the order in which `rows` takes them: convolutions go from window to window.
  private func inOrderOfRows(_ places: [Int], _ x: Shape) -> [Int] {
    let windows = rowCount(x) / max(1, isConvolution ? x[0] : 1)
    return isConvolution ? places.sorted { ($0 % windows, $0) < ($1 % windows, $1) } : places
  }

  /// Rows of data with what the results of some channels should be behind them, and a 1.
  fileprivate func rows(of x: Tensor, at places: [Int], targets: LayerTargets, first: Int) -> [Double] {
    let (data, range) = (rows(of: x, at: places), first..<first + channelCount)
    let order = inOrderOfRows(places, x.shape)
    var result: [Double] = []
    result.reserveCapacity(places.count * (length + channelCount + 1))
    for (index, place) in order.enumerated() {
      result += data[index * (length + 1)..<index * (length + 1) + length]
      result += targets.row(place, range)
      result.append(1)
    }
    return result
  }

  /// The layers of one group that a layer consists of; nil where a node is none.
  fileprivate static func parts(of node: Node, in graph: Graph) -> [ConstantLayer]? {
    guard let conv = node.op as? Conv, conv.group > 1 else {
      return (try? ConstantLayer(node, in: graph)).flatMap { $0 }.map { [$0] }
    }
    guard let weights = graph.constant(node.inputs[1]), weights.element == .f32 else { return nil }
    let bias = node.inputs.count > 2 ? graph.constant(node.inputs[2]) : nil
    if node.inputs.count > 2, bias == nil { return nil }
    var (one, type) = (conv, graph.type(of: node.inputs[0]!))
    one.group = 1
    type.shape[1] /= conv.group
    let parts = (0..<conv.group).compactMap { group -> ConstantLayer? in
      var part = Graph(name: graph.name)
      guard let x = try? part.add(Input("x", type), name: nil) else { return nil }
      let tensors = [weights, bias].compactMap { $0?.slice(group, of: conv.group, along: 0) }
      guard let operands = try? tensors.map({ try part.add(Constant($0), name: nil) }),
        let value = try? part.add(one, [x] + operands, name: nil)
      else { return nil }
      return (try? ConstantLayer(part[value], in: part)).flatMap { $0 }
    }
    return parts.count == conv.group ? parts : nil
  }
}

extension Tensor {
  /// One of some equal parts along an axis.
  fileprivate func slice(_ index: Int, of count: Int, along axis: Int = 1) -> Tensor {
    if count == 1 { return self }
    let extent = shape[axis] / count
    return selecting(shape.indices.map { $0 == axis ? Array(index * extent..<(index + 1) * extent) : nil })
  }
}

extension Graph {
  /// What the result of a node is added to, if that is all that it is for, and the other is there before.
  fileprivate func trunk(of index: Int, _ uses: [Value: Int]) -> Value? {
    let value = Value(node: index)
    guard uses[value] == 1 else { return nil }
    for sum in nodes[index...] where sum.op is Add && sum.inputs.contains(value) {
      let other = sum.inputs[0] == value ? sum.inputs[1]! : sum.inputs[0]!
      return other.node < index && constant(other) == nil && type(of: other) == type(of: value) ? other : nil
    }
    return nil
  }
}
