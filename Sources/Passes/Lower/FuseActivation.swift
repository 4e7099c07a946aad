import IR

/// Lets the layer before an activation apply it to each result before it is stored.
///
///     %c = Conv2D(%x, %w, %b)
///     %r = Relu(%c)
///   →
///     %r = Conv2D(%x, %w, %b) {activation: relu}
let fuseActivation = Pass(
  "fuse-activation", "Lets the layer before an activation apply it to each result.", preserves: .upToRounding,
  rules: [
    Rule(onAny: { node, rewriter in
      guard let input = node.inputs.first ?? nil, let function = rewriter.activation(of: node) else { return nil }
      let producer = rewriter.graph[input]
      guard rewriter.isUsedOnce(input), let layer = producer.op as? any ActivatingOperation, layer.activation == .none
      else { return nil }
      if let layer = layer as? any FusedConvolution, layer.pool != .none { return nil }  // the pool comes last
      return [try rewriter.add(layer.activated(by: function), producer.inputs, like: node)]
    })
  ])

extension ActivatingOperation {
  fileprivate func activated(by function: (Activation, alpha: Float, beta: Float)) -> any Operation {
    var copy = self
    (copy.activation, copy.alpha, copy.beta) = function
    return copy
  }
}

extension Rewriter {
  /// The activation that a node is, with its parameters.
  fileprivate func activation(of node: Node) -> (Activation, alpha: Float, beta: Float)? {
    guard node.op is Clip else { return node.op.kernelActivation }
    // Bounds that are left out are the least and the greatest finite number.
    var bounds: [Float] = [-.greatestFiniteMagnitude, .greatestFiniteMagnitude]
    for index in 1..<3 where index < node.inputs.count && node.inputs[index] != nil {
      guard let bound = constant(node.inputs[index])?.reals.first else { return nil }
      bounds[index - 1] = Float(bound)
    }
    return bounds[0] <= bounds[1] ? (.clip, bounds[0], bounds[1]) : nil
  }
}

extension Operation {
  /// The activation of kernels that the operation is, with its parameters, where those are all attributes.
  var kernelActivation: (Activation, alpha: Float, beta: Float)? {
    switch self {
    case is Relu: (.relu, 0, 0)
    case let op as LeakyRelu: (.leakyRelu, op.alpha, 0)
    case is Sigmoid: (.sigmoid, 0, 0)
    case is Tanh: (.tanh, 0, 0)
    case let op as HardSigmoid: (.hardSigmoid, op.alpha, op.beta)
    case is HardSwish: (.hardSwish, 0, 0)
    case let op as Gelu: op.approximate == .none ? (.gelu, 0, 0) : nil
    case let op as Swish: op.alpha == 1 ? (.silu, 0, 0) : nil
    default: nil
    }
  }
}
