import IR

/// Lets a convolution or an average pool add the zeros around its input itself.
///
///     %p = Pad(%x, [0, 0, 1, 1, 0, 0, 1, 1])
///     %c = Conv(%p, %w)
///   →
///     %c = Conv(%x, %w) {pads: [1, 1, 1, 1]}
let fusePad = Pass(
  "fuse-pad", "Lets a convolution or an average pool add the zeros around its input itself.", preserves: .exactly,
  rules: [
    Rule(on: Conv.self) { conv, node, rewriter in
      guard conv.autoPad == .notSet, let (input, pads) = try rewriter.spatialPads(node.inputs[0]) else { return nil }
      var conv = conv
      conv.pads = sum(conv.pads, pads)
      return try rewriter.add(conv, [input] + node.inputs.dropFirst(), like: node)
    },
    Rule(on: AveragePool.self) { pool, node, rewriter in
      // Only where the pool itself adds nothing, or counts what it adds, is the mean the same.
      guard pool.autoPad == .notSet, !pool.ceilMode, pool.countIncludePad || pool.pads.allSatisfy({ $0 == 0 }),
        let (input, pads) = try rewriter.spatialPads(node.inputs[0])
      else { return nil }
      var pool = pool
      pool.pads = sum(pool.pads, pads)
      pool.countIncludePad = true
      let window = try pool.window(rewriter.graph.type(of: input).shape)
      guard window.axes.allSatisfy({ $0.padBegin < $0.kernel && $0.padEnd < $0.kernel }) else { return nil }
      return try rewriter.add(pool, [input], like: node)
    },
  ])

private func sum(_ a: [Int], _ b: [Int]) -> [Int] { a.isEmpty ? b : zip(a, b).map { $0 + $1 } }

extension Rewriter {
  /// What `value` is padded from, and by how many zeros along the spatial axes, if it is padded like that.
  fileprivate func spatialPads(_ value: Value?) throws -> (Value, [Int])? {
    guard let (pad, node) = onlyUse(of: value, as: Pad.self), pad.mode == .constant, let input = node.inputs[0] else {
      return nil
    }
    if node.inputs.count > 2, let number = node.inputs[2], constant(number)?.reals != [0] { return nil }
    let pads = try pad.pads(graph.operands(of: node))
    guard pads.count >= 3, pads[..<2].allSatisfy({ $0.before == 0 && $0.after == 0 }),
      pads.allSatisfy({ $0.before >= 0 && $0.after >= 0 })
    else { return nil }
    return (input, pads[2...].map(\.before) + pads[2...].map(\.after))
  }
}
