extension Graph {
  /// How many products the definition of a node adds up: the multiply-accumulate operations of convolutions, recurrent
  /// layers and matrix products, also of those of which an operation consists, 0 for everything else. Products with padding
  /// count, those with zeros that are not stored do not. `Int.max` where the number does not fit.
  public func multiplyAccumulates(of node: Node) -> Int {
    let shapes = node.inputs.map { $0.map { type(of: $0).shape } ?? [] }
    func fused(_ op: some ChannelsLastConvolution, _ x: Shape, products: [Int]) -> Int {
      // The pool of a fused convolution makes the result smaller than what is computed.
      guard let window = try? op.window(x) else { return 0 }
      return Shape([x[0]] + window.outputShape + op.kernelShape + products).elementCount
    }
    func product(_ depth: Int) -> Int { Shape(node.types[0].shape.extents + [depth]).elementCount }
    switch node.op {
    case let op as any CompositeOperation where op.isComposite: return multiplyAccumulates(ofDefinitionOf: op, node)
    case let op as Loop:
      // A loop of which it is not known how often it runs counts once.
      let count = (try? op.knownRunCount(operands(of: node))) ?? 1
      return Shape([count, op.body.multiplyAccumulates]).elementCount
    case let op as If: return op.bodies.map(\.multiplyAccumulates).max() ?? 0
    case is Conv: return Shape(node.types[0].shape.extents + shapes[1].dropFirst()).elementCount
    case is ConvInteger: return Shape(node.types[0].shape.extents + shapes[1].dropFirst()).elementCount
    case is QLinearConv: return Shape(node.types[0].shape.extents + shapes[3].dropFirst()).elementCount
    case is DeformConv: return Shape(node.types[0].shape.extents + shapes[1].dropFirst()).elementCount
    case is ConvTranspose: return Shape(shapes[0].extents + shapes[1].dropFirst()).elementCount
    case let op as Conv2D: return fused(op, shapes[0], products: [op.outputChannels, shapes[0][3] / op.group])
    case let op as WideningConv2D:
      let conv = op.wide
      return fused(conv, shapes[0], products: [conv.outputChannels, shapes[0][3] / conv.group])
    case let op as WinogradConv2D:
      guard let tiles = try? op.tiles(shapes[0]) else { return 0 }
      let products = [WinogradTransform.places, shapes[0][3], op.outputChannels]
      return Shape([shapes[0][0], tiles.rows, tiles.columns] + products).elementCount
    case let op as BinarizedConv2D:
      return fused(op, shapes[0], products: [op.outputChannels, shapes[0][3] / op.group])
    case let op as BinaryConv2D: return fused(op, shapes[0], products: [op.outputChannels, shapes[0][3] / op.group])
    case let op as PlaneConv2D:
      return fused(op, op.pixels(shapes[0]), products: [op.outputChannels, shapes[0][1]])
    case let op as DepthwiseConv2D: return fused(op, shapes[0], products: [shapes[0][3]])
    case let op as BitConv2D: return fused(op, shapes[0], products: [op.outputChannels, shapes[0][3]])
    // Each value is multiplied once for each pixel, or row.
    case is SparseConv2D, is SparseDense: return Shape(node.types[0].shape.dropLast() + shapes[1]).elementCount
    case let op as QuantizedConv2D: return fused(op, shapes[0], products: [op.outputChannels, shapes[0][3] / op.group])
    case let op as QuantizedDepthwiseConv2D: return fused(op, shapes[0], products: [shapes[0][3]])
    case let op as Gemm: return product(shapes[0][op.transA ? 0 : 1])
    case is MatMul, is Dense, is WideningDense, is SkippingDense, is BitDense, is QuantizedDense, is MatMulInteger,
      is QLinearMatMul:
      return product(shapes[0].last ?? 1)
    case let op as MixtureOfExperts:
      let matrices = (shapes[0].last ?? 1) * (node.inputs[4] == nil ? 1 : 2) + op.outputFeatures
      return Shape(shapes[0].dropLast() + [op.shared + op.active, op.size, matrices]).elementCount
    case let op as ScaledDotProductAttention:
      guard let size = try? op.geometry(operands(of: node)) else { return 0 }
      return Shape(size.batch.extents + [size.queries, size.keys, size.size + size.valueSize]).elementCount
    case is any RecurrentOperation:
      // Each step multiplies x by W and the state by R.
      return Shape(shapes[0].prefix(2) + [shapes[1].elementCount + shapes[2].elementCount]).elementCount
    case let op as Einsum: return (try? op.contraction(shapes))?.productCount ?? 0
    default: return 0
    }
  }

  private func multiplyAccumulates(ofDefinitionOf op: some CompositeOperation, _ node: Node) -> Int {
    guard let expansion = try? Expansion(of: op, operands(of: node)) else { return 0 }
    var graph = expansion.graph
    graph.outputs = expansion.results.map { ("", $0) }
    return graph.multiplyAccumulates
  }

  /// The multiply-accumulate operations of all live nodes; `Int.max` where the number does not fit.
  public var multiplyAccumulates: Int {
    zip(nodes, liveNodes).reduce(0) { sum, entry in
      let (result, overflow) = sum.addingReportingOverflow(entry.1 ? multiplyAccumulates(of: entry.0) : 0)
      return overflow ? Int.max : result
    }
  }
}
