import IR
import Targets

/// Stores the weights of layers without their zeros, and multiplies with nothing else, where that pays.
///
///     %y = Conv2D(%x, packed %w, %b) {output_channels: 16, kernel_shape: [3, 3], panel: 8}
///   →
///     %y = SparseConv2D(%x, %w_values, %w_places, %b) {output_channels: 16, kernel_shape: [3, 3], band: 8}
///
/// The same for Dense, which becomes SparseDense. Places are bits or gaps, whichever take less. Layers become sparse that are
/// expected to be smaller and faster then, by the numbers of the target; with `objective: flash`, which `--optimize size`
/// asks for, all that are smaller. What was expected of layers with many zeros is noted. Left dense are layers in groups, and
/// those of processors that compute in fixed point. A layer that pools its results leaves that to a pool behind it.
let chooseSparse = Pass(
  "choose-sparse", "Stores the weights of layers without their zeros, where that pays.", preserves: .upToRounding,
  options: ChooseSparseOptions()
) { graph, options, context, notes in
  let target = context.target
  // These get weights in fixed point.
  guard target.floats == .inHardware || target.pointerBits < 32 else { return graph }
  return try graph.rewritten(
    by: [
      Rule(on: Conv2D.self) { try $2.sparse($0, $1, options.objective, target) },
      Rule(on: Dense.self) { try $2.sparse($0, $1, options.objective, target) },
    ], notes: &notes)
}

/// The same where size matters most.
let chooseSparseForFlash = try! chooseSparse.with(options: "objective: flash")

/// The options of the pass choose-sparse.
struct ChooseSparseOptions: PassOptions {
  /// What a layer becomes sparse for.
  enum Objective: String, CaseIterable, Codable, Sendable {
    /// To be faster, and not larger.
    case time
    /// To be smaller.
    case flash
  }

  /// What a layer becomes sparse for.
  var objective = Objective.time

  static let summaries = ["objective": "what a layer becomes sparse for: time, and less flash, or flash alone"]

  func validate() {}
}

/// A layer with weights of which some are zero.
private struct SparseLayer {
  /// The weights: a row for each channel of the result, in which the taps of a channel of the data lie side by side.
  let weights: SparseMatrix
  /// The shape of the data.
  let x: Shape
  private let inputs: [Value?]
  private let name: String?

  /// The layer that a node is; nil where no weight is zero, or all are, or weights are not f32 and known.
  init?(_ layer: some PanelledLayer, _ node: Node, in graph: Graph) throws {
    guard let packed = graph.constant(node.inputs[1]), packed.element == .f32 else { return nil }
    x = graph.type(of: node.inputs[0]!).shape
    let (rows, columns) = (layer.channelCount(x), layer.productCount(x))
    let taps = columns / x.last!
    // From [taps, Ci, Co], which is one panel, to [Co, Ci, taps].
    let byTap: [Float] = layer.repacked(packed, panel: rows, x).weights.elements()
    let order = Shape([rows, x.last!, taps]).offsets(strides: [1, rows, rows * x.last!])
    weights = SparseMatrix(order.map { byTap[$0] }, rows: rows, columns: columns)
    guard !weights.values.isEmpty, weights.values.count < rows * columns else { return nil }
    let byChannel: [Float] = Panels.unpack(packed.elements(), layer.placesByChannel(x))
    byteCount = ScaledIntegers(byChannel, length: columns)?.byteCount ?? 4 * rows * columns
    (inputs, name) = (node.inputs, graph.name(of: node.inputs[1]!))
  }

  /// The bytes of all weights: as integers, where they can be, else as floats.
  let byteCount: Int

  /// The share of zeros.
  var sparsity: Double { 1 - Double(weights.values.count) / Double(weights.rows * weights.columns) }

  /// Adds values and places; the operands of the sparse layer.
  func operands(_ rewriter: inout Rewriter, _ node: Node) throws -> [Value?] {
    let values = try rewriter.add(constant: weights.valueTensor, like: node, name: name)
    let places = try rewriter.add(constant: weights.smallestPlaces, like: node, name: name.map { $0 + "_places" })
    let bias = inputs.count > 2 ? inputs[2] : nil
    return [inputs[0], values, places, bias] + (inputs.count > 4 ? [inputs[4]] : [])
  }
}

extension Rewriter {
  /// The convolution without the zeros among its weights; nil where that does not pay.
  fileprivate mutating func sparse(
    _ conv: Conv2D, _ node: Node, _ objective: ChooseSparseOptions.Objective, _ target: Target
  ) throws -> Value? {
    guard conv.group == 1, let layer = try SparseLayer(conv, node, in: graph) else { return nil }
    let window = try conv.window(layer.x)
    let costs = SparseLayerCosts(
      layer.weights, axes: window.axes, images: layer.x[0], channels: layer.x[3], on: target
    ).beside(try WinogradCosts(of: conv, layer.x, on: target))
    guard prefersSparse(layer, costs, objective, target, node) else { return nil }
    var op = SparseConv2D()
    (op.outputChannels, op.kernelShape, op.band) = (conv.outputChannels, conv.kernelShape, costs.band)
    (op.strides, op.dilations, op.pads) = (conv.strides, conv.dilations, conv.pads)
    (op.activation, op.alpha, op.beta) = (conv.activation, conv.alpha, conv.beta)
    let result = try add(op, layer.operands(&self, node), like: node)
    guard let pooled = try conv.poolWindow(window) else { return result }
    return try add(Pool2D(conv.pool, pooled.padded, countIncludePad: false), [result], like: node)
  }

  /// The product without the zeros of its matrix; nil where that does not pay.
  fileprivate mutating func sparse(
    _ dense: Dense, _ node: Node, _ objective: ChooseSparseOptions.Objective, _ target: Target
  ) throws -> Value? {
    guard let layer = try SparseLayer(dense, node, in: graph) else { return nil }
    let costs = SparseLayerCosts(layer.weights, rows: dense.imageCount(layer.x), on: target)
    guard prefersSparse(layer, costs, objective, target, node) else { return nil }
    var op = SparseDense()
    op.outputFeatures = dense.outputFeatures
    (op.activation, op.alpha, op.beta) = (dense.activation, dense.alpha, dense.beta)
    return try add(op, layer.operands(&self, node), like: node)
  }

  /// Whether a layer is to become sparse. Says so of one with many zeros.
  private mutating func prefersSparse(
    _ layer: SparseLayer, _ costs: SparseLayerCosts, _ objective: ChooseSparseOptions.Objective, _ target: Target,
    _ node: Node
  ) -> Bool {
    let isSmaller = layer.weights.byteCount < layer.byteCount
    let isChosen = isSmaller && (objective == .flash || costs.sparse < costs.dense)
    if layer.sparsity > 0.2 {
      note(
        "\(Int((100 * layer.sparsity).rounded())) % of the weights are zero: dense would take "
          + "\(costs.dense.thousands) \(target.sparseCosts.unit) and \(layer.byteCount) bytes, sparse \(costs.sparse.thousands) and "
          + "\(layer.weights.byteCount); \(isChosen ? "sparse" : "dense")", for: node)
    }
    return isChosen
  }
}
