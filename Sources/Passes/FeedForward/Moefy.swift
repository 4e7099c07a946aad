import IR
import Targets

/// Divides the neurons of feed-forward blocks into experts, of which each row of data uses some only.
///
///     %u = MatMul(%x, %w1)
///     %a = Add(%u, %b1)
///     %h = Relu(%a)
///     %y = MatMul(%h, %w2)
///   →
///     %s = MatMul(%x, %router)
///     %y = MixtureOfExperts(%x, %s, packed %w1, %b1, _, _, packed %w2, %b2) {experts: 16, active: 4, size: 32}
///
/// The same with gated forms, in which a third product is a factor. The weights of an expert lie side by side, and the
/// C computes nothing else of a row than the scores of experts and those with the greatest. What is left out adds its
/// mean, measured on calibration data, to the bias. A block stays as it is where it exceeds the budget, or would take
/// no less time. What the pass notes was measured on rows that no router was fitted to: the error of the block,
/// and how much of what all experts add to the result the chosen ones add, beside a choice that knew it. With `active:
/// 1` the block computes the same up to rounding.
///
/// Zhang et al., "MoEfication" (2022); shared experts and representative neurons from Pei et al., "CMoE" (2025).
let moefy = Pass(
  "moefy", "Divides the neurons of feed-forward blocks into experts, of which each row uses some only.",
  preserves: .approximately, options: MoefyOptions()
) { graph, options, context, notes in
  var work = Moefication(graph, options, context)
  return try work.run(notes: &notes)
}

/// The pass at work.
private struct Moefication: BlockwisePass {
  static let name = "moefy"
  let options: MoefyOptions
  let context: PassContext
  var pair: ModelPair
  private var productCounts = (before: 0, after: 0)

  init(_ model: Graph, _ options: MoefyOptions, _ context: PassContext) {
    (self.options, self.context, pair) = (options, context, ModelPair(model))
  }

  /// Returns the model with experts.
  mutating func run(notes: inout PassNotes) throws -> Graph {
    if !options.usesAll, context.calibration?.samples.isEmpty ?? true {
      throw PassRefusal.needsCalibration("moefy without active: 1")
    }
    let meter = try context.calibration.map { try OutputMeter(pair.model, $0, context) }
    let result = try changedModel(layers: options.layers, skip: options.skip, notes: &notes)
    guard productCounts.before > 0 else { return result }
    notes.add("products of blocks: \(productCounts.before) -> \(productCounts.after) a row", for: nil)
    if let meter { notes.add(try meter.measure(result).description, for: nil) }
    return result
  }

  mutating func change(_ block: FeedForwardBlock, notes: inout PassNotes) throws -> Value? {
    productCounts.before += block.productCount
    do {
      let search = try ExpertSearch(
        block, options, samples(of: block), rows: rowCount(block), on: context.target)
      let found = try search.best()
      productCounts.after += found.productCount
      notes.add(found.words, for: block.name)
      return try found.add(pair.changes[block.input]!, in: &pair.graph, rows: rowCount(block), target: context.target)
    } catch let unsuitable as ConstantLayer.Unsuitable {
      productCounts.after += block.productCount
      notes.add("left as it is: \(unsuitable.reason)", for: block.name)
      return nil
    }
  }
}
