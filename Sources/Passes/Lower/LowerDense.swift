import IR
import Targets

/// Packs the constant matrix of a product into the order in which kernels read it.
///
///     %y = Gemm(%x, %w, %b) {transB: true}
///   →
///     %y = Dense(%x, packed %w, %b) {output_features: 10, panel: 8}
///
/// The same for MatMul, and for an addition after it.
let lowerDense = Pass(
  "lower-dense", "Packs the constant matrix of a product into the order in which kernels read it.",
  preserves: .upToRounding,
  rulesFor: { target in
    [
      Rule(on: Gemm.self) { gemm, node, rewriter in
        guard !gemm.transA, let weights = rewriter.matrix(node.inputs[1], isTransposed: gemm.transB) else { return nil }
        let columns = weights.shape[1]
        var bias: Tensor?
        if node.inputs.count > 2, let addend = node.inputs[2] {
          guard let tensor = rewriter.constant(addend), let row = tensor.asRow(of: columns) else { return nil }
          bias = Tensor(row.type, reals: row.reals.map { $0 * Double(gemm.beta) })
        }
        let scaled =
          gemm.alpha == 1 ? weights : Tensor(weights.type, reals: weights.reals.map { $0 * Double(gemm.alpha) })
        return try rewriter.dense(node, scaled, bias, panel: target.panelWidth)
      },
      Rule(on: MatMul.self) { _, node, rewriter in
        guard let weights = rewriter.matrix(node.inputs[1], isTransposed: false) else { return nil }
        return try rewriter.dense(node, weights, nil, panel: target.panelWidth)
      },
      Rule(on: Add.self) { _, node, rewriter in
        for (value, other) in [(node.inputs[0], node.inputs[1]), (node.inputs[1], node.inputs[0])] {
          guard let (dense, producer) = rewriter.onlyUse(of: value, as: Dense.self), dense.activation == .none,
            producer.inputs.count == 2, rewriter.graph.type(of: value!) == node.types[0],
            let row = rewriter.constant(other)?.asRow(of: dense.outputFeatures)
          else { continue }
          let bias = try rewriter.add(constant: row, like: node, name: other.flatMap(rewriter.graph.name(of:)))
          return try rewriter.add(dense, producer.inputs + [bias], like: node)
        }
        return nil
      },
    ]
  })

extension Rewriter {
  /// The constant [K, N] that a value is, or that it is the transposition of.
  fileprivate func matrix(_ value: Value?, isTransposed: Bool) -> Tensor? {
    guard let tensor = constant(value), tensor.shape.rank == 2, tensor.element == .f32 || tensor.element == .f64,
      !tensor.shape.contains(0)
    else { return nil }
    return isTransposed ? tensor.transposedMatrix : tensor
  }

  fileprivate mutating func dense(_ node: Node, _ weights: Tensor, _ bias: Tensor?, panel: Int) throws -> Value {
    var op = Dense()
    (op.outputFeatures, op.panel) = (weights.shape[1], panel)
    let packed = try add(
      constant: Dense.pack(weights, panel: panel), like: node, name: graph.name(of: node.inputs[1]!))
    var inputs: [Value?] = [node.inputs[0], packed]
    if let bias {
      let name = node.inputs.count > 2 ? node.inputs[2].flatMap(graph.name(of:)) : nil
      inputs.append(try add(constant: bias, like: node, name: name))
    }
    return try add(op, inputs, like: node)
  }
}

extension Tensor {
  /// The transposition of a matrix.
  var transposedMatrix: Tensor {
    let result: Shape = [shape[1], shape[0]]
    return gathering(result.offsets(strides: [1, result[0]]), shape: result)
  }

  /// The tensor as a list of `count` elements that is added to each row, if it is one.
  func asRow(of count: Int) -> Tensor? {
    if type.elementCount == count, shape.last == count { return reshaped(to: [count]) }
    return type.elementCount == 1 ? gathering([Int](repeating: 0, count: count), shape: [count]) : nil
  }
}
