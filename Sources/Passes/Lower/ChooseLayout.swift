import IR
import Targets

/// Computes convolutions and pools on data whose last axis is the channels, which kernels read in the order of memory.
///
///     %c = Conv(%x, %w, %b)
///   →
///     %t = Transpose(%x) {perm: [0, 2, 3, 1]}
///     %n = Conv2D(%t, packed %w, %b)
///     %c = Transpose(%n) {perm: [0, 3, 1, 2]}
///
/// Data with one spatial axis get another of extent 1. What push-transposes cannot cancel remains at the edges.
let chooseLayout = Pass(
  "choose-layout", "Computes convolutions and pools on data whose last axis is the channels.", preserves: .upToRounding,
  rulesFor: { target in
    [
      Rule(on: Conv.self) { conv, node, rewriter in
        guard let shape = rewriter.channelsLastShape(node), let weights = rewriter.constant(node.inputs[1]) else {
          return nil
        }
        guard node.inputs.count < 3 || node.inputs[2] == nil || rewriter.constant(node.inputs[2]) != nil else {
          return nil
        }
        let window = try conv.window(shape, weights.shape).padded
        let square = weights.reshaped(to: Shape(weights.shape[..<2] + window.kernel))
        let input = try rewriter.channelsLast(node.inputs[0]!, like: node)
        let result: Value
        if conv.group == shape[1], weights.shape[0] == conv.group {
          var op = DepthwiseConv2D()
          (op.kernelShape, op.strides, op.dilations, op.pads) = (
            window.kernel, window.strides, window.dilations, window.pads
          )
          let packed = try rewriter.add(
            constant: DepthwiseConv2D.pack(square), like: node, name: rewriter.graph.name(of: node.inputs[1]!))
          result = try rewriter.add(op, [input, packed] + node.inputs.dropFirst(2), like: node)
        } else {
          var op = Conv2D()
          (op.kernelShape, op.strides, op.dilations, op.pads) = (
            window.kernel, window.strides, window.dilations, window.pads
          )
          (op.outputChannels, op.group, op.panel) = (weights.shape[0], conv.group, target.panelWidth)
          let packed = try rewriter.add(
            constant: Conv2D.pack(square, group: conv.group, panel: target.panelWidth), like: node,
            name: rewriter.graph.name(of: node.inputs[1]!))
          result = try rewriter.add(op, [input, packed] + node.inputs.dropFirst(2), like: node)
        }
        return try rewriter.channelsFirst(result, node.types[0].shape, like: node)
      },
      Rule(on: MaxPool.self) { pool, node, rewriter in
        guard !rewriter.usesFurtherResults,
          let shape = rewriter.channelsLastShape(node, of: [.f32, .f64, .i8, .u8])
        else { return nil }
        return try rewriter.pool(try pool.window(shape), .max, countIncludePad: false, node)
      },
      Rule(on: AveragePool.self) { pool, node, rewriter in
        guard let shape = rewriter.channelsLastShape(node) else { return nil }
        return try rewriter.pool(try pool.window(shape), .average, countIncludePad: pool.countIncludePad, node)
      },
      Rule(on: GlobalAveragePool.self) { _, node, rewriter in try rewriter.globalPool(node, .average) },
      Rule(on: GlobalMaxPool.self) { _, node, rewriter in try rewriter.globalPool(node, .max) },
    ]
  })

/// The geometry of a window as the attributes of operations on NHWC data have it.
struct WindowAttributes {
  var kernel, strides, dilations, pads, output: [Int]
}

extension Window {
  /// The geometry for two spatial axes; where there is one, a first of extent 1 is added.
  var padded: WindowAttributes {
    let axes = (axes.count == 1 ? [WindowAxis.single] : []) + axes
    return WindowAttributes(
      kernel: axes.map(\.kernel), strides: axes.map(\.stride), dilations: axes.map(\.dilation),
      pads: axes.map(\.padBegin) + axes.map(\.padEnd), output: axes.map(\.output))
  }
}

extension Pool2D {
  /// Creates a pool whose windows move as the attributes say.
  init(_ kind: PoolKind, _ window: WindowAttributes, countIncludePad: Bool) {
    self.init()
    self.kind = kind
    (kernelShape, strides, dilations) = (window.kernel, window.strides, window.dilations)
    (pads, outputShape, self.countIncludePad) = (window.pads, window.output, countIncludePad)
  }
}

extension Rewriter {
  /// The shape of the first operand, if kernels on NHWC data take it and elements of its type.
  fileprivate func channelsLastShape(_ node: Node, of elements: [ElementType] = [.f32, .f64]) -> Shape? {
    let type = node.inputs[0].map(graph.type(of:))!
    return (3...4).contains(type.shape.rank) && elements.contains(type.element) ? type.shape : nil
  }

  /// Adds the change from [N, C, H, W] or [N, C, W] to [N, H, W, C].
  mutating func channelsLast(_ value: Value, like node: Node) throws -> Value {
    let shape = graph.type(of: value).shape
    let perm = shape.rank == 3 ? [0, 2, 1] : [0, 2, 3, 1]
    let moved = try add(Transpose(perm), [value], like: node)
    return try reshape(
      moved, to: Shape([shape[0]] + (shape.rank == 3 ? [1] : []) + shape[2...] + [shape[1]]), like: node)
  }

  /// Adds the change from [N, H, W, C] to `shape`, which is [N, C, H, W] or [N, C, W].
  mutating func channelsFirst(_ value: Value, _ shape: Shape, like node: Node) throws -> Value {
    let flat = try reshape(value, to: Shape([shape[0]] + shape[2...] + [shape[1]]), like: node)
    return try add(Transpose(shape.rank == 3 ? [0, 2, 1] : [0, 3, 1, 2]), [flat], like: node)
  }

  fileprivate mutating func pool(_ window: Window, _ kind: PoolKind, countIncludePad: Bool, _ node: Node) throws
    -> Value
  {
    let op = Pool2D(kind, window.padded, countIncludePad: countIncludePad)
    let result = try add(op, [try channelsLast(node.inputs[0]!, like: node)], like: node)
    return try channelsFirst(result, node.types[0].shape, like: node)
  }

  fileprivate mutating func globalPool(_ node: Node, _ kind: PoolKind) throws -> Value? {
    guard let shape = channelsLastShape(node) else { return nil }
    return try pool(try Window(input: shape[2...], kernel: Array(shape[2...])), kind, countIncludePad: false, node)
  }
}
