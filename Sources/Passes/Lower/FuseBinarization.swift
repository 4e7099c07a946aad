import IR

/// Lets a convolution of numbers make bits of its results, which then need no memory.
///
///     %c = Conv2D(%x, %w) : f32[1x30x30x64]
///     %b = PackBits(%c, %threshold)
///   →
///     %b = BinarizedConv2D(%x, %w, _, %threshold) : bit[1x30x30x64]
let fuseBinarization = Pass(
  "fuse-binarization", "Lets a convolution of numbers make bits of its results.", preserves: .upToRounding,
  rules: [
    Rule(on: PackBits.self) { _, node, rewriter in
      guard let (conv, producer) = rewriter.onlyUse(of: node.inputs[0], as: Conv2D.self), conv.activation == .none,
        conv.pool != .average, producer.inputs.count < 4, node.types[0].shape.rank == 4,
        rewriter.graph.type(of: node.inputs[0]!).element == .f32
      else { return nil }
      var inputs = producer.inputs + [Value?](repeating: nil, count: 3 - producer.inputs.count)
      let zeros = Tensor([Float](repeating: 0, count: conv.outputChannels))
      inputs.append(try node.inputs.count > 1 ? node.inputs[1] : rewriter.add(constant: zeros, like: node))
      inputs += node.inputs.dropFirst(2)
      return try rewriter.add(BinarizedConv2D(conv), inputs, like: node)
    }
  ])
