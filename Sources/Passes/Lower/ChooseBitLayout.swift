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
  preserves: .exactly, rules: rules(for: .generic))

extension Pass {
  /// The pass choose-bit-layout by the numbers of a target.
  static func choosingBitLayout(for target: Target) -> Pass {
    Pass(chooseBitLayout.name, chooseBitLayout.summary, preserves: .exactly, rules: rules(for: target))
  }
}

private func rules(for target: Target) -> [Rule] {
  [
    Rule(on: BinaryConv2D.self) { layer, node, rewriter in
      guard let estimate = try rewriter.estimate(layer, node, target) else { return nil }
      rewriter.note(estimate.description, for: node)
      return estimate.planes < estimate.words ? try rewriter.onPlanes(layer, node, lanes: target.laneBits) : nil
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

/// What a layer is expected to cost in both layouts, in instructions.
private struct BitEstimate: CustomStringConvertible {
  let words: Double
  let planes: Double

  var description: String {
    func thousands(_ count: Double) -> String { "\(Int((count / 1000).rounded(.up)))" }
    return "counting words would take \(thousands(words)) thousand instructions, adding planes \(thousands(planes)); "
      + (planes < words ? "planes" : "words")
  }
}

extension Rewriter {
  /// What a layer costs, if it could be computed on planes.
  fileprivate func estimate(_ layer: BinaryConv2D, _ node: Node, _ target: Target) throws -> BitEstimate? {
    let (x, costs) = (graph.type(of: node.inputs[0]!).shape, target.bitCosts)
    let window = try layer.window(x)
    guard node.inputs.count > 2, layer.group == 1, window.axes.allSatisfy({ $0.stride == 1 }),
      layer.padding != 0 || !layer.pads.contains(where: { $0 > 0 }), x[0] > 0, let weights = constant(node.inputs[1]),
      zip(window.outputShape, x[1..<3]).allSatisfy({ $0 <= $1 })
    else { return nil }
    let panels = layer.panels(x)
    let (channels, inputs) = (Double(layer.outputChannels), Double(panels.inputs))
    let pooled = try layer.poolWindow(window).map { $0.outputCount * $0.tapCount }
    let pixels = Double(pooled ?? window.outputCount)
    let wordsInRow = Double(panels.wordsInRow)
    let words = pixels * (wordsInRow * costs.copy + channels * (wordsInRow * costs.word + costs.sum))
    // The rows of an image lie without gaps, so lanes go from the first pixel of the result to the last.
    let lanes = (window.outputShape[0] - 1) * x[2] + window.outputShape[1]
    let chunks = Double((lanes + target.laneBits - 1) / target.laneBits)
    let groups = (chunks / Double(PlaneConv2D.chunksAtOnce(lanes: target.laneBits))).rounded(.up)
    let planes =
      chunks * (inputs * costs.shift + channels * costs.planeSum + Double(panels.addedCount(weights)) * costs.plane)
      + groups * channels * inputs * costs.list
    func squares(_ rows: Int, _ columns: Int) -> Double {
      Double(Shape.wordCount(ofBits: rows) * Shape.wordCount(ofBits: columns)) * costs.transpose
    }
    let result = node.types[0].shape
    let transpositions = squares(x[1] * x[2], x[3]) + squares(result[1] * result[2], result[3])
    return BitEstimate(words: Double(x[0]) * words, planes: Double(x[0]) * (planes + transpositions))
  }

  /// Adds the layer on planes, between transpositions.
  fileprivate mutating func onPlanes(_ layer: BinaryConv2D, _ node: Node, lanes: Int) throws -> Value {
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
    let result = try add(op, [planes, packed] + node.inputs.dropFirst(2), like: node)
    return try reshape(try add(TransposeBits(), [result], like: node), to: y, like: node)
  }
}
