import IR

/// A feed-forward block of a transformer: two matrix products with an activation between them, and perhaps a third
/// product by which what is activated is multiplied (gated forms: SwiGLU, GeGLU).
///
///     %h = activation(X * W1 + B1) · (X * W3 + B3)
///     %y = %h * W2 + B2
struct FeedForwardBlock {
  /// A product with a constant matrix, and what is added to it.
  struct Projection {
    /// What is multiplied, […, rows].
    let input: Value
    /// The matrix f32 [rows, columns].
    let weights: Tensor
    /// A bias for each column.
    let bias: [Double]?
    /// The node of the product.
    let product: Node
  }

  /// What is activated, and what makes the result.
  let first, second: Projection
  /// What is multiplied with the activated values.
  let third: Projection?
  /// The node of the activation.
  let activation: Node
  /// What the second product takes, […, neurons].
  let hidden: Value
  /// What the block computes, with its bias.
  let result: Value

  /// X, […, depth].
  var input: Value { first.input }
  /// How long a row of X is.
  var depth: Int { first.weights.shape[0] }
  /// How many neurons there are.
  var neurons: Int { first.weights.shape[1] }
  /// How long a row of the result is.
  var columns: Int { second.weights.shape[1] }
  /// What options and notes call it: like its second product.
  var name: String { second.product.layerName }
  /// How many products a row takes.
  var productCount: Int { neurons * (depth * (third == nil ? 1 : 2) + columns) }
}

extension FeedForwardBlock {
  /// For each neuron, the norm of its row of the second matrix: how much of the result a value of 1 is.
  var outputNorms: [Float] {
    let weights: [Float] = second.weights.elements()
    return (0..<neurons).map { neuron in
      weights[neuron * columns..<(neuron + 1) * columns].reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
  }

  /// What some neurons, of the values that all have, add to the result.
  func product(of values: ArraySlice<Float>, for neurons: [Int]) -> [Double] {
    var sums = [Float](repeating: 0, count: columns)
    sums.withUnsafeMutableBufferPointer { sums in
      second.weights.withUnsafeBytes { bytes in
        let weights = bytes.bindMemory(to: Float.self)
        for neuron in neurons {
          let value = values[values.startIndex + neuron]
          if value == 0 { continue }
          let row = weights.baseAddress! + neuron * columns
          for column in 0..<columns { sums[column] += value * row[column] }
        }
      }
    }
    return sums.map { Double($0) }
  }
}

extension Graph {
  /// All feed-forward blocks, in the order of the model.
  var feedForwardBlocks: [FeedForwardBlock] {
    let (live, uses) = (liveNodes, useCounts)
    var blocks: [FeedForwardBlock] = []
    for index in nodes.indices where live[index] {
      let value = Value(node: index)
      guard let second = product(value), let block = block(around: second, at: value, uses) else { continue }
      blocks.append(block)
    }
    return blocks
  }

  /// The block that ends with a product.
  private func block(
    around second: FeedForwardBlock.Projection, at value: Value, _ uses: [Value: Int]
  ) -> FeedForwardBlock? {
    let hidden = second.input
    guard uses[hidden] == 1 else { return nil }
    // A bias may be added behind the product.
    var (result, whole) = (value, second)
    if uses[value] == 1, second.bias == nil,
      let user = nodes.indices.first(where: { nodes[$0].inputs.contains(value) }),
      let biased = projection(Value(node: user), uses), biased.bias != nil
    {
      (result, whole) = (Value(node: user), biased)
    }
    func block(_ first: FeedForwardBlock.Projection, _ third: FeedForwardBlock.Projection?, _ activation: Node)
      -> FeedForwardBlock
    {
      FeedForwardBlock(
        first: first, second: whole, third: third, activation: activation, hidden: hidden, result: result)
    }
    if let (first, activation) = activated(hidden, uses) { return block(first, nil, activation) }
    let node = self[hidden]
    guard node.op is Mul, let a = node.inputs[0], let b = node.inputs[1], uses[a] == 1, uses[b] == 1 else { return nil }
    for (gate, factor) in [(a, b), (b, a)] {
      guard let (first, activation) = activated(gate, uses), let third = projection(factor, uses),
        third.input == first.input, third.weights.shape == first.weights.shape
      else { continue }
      return block(first, third, activation)
    }
    return nil
  }

  /// The projection of which an activation makes `value`.
  private func activated(_ value: Value, _ uses: [Value: Int]) -> (FeedForwardBlock.Projection, Node)? {
    let node = self[value]
    guard node.op.isActivation, let input = node.inputs.first ?? nil, uses[input] == 1,
      node.inputs.dropFirst().allSatisfy({ $0 == nil || constant($0) != nil }), type(of: input) == node.types[0],
      let first = projection(input, uses)
    else { return nil }
    return (first, node)
  }

  /// The product that `value` is, or to which it adds a bias.
  private func projection(_ value: Value, _ uses: [Value: Int]) -> FeedForwardBlock.Projection? {
    if let product = product(value) { return product }
    let node = self[value]
    guard node.op is Add else { return nil }
    for (source, addend) in [(node.inputs[0], node.inputs[1]), (node.inputs[1], node.inputs[0])] {
      guard let source, uses[source] == 1, let product = product(source), product.bias == nil,
        type(of: source) == node.types[0], let row = constant(addend)?.asRow(of: product.weights.shape[1])
      else { continue }
      return FeedForwardBlock.Projection(
        input: product.input, weights: product.weights, bias: row.reals, product: product.product)
    }
    return nil
  }

  /// The product with a constant matrix that `value` is.
  private func product(_ value: Value) -> FeedForwardBlock.Projection? {
    let node = self[value]
    guard node.op is MatMul || node.op is Gemm, node.inputs.count > 1, let input = node.inputs[0],
      let weights = constant(node.inputs[1]), weights.element == .f32, weights.shape.rank == 2,
      !weights.shape.contains(0), type(of: input).shape.rank >= 1
    else { return nil }
    guard let gemm = node.op as? Gemm else {
      return FeedForwardBlock.Projection(input: input, weights: weights, bias: nil, product: node)
    }
    let matrix = gemm.transB ? weights.transposedMatrix : weights
    let addend = node.inputs.count > 2 ? node.inputs[2] : nil
    let row = constant(addend)?.asRow(of: matrix.shape[1])
    guard !gemm.transA, gemm.alpha == 1, gemm.beta == 1 || addend == nil, addend == nil || row != nil else {
      return nil
    }
    return FeedForwardBlock.Projection(input: input, weights: matrix, bias: row?.reals, product: node)
  }
}

extension Operation {
  /// Whether the operation is one of those that networks have between products.
  fileprivate var isActivation: Bool {
    switch self {
    case is Celu, is Clip, is Elu, is Gelu, is HardSigmoid, is HardSwish, is LeakyRelu, is Mish, is PRelu, is Relu,
      is Selu,
      is Sigmoid, is Softplus, is Softsign, is Swish, is Tanh, is ThresholdedRelu:
      true
    default: false
    }
  }
}
