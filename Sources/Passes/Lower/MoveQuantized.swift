import IR

/// Lets what only moves elements move quantized ones, and removes quantization of what has just been dequantized.
///
///     %d = DequantizeLinear(%x, %s, %z)
///     %t = Transpose(%d) {perm: [0, 3, 1, 2]}
///     %y = QuantizeLinear(%t, %s, %z)
///   →
///     %y = Transpose(%x) {perm: [0, 3, 1, 2]}
///
/// There must be one scale for all elements. The largest element of a window, too, is the same before and behind.
let moveQuantized = Pass(
  "move-quantized", "Lets what only moves elements move quantized ones.", preserves: .exactly,
  rules: [
    Rule(onAny: { node, rewriter in
      guard node.movesElements, !rewriter.usesFurtherResults,
        let (dequantize, source) = rewriter.dequantization(of: node.inputs[0])
      else { return nil }
      let moved = try rewriter.add(node.op, [source.inputs[0]] + node.inputs.dropFirst(), like: node)
      return [try rewriter.add(dequantize, [moved] + source.inputs.dropFirst(), like: node)]
    }),
    Rule(on: Concat.self) { concat, node, rewriter in
      let sources = node.inputs.compactMap { rewriter.dequantization(of: $0)?.node }
      guard sources.count == node.inputs.count, let first = sources.first,
        sources.allSatisfy({ rewriter.isQuantizedAlike($0, first) })
      else { return nil }
      let moved = try rewriter.add(concat, sources.map { $0.inputs[0] }, like: node)
      return try rewriter.add(DequantizeLinear(), [moved] + first.inputs.dropFirst(), like: node)
    },
    Rule(on: QuantizeLinear.self) { quantize, node, rewriter in
      guard let (_, source) = rewriter.dequantization(of: node.inputs[0]), rewriter.isQuantizedAlike(source, node),
        rewriter.graph.type(of: source.inputs[0]!) == node.types[0]
      else { return nil }
      return source.inputs[0]
    },
    Rule(on: QuantizeLinear.self) { quantize, node, rewriter in
      let mover = rewriter.graph[node.inputs[0]!]
      guard mover.movesElements, mover.types.count == 1, !(mover.op is any PoolingOperation),
        rewriter.isUsedOnce(node.inputs[0]!), rewriter.hasOneScale(node)
      else { return nil }
      let quantized = try rewriter.add(quantize, [mover.inputs[0]] + node.inputs.dropFirst(), like: node)
      return try rewriter.add(mover.op, [quantized] + mover.inputs.dropFirst(), like: node)
    },
  ])

extension Node {
  /// Whether the first result has nothing but elements of the first operand, chosen by their places or as the largest.
  fileprivate var movesElements: Bool {
    switch op {
    case is ClassLabels: false  // the header would lack the names
    case is any ReshapingOperation, is Transpose, is Slice, is MaxPool: true
    default: false
    }
  }
}

extension Rewriter {
  /// The node that dequantizes to `value`, if all elements have one scale, which is known.
  fileprivate func dequantization(of value: Value?) -> (op: DequantizeLinear, node: Node)? {
    guard let (op, node) = producer(of: value, as: DequantizeLinear.self), hasOneScale(node),
      [.i8, .u8, .i16, .u16, .i32].contains(graph.type(of: node.inputs[0]!).element)
    else { return nil }
    return (op, node)
  }

  /// Whether a node that quantizes or dequantizes has one known scale for all elements, such that no product with it is
  /// infinite or subnormal.
  fileprivate func hasOneScale(_ node: Node) -> Bool {
    guard let scale = constant(node.inputs[1]), scale.shape.rank <= 1, scale.type.elementCount == 1 else {
      return false
    }
    return (1e-30...1e30).contains(scale.reals[0])
  }

  /// Whether two nodes that quantize or dequantize have equal scales and zero points.
  fileprivate func isQuantizedAlike(_ a: Node, _ b: Node) -> Bool {
    func parameters(_ node: Node) -> [[Double]?] {
      [constant(node.inputs[1])?.reals, node.zeroPoint == nil ? [0] : constant(node.zeroPoint)?.reals]
    }
    let (first, second) = (parameters(a), parameters(b))
    return hasOneScale(a) && first == second && !first.contains(nil)
  }
}
