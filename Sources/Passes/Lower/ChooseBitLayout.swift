import IR
import Targets

/// Computes those convolutions of bits on planes, a bit of many pixels in a word, for which that takes fewer instructions.
///
///     %y = BinaryConv2D(%x, packed %w, %threshold)
///   →
///     %p = TransposeBits(%x)
///     %c = PlaneConv2D(%p, %w, %threshold)
///     %y = TransposeBits(%c)
///
/// Transpositions between two such layers vanish. What both ways cost follows from the numbers of the target; each choice is
/// noted. Convolutions with strides, with groups, or with padding that is neither +1 nor -1 stay as they are.
let chooseBitLayout = Pass(
  "choose-bit-layout", "Computes those convolutions of bits on planes for which that takes fewer instructions.",
  preserves: .exactly
) { (target: Target) in
  [
    Rule(on: BinaryConv2D.self) { layer, node, rewriter in
      guard let costs = try BitLayerCosts(of: layer, node, in: rewriter.graph, on: target) else { return nil }
      rewriter.note(
        "counting words would take \(costs.words.thousands) instructions, adding planes \(costs.planes.thousands); "
          + (costs.planes < costs.words ? "planes" : "words"), for: node)
      return costs.planes < costs.words ? try rewriter.onPlanes(layer, node, lanes: target.laneBits) : nil
    },
    Rule(on: TransposeBits.self) { _, node, rewriter in
      var value = node.inputs[0]!
      while let (_, producer) = rewriter.producer(of: value, as: Reshape.self) { value = producer.inputs[0]! }
      guard let (_, producer) = rewriter.producer(of: value, as: TransposeBits.self),
        producer.types[0].shape == rewriter.graph.type(of: node.inputs[0]!).shape
      else { return nil }
      return producer.inputs[0]!
    },
  ]
}

extension Rewriter {
  /// Adds the layer on planes, between transpositions.
  ///
  /// - Parameter tree: The order in which channels are computed from each other, if there is one.
  mutating func onPlanes(_ layer: BinaryConv2D, _ node: Node, lanes: Int, tree: ChannelTree? = nil) throws -> Value {
    let (x, y) = (graph.type(of: node.inputs[0]!).shape, node.types[0].shape)
    var op = PlaneConv2D()
    (op.imageShape, op.outputChannels, op.lanes) = (Array(x[1..<3]), layer.outputChannels, lanes)
    (op.kernelShape, op.dilations) = (layer.kernelShape, layer.dilations)
    (op.pads, op.padding) = (layer.pads, layer.padding)
    (op.poolShape, op.poolStrides) = (layer.poolShape, layer.poolStrides)
    let weights = layer.panels(x).repacked(constant(node.inputs[1])!, width: PlaneConv2D.panel)
    let rows = try reshape(node.inputs[0]!, to: [x[0], x[1] * x[2], x[3]], like: node)
    let planes = try add(TransposeBits(), [rows], like: node)
    let packed = try add(constant: weights, like: node, name: graph.name(of: node.inputs[1]!))
    var operands = [planes, packed] + node.inputs.dropFirst(2)
    if let tree {
      if operands.count == 3 { operands.append(nil) }
      operands.append(try add(constant: tree.tensor, like: node))
    }
    let result = try add(op, operands, like: node)
    return try reshape(try add(TransposeBits(), [result], like: node), to: y, like: node)
  }
}
