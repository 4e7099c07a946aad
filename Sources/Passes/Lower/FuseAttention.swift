import IR

/// Fuses the operations of an attention, so that its scores, as many as queries times keys, are not stored.
///
///     %s = MatMul(%q, %k)
///     %m = Add(Mul(%s, 0.125), %mask)
///     %p = Softmax(%m)
///     %y = MatMul(%p, %v)
///   →
///     %y = ScaledDotProductAttention(%q, %k, %v, %mask) {scale: 0.125}
let fuseAttention = Pass(
  "fuse-attention", "Fuses the operations of an attention, so that its scores are not stored.",
  preserves: .upToRounding,
  rules: [
    Rule(on: MatMul.self) { _, node, rewriter in
      guard let (softmax, weights) = rewriter.onlyUse(of: node.inputs[0], as: Softmax.self),
        node.types[0].element == .f32 || node.types[0].element == .f64
      else { return nil }
      let shape = weights.types[0].shape
      guard shape.rank >= 2, try shape.axis(softmax.axis) == shape.rank - 1 else { return nil }
      guard let scores = rewriter.scores(weights.inputs[0]!), rewriter.graph.type(of: node.inputs[1]!).shape.rank >= 2,
        scores.product.inputs.allSatisfy({ rewriter.graph.type(of: $0!).shape.rank >= 2 }),
        node.types[0].element == .f32 || Double(Float(scores.scale)) == scores.scale
      else { return nil }
      var op = ScaledDotProductAttention()
      op.scale = Float(scores.scale)
      return try rewriter.add(op, scores.product.inputs + [node.inputs[1], scores.mask], like: node)
    }
  ])

extension Rewriter {
  /// The product of queries and keys of which `value` is a multiple plus a mask.
  fileprivate func scores(_ value: Value) -> (product: Node, scale: Double, mask: Value?)? {
    if let (product, scale) = scaledProduct(value) { return (product, scale, nil) }
    guard let (_, sum) = onlyUse(of: value, as: Add.self) else { return nil }
    for (scores, mask) in [(sum.inputs[0]!, sum.inputs[1]!), (sum.inputs[1]!, sum.inputs[0]!)] {
      guard graph.type(of: scores) == sum.types[0], let (product, scale) = scaledProduct(scores) else { continue }
      return (product, scale, mask)
    }
    return nil
  }

  /// The product of matrices of which `value` is a multiple, and the factor.
  private func scaledProduct(_ value: Value) -> (Node, Double)? {
    guard isUsedOnce(value) else { return nil }
    let node = graph[value]
    switch node.op {
    case is MatMul: return (node, 1)
    case is Mul, is Div:
      let places = node.op is Mul ? [(0, 1), (1, 0)] : [(0, 1)]
      for (factors, number) in places {
        guard let factor = scalar(node.inputs[number]),
          let (_, product) = onlyUse(of: node.inputs[factors], as: MatMul.self),
          product.types[0] == node.types[0], factor != 0
        else { continue }
        return (product, node.op is Mul ? factor : 1 / factor)
      }
      return nil
    default: return nil
    }
  }
}
