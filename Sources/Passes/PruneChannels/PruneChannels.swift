import IR
import Targets

/// Removes channels of layers of which the results need little, so that layers become smaller.
///
///     %a = Conv(%x, %w, %b)     %w : f32[64x3x3x3]
///     %r = Relu(%a)
///     %y = Conv(%r, %v, %c)     %v : f32[10x64x1x1]
///   →
///     %a = Conv(%x, %w, %b)     %w : f32[48x3x3x3]
///     %r = Relu(%a)
///     %y = Conv(%r, %v, %c)     %v : f32[10x48x1x1], fitted
///
/// Channels that residual additions, depthwise convolutions, concatenations and the like bind together go together: each
/// group of them as DepGraph finds it (Fang et al. 2023). What the pass does not know holds channels where they are, and it
/// notes which node that is. With calibration data those channels go first that the layers that take them miss least when
/// their other weights make up for it (blocks of weights in Optimal Brain Surgeon), groups share what is to go by what fewer
/// channels of each were measured to do to the outputs, and afterwards the layers that take fewer channels are fitted by
/// least squares to what the model computes (He et al. 2017), one after the other. What the pass notes are channels and
/// products before and after, and the error that it measured beside that of as many channels removed at random.
let pruneChannels = Pass(
  "prune-channels", "Removes channels of layers of which the results need little.", preserves: .approximately,
  options: PruneChannelsOptions()
) { graph, options, context, notes in
  var pruning = try ChannelPruning(graph, options, context)
  return try pruning.run(notes: &notes)
}

/// The pass at work.
struct ChannelPruning {
  let model: Graph
  let options: PruneChannelsOptions
  let context: PassContext
  let found: ChannelGroups
  /// The groups of which channels may go.
  let groups: [ChannelGroup]
  /// Groups are left with a multiple of so many channels.
  let round: Int
  let allocation: ChannelAllocation
  let reconstruction: ChannelReconstruction
  let meter: OutputMeter?
  let statistics: LayerStatistics?
  /// For each group its channels, the one that is missed least first.
  let rankings: [ChannelRanking]

  init(_ model: Graph, _ options: PruneChannelsOptions, _ context: PassContext) throws {
    (self.model, self.options, self.context) = (model, options, context)
    found = try ChannelGroups(model)
    let flow = found.flow
    try found.checkLayerNames(options.layers + options.skip)
    let samples = context.calibration?.samples ?? []
    try Self.checkData(options, context.calibration)
    let round = options.round ?? context.target.panelWidth
    self.round = round
    groups = found.groups.filter { group in
      options.lets(group.producers.map { model.nodes[$0].layerName })
        && ChannelAllocation.choices(group, round: round).count > 1
    }
    allocation = ChannelAllocation(
      choices: groups.map { ChannelAllocation.choices($0, round: round) },
      products: ProductCounts(groups, flow))
    reconstruction = ChannelReconstruction(flow: flow, context: context)
    let hasWork = !samples.isEmpty && !groups.isEmpty
    meter = hasWork ? try OutputMeter(model, context.calibration!, context) : nil
    let consumers = Set(groups.flatMap(\.consumers)).sorted()
    statistics = hasWork ? try LayerStatistics(model, consumers, samples, context) : nil
    rankings = groups.map { [statistics] in ChannelRanking($0, flow, statistics, options.score) }
  }

  private static func checkData(_ options: PruneChannelsOptions, _ calibration: Calibration?) throws {
    let name = pruneChannels.name
    if options.accuracy != nil, calibration?.labels == nil {
      throw PassRefusal.needsCalibration("\(name): the option accuracy", withLabels: true)
    }
    guard calibration?.samples.isEmpty ?? true else { return }
    if options.hasBudget {
      throw PassRefusal.needsCalibration("\(name): a budget, which there is where neither macs nor channels is given,")
    }
    if options.score == .activation || options.score == .reconstruction {
      throw PassRefusal.needsCalibration("\(name): the score \(options.score.rawValue)")
    }
    if options.allocation == .measured { throw PassRefusal.needsCalibration("\(name): the allocation measured") }
  }

  /// Returns the model without some channels.
  mutating func run(notes: inout PassNotes) throws -> Graph {
    noteFixed(&notes)
    guard !groups.isEmpty else {
      notes.add("nothing is removed: there is no group of channels that could lose some", for: nil)
      return model
    }
    if options.macs != nil || options.channels != nil {
      return try finished(counts(macs: options.macs, curves()), &notes) ?? model
    }
    return try withinBudget(&notes)
  }

  /// The model without as much as the budget allows.
  private func withinBudget(_ notes: inout PassNotes) throws -> Graph {
    let curves = try curves()
    var (low, high) = (0, Self.shares.count)
    var (best, bestNotes) = (nil as Graph?, notes)
    while low < high {
      let middle = (low + high) / 2
      var attempt = notes
      if let graph = try finished(counts(macs: Self.shares[middle], curves), &attempt) {
        (best, bestNotes, low) = (graph, attempt, middle + 1)
      } else {
        if best == nil { bestNotes = attempt }
        high = middle
      }
    }
    notes = bestNotes
    return best ?? model
  }

  /// The shares of the products that are tried where a budget decides, in steps of a twentieth.
  private static let shares = (1...16).map { Double($0) / 20 }

  var usesCurves: Bool { meter != nil && options.allocation != .uniform && options.channels == nil }

  /// How many channels each group loses.
  private func counts(macs: Double?, _ curves: [[Double]]) -> [Int] {
    guard let macs else { return allocation.uniform(share: options.channels!, groups) }
    return usesCurves ? allocation.measured(macs: macs, curves) : allocation.uniform(macs: macs, groups)
  }
}
