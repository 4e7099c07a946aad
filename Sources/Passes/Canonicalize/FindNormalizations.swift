import IR

/// Finds normalizations of rows that a model spells out in simple operations.
///
///     %m = ReduceMean(%x, [-1])
///     %d = Sub(%x, %m)
///     %v = ReduceMean(Mul(%d, %d), [-1])
///     %s = Div(%d, Sqrt(Add(%v, 1e-5)))
///     %y = Add(Mul(%s, %scale), %bias)
///   →
///     %y = LayerNormalization(%x, %scale, %bias)
///
/// The same without the mean is RMSNormalization. Squares may be powers, and roots reciprocal.
let findNormalizations = Pass(
  "find-normalizations", "Finds normalizations of rows that a model spells out in simple operations.",
  preserves: .upToRounding,
  rules: [
    Rule(onAny: { node, rewriter in
      guard let (data, variance) = rewriter.quotientByRoot(node), rewriter.graph.type(of: data) == node.types[0],
        let (axis, epsilon) = try rewriter.meanSquare(variance, of: data),
        node.types[0].element != .f64  // for which epsilon, an f32, would be another
      else { return nil }
      let row = TensorType(node.types[0].element, Shape(node.types[0].shape[axis...]))
      let ones = Tensor(row, reals: [Double](repeating: 1, count: row.elementCount))
      let scale = try rewriter.add(constant: ones, like: node)
      if let x = try rewriter.centred(data, axis: axis) {
        var op = LayerNormalization()
        (op.axis, op.epsilon) = (axis, epsilon)
        return [try rewriter.add(op, [x, scale], like: node)]
      }
      var op = RMSNormalization()
      (op.axis, op.epsilon) = (axis, epsilon)
      return [try rewriter.add(op, [data, scale], like: node)]
    }),
    Rule(on: Mul.self) { _, node, rewriter in
      guard let (norm, parameter) = rewriter.normalization(node), norm.inputs.count == 2,
        rewriter.constant(norm.inputs[1])?.reals.allSatisfy({ $0 == 1 }) == true
      else { return nil }
      return try rewriter.add(norm.op, [norm.inputs[0], parameter], like: node)
    },
    Rule(on: Add.self) { _, node, rewriter in
      guard let (norm, parameter) = rewriter.normalization(node), norm.inputs.count == 2, norm.op is LayerNormalization
      else { return nil }
      return try rewriter.add(norm.op, norm.inputs + [parameter], like: node)
    },
  ])

extension Rewriter {
  /// What a node divides by the root of something, and that.
  fileprivate func quotientByRoot(_ node: Node) -> (Value, Value)? {
    switch node.op {
    case is Div: return power(node.inputs[1]!, 0.5).map { (node.inputs[0]!, $0) }
    case is Mul:
      for (data, factor) in [(0, 1), (1, 0)] {
        if let radicand = power(node.inputs[factor]!, -0.5) { return (node.inputs[data]!, radicand) }
      }
      return nil
    default: return nil
    }
  }

  /// Of what `value` is the power `exponent`, which is 0.5 or -0.5.
  private func power(_ value: Value, _ exponent: Double) -> Value? {
    let node = graph[value]
    switch node.op {
    case is Pow: return scalar(node.inputs[1]) == exponent ? node.inputs[0] : nil
    case is Sqrt: return exponent == 0.5 ? node.inputs[0] : nil
    case is Reciprocal: return exponent == -0.5 ? power(node.inputs[0]!, 0.5) : nil
    case is Div: return exponent == -0.5 && scalar(node.inputs[0]) == 1 ? power(node.inputs[1]!, 0.5) : nil
    default: return nil
    }
  }

  /// The first of the axes over which `value` is the mean square of `data`, and what is added to it.
  fileprivate func meanSquare(_ value: Value, of data: Value) throws -> (axis: Int, epsilon: Float)? {
    guard let (_, sum) = producer(of: value, as: Add.self) else { return nil }
    for (mean, addend) in [(sum.inputs[0], sum.inputs[1]), (sum.inputs[1], sum.inputs[0])] {
      guard let epsilon = scalar(addend), let (squares, axis) = try rowMean(mean) else { continue }
      let node = graph[squares]
      let isSquare =
        node.op is Mul && node.inputs == [data, data]
        || node.op is Pow && node.inputs[0] == data && scalar(node.inputs[1]) == 2
      if isSquare { return (axis, Float(epsilon)) }
    }
    return nil
  }

  /// Of what `data` is the distance from its mean over the axes from `axis` on.
  fileprivate func centred(_ data: Value, axis: Int) throws -> Value? {
    guard let (_, difference) = producer(of: data, as: Sub.self), let x = difference.inputs[0],
      let (origin, first) = try rowMean(difference.inputs[1]), origin == x, first == axis
    else { return nil }
    return x
  }

  /// Of what `value` is the mean over its last axes, and the first of these.
  private func rowMean(_ value: Value?) throws -> (Value, axis: Int)? {
    guard let (mean, node) = producer(of: value, as: ReduceMean.self), mean.keepdims else { return nil }
    let axes = try mean.reducedAxes(graph.operands(of: node))
    guard let axis = axes.reduced.first, axes.reduced == Array(axis..<axes.shape.rank) else { return nil }
    return (node.inputs[0]!, axis)
  }

  /// The normalization that an operand of a node is, and the other operand, a constant that is the same for all rows.
  fileprivate func normalization(_ node: Node) -> (Node, Value)? {
    for (index, other) in [(0, 1), (1, 0)] {
      guard let value = node.inputs[index], isUsedOnce(value), let parameter = node.inputs[other],
        let shape = constant(parameter)?.shape
      else { continue }
      let norm = graph[value]
      let axis: Int
      switch norm.op {
      case let op as LayerNormalization: axis = op.axis
      case let op as RMSNormalization: axis = op.axis
      default: continue
      }
      let row = norm.types[0].shape.dropFirst(axis < 0 ? axis + norm.types[0].shape.rank : axis)
      if value.result == 0, norm.types[0] == node.types[0], shape.extents == Array(row) { return (norm, parameter) }
    }
    return nil
  }
}
