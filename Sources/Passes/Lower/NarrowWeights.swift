import IR
import Targets

/// Stores weights as integers of 8 or 4 bits that are such integers times a scale, a quarter or an eighth of their bytes.
///
///     %y = Dense(%x, packed %w, %b) {output_features: 10, panel: 8}
///   →
///     %y = WideningDense(%x, integers of %w, scales of %w, %b) {output_features: 10, panel: 8, span: 8}
///
/// The same for Conv2D, and for rows that Gather takes out of a table, which become floats behind it. Whether the weights of a
/// channel have a scale in common shows in themselves: networks have such weights that were trained for it, or that were
/// exported in integers, or that quantize-weights has made. They are floats while a layer computes with them, so it computes
/// the same. Where the smallest form has one scale for each so many products of a channel, that is taken.
let narrowWeights = Pass(
  "narrow-weights", "Stores weights as integers of 8 or 4 bits that are such integers times a scale.",
  preserves: .upToRounding,
  rulesFor: { target in
    [
      Rule(on: Conv2D.self) { conv, node, rewriter in
        try rewriter.narrowed(conv, node, WideningConv2D(conv, span: span(conv, target)))
      },
      Rule(on: Dense.self) { dense, node, rewriter in
        try rewriter.narrowed(dense, node, WideningDense(dense, span: span(dense, target)))
      },
      Rule(on: Gather.self) { gather, node, rewriter in try rewriter.narrowed(gather, node) },
    ]
  })

/// The weights of how many channels are floats at a time: kernels for processors of 64 bits compute up to three panels at once.
private func span(_ layer: some PanelledLayer, _ target: Target) -> Int {
  target.pointerBits == 64 ? 3 * layer.panel : layer.panel
}

extension Rewriter {
  /// The layer with weights in integers; nil where they are none.
  fileprivate mutating func narrowed(
    _ layer: some PanelledLayer, _ node: Node, _ op: some WideningLayer
  ) throws -> Value? {
    let (x, isFloat) = (graph.type(of: node.inputs[0]!).shape, node.inputs.count < 4 || node.inputs[3] == nil)
    guard isFloat, let packed = constant(node.inputs[1]), packed.element == .f32 else { return nil }
    let all: [Float] = packed.elements()
    // A few weights tell that a layer has none: most models have no other layers.
    guard ScaledIntegers.canStore(layer.firstChannel(all, x, most: 16)) else { return nil }
    let places = layer.placesByChannel(x)
    let weights = Panels.unpack(all, places)
    guard let found = ScaledIntegers(weights, length: layer.productCount(x)) else { return nil }
    let name = graph.name(of: node.inputs[1]!)
    let integers = try add(
      constant: found.integers(weights, order: places, shape: packed.shape), like: node, name: name)
    let scales = try add(constant: found.scaleTensor, like: node, name: name.map { $0 + "_scales" })
    let others = [2, 4].map { $0 < node.inputs.count ? node.inputs[$0] : nil }
    return try add(op, [node.inputs[0], integers, scales] + others, like: node)
  }

  /// Rows of a table that become floats once they are taken; nil where they are no integers times a scale for each row.
  ///
  ///     %y = Gather(%table, %i)
  ///   →
  ///     %r = Gather(integers of %table, %i)
  ///     %s = Gather(scales of %table, %i)
  ///     %f = Cast(%r) {to: f32}
  ///     %y = Mul(%f, %s)
  fileprivate mutating func narrowed(_ gather: Gather, _ node: Node) throws -> Value? {
    guard gather.axis == 0, let table = constant(node.inputs[0]), table.element == .f32, table.shape.rank == 2,
      let found = ScaledIntegers(table.elements(), length: table.shape[1]), found.parts == 1
    else { return nil }
    let (name, indices) = (graph.name(of: node.inputs[0]!), node.inputs[1])
    // A byte for each: elements that share one would be taken apart first.
    let integers = found.integers(table.elements(), order: 0..<table.type.elementCount, shape: table.shape)
    let rows = try add(
      constant: Tensor(TensorType(.i8, table.shape), integers: integers.integers), like: node, name: name)
    let scales = try add(
      constant: found.scaleTensor.reshaped(to: [table.shape[0], 1]), like: node, name: name.map { $0 + "_scales" })
    let floats = try add(Cast(to: .f32), [add(gather, [rows, indices], like: node)], like: node)
    return try add(Mul(), [floats, add(gather, [scales, indices], like: node)], like: node)
  }
}
