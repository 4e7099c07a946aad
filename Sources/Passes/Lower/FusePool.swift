import IR

/// Lets a convolution pool its results before they are stored, where windows do not overlap.
///
///     %c = Conv2D(%x, %w) : f32[1x28x28x8]
///     %p = Pool2D(%c) {kind: max, kernel_shape: [2, 2], strides: [2, 2], output_shape: [14, 14]}
///   →
///     %p = Conv2D(%x, %w) {pool: max, pool_shape: [2, 2], pool_strides: [2, 2]} : f32[1x14x14x8]
let fusePool = Pass(
  "fuse-pool", "Lets a convolution pool its results before they are stored.", preserves: .upToRounding,
  rules: [
    Rule(on: Pool2D.self) { pool, node, rewriter in
      let window = try pool.window(rewriter.graph.type(of: node.inputs[0]!).shape)
      guard window.isInsideWithoutOverlap else { return nil }
      let producer = rewriter.graph[node.inputs[0]!]
      guard rewriter.isUsedOnce(node.inputs[0]!), let conv = producer.op as? any FusedConvolution, conv.pool == .none,
        producer.inputs.count < 5
      else { return nil }
      return try rewriter.add(conv.pooled(by: pool), producer.inputs, like: node)
    }
  ])

extension Window {
  /// Whether windows can be reduced as soon as they are computed: one that overlaps another would compute its pixels twice;
  /// one beyond the data has fewer.
  var isInsideWithoutOverlap: Bool {
    axes.allSatisfy { axis in
      (axis.stride >= axis.kernel || axis.output == 1) && axis.dilation == 1 && axis.padBegin == 0
        && (axis.output - 1) * axis.stride + axis.kernel <= axis.input
    }
  }
}

extension FusedConvolution {
  fileprivate func pooled(by pool: Pool2D) -> any Operation {
    var copy = self
    (copy.pool, copy.poolShape) = (pool.kind, pool.kernelShape)
    // A single window may have any stride.
    copy.poolStrides = zip(pool.strides, pool.kernelShape).map(max)
    return copy
  }
}
