import IR

/// Moves transpositions towards the outputs until they meet another that undoes them.
///
///     %a = Transpose(%x) {perm: [0, 3, 1, 2]}
///     %b = Relu(%a)
///     %c = Transpose(%b) {perm: [0, 2, 3, 1]}
///   →
///     %c = Relu(%x)
///
/// They move through elementwise operations all of whose operands are transposed alike, constant, or in the same order
/// when transposed, as those of one axis are; through concatenations, softmaxes, pads, slices and reductions, whose axes
/// change; and into the weights of a matrix product, bits among them.
let pushTransposes = Pass(
  "push-transposes", "Moves transpositions towards the outputs until they meet another that undoes them.",
  preserves: .exactly,
  rules: [
    Rule(on: Transpose.self) { outer, node, rewriter in
      guard let (inner, producer) = rewriter.producer(of: node.inputs[0], as: Transpose.self) else { return nil }
      let first = try inner.permutation(of: rewriter.graph.type(of: producer.inputs[0]!).shape)
      let second = try outer.permutation(of: producer.types[0].shape)
      let both = second.map { first[$0] }
      if both == Array(both.indices) { return producer.inputs[0]! }
      return try rewriter.add(Transpose(both), [producer.inputs[0]], like: node)
    },
    Rule(onAny: { node, rewriter in
      guard let op = node.op as? any ElementwiseOperation, let perm = rewriter.commonPermutation(node) else {
        return nil
      }
      let inputs = try node.inputs.map { try $0.map { try rewriter.untransposed($0, perm, like: node) } }
      let moved = try rewriter.add(op, inputs, like: node)
      return [try rewriter.add(Transpose(perm), [moved], like: node)]
    }),
    Rule(on: Concat.self) { concat, node, rewriter in
      guard let perm = rewriter.commonPermutation(node), let axis = concat.axis else { return nil }
      let inputs = try node.inputs.map { try rewriter.untransposed($0!, perm, like: node) }
      let moved = try rewriter.add(Concat(axis: perm[axis < 0 ? axis + perm.count : axis]), inputs, like: node)
      return try rewriter.add(Transpose(perm), [moved], like: node)
    },
    Rule(on: Softmax.self) { softmax, node, rewriter in
      guard let perm = rewriter.commonPermutation(node) else { return nil }
      var op = softmax
      op.axis = perm[softmax.axis < 0 ? softmax.axis + perm.count : softmax.axis]
      let moved = try rewriter.add(op, [try rewriter.untransposed(node.inputs[0]!, perm, like: node)], like: node)
      return try rewriter.add(Transpose(perm), [moved], like: node)
    },
    Rule(on: Gemm.self) { gemm, node, rewriter in
      guard !gemm.transA, let (input, order) = try rewriter.reorderedRows(node.inputs[0]),
        let weights = rewriter.constant(node.inputs[1])
      else { return nil }
      let axis = gemm.transB ? 1 : 0
      let permuted = weights.taking(order, along: axis)
      let constant = try rewriter.add(constant: permuted, like: node, name: rewriter.graph.name(of: node.inputs[1]!))
      let shape = rewriter.graph.type(of: node.inputs[0]!).shape
      return try rewriter.add(
        gemm, [try rewriter.reshape(input, to: shape, like: node), constant] + node.inputs.dropFirst(2), like: node)
    },
    Rule(on: BitDense.self) { dense, node, rewriter in
      guard let (input, order) = try rewriter.reorderedRows(node.inputs[0]),
        let bits = rewriter.constant(node.inputs[1]), let scale = rewriter.constant(node.inputs[2])
      else { return nil }
      let permuted = KnownBits(bits: bits, scale: scale).takingColumns(order).bits
      let constant = try rewriter.add(constant: permuted, like: node, name: rewriter.graph.name(of: node.inputs[1]!))
      let shape = rewriter.graph.type(of: node.inputs[0]!).shape
      return try rewriter.add(
        dense, [try rewriter.reshape(input, to: shape, like: node), constant] + node.inputs.dropFirst(2), like: node)
    },
    Rule(onAny: { node, rewriter in
      guard let op = node.op as? any ElementwiseOperation, node.inputs.count == 1,
        let (_, producer) = rewriter.producer(of: node.inputs[0], as: Reshape.self)
      else { return nil }
      let moved = try rewriter.add(op, [producer.inputs[0]], like: node)
      return [try rewriter.reshape(moved, to: node.types[0].shape, like: node)]
    }),
  ] + transposedParts)

extension Rewriter {
  /// The permutation by which at least one operand is transposed, if all the others can be had without it.
  fileprivate func commonPermutation(_ node: Node) -> [Int]? {
    var permutations: [[Int]] = []
    for input in node.operands {
      if let (transpose, _) = producer(of: input, as: Transpose.self), let perm = transpose.perm {
        permutations.append(perm)
      }
    }
    guard let perm = permutations.first, permutations.allSatisfy({ $0 == perm }) else { return nil }
    let canMove = node.operands.allSatisfy { input in
      let shape = graph.type(of: input).shape
      guard shape.rank <= perm.count else { return false }
      if producer(of: input, as: Transpose.self)?.op.perm != nil || constant(input) != nil { return true }
      return shape.padded(toRank: perm.count).keepsOrder(transposedTo: perm)
    }
    return canMove ? perm : nil
  }

  /// The value of which `value`, which has passed `commonPermutation`, is the transposition.
  fileprivate mutating func untransposed(_ value: Value, _ perm: [Int], like node: Node) throws -> Value {
    if let (_, producer) = producer(of: value, as: Transpose.self) { return producer.inputs[0]! }
    let padded = graph.type(of: value).shape.padded(toRank: perm.count)
    if padded.elementCount == 1 { return value }
    let inverse = perm.inverted
    let shape = padded.selecting(inverse)
    guard let tensor = constant(value) else { return try reshape(value, to: shape, like: node) }
    let order = shape.offsets(strides: inverse.map { padded.strides[$0] })
    return try add(constant: tensor.gathering(order, shape: shape), like: node, name: graph.name(of: value))
  }

  /// The tensor of which a matrix is the transposition with its inner axes made one, and for each column of such a matrix
  /// without the transposition the column of this one.
  fileprivate func reorderedRows(_ value: Value?) throws -> (Value, [Int])? {
    guard let (_, reshape) = producer(of: value, as: Reshape.self),
      let (transpose, node) = producer(of: reshape.inputs[0], as: Transpose.self)
    else { return nil }
    let (shape, input) = (node.types[0].shape, graph.type(of: node.inputs[0]!).shape)
    let perm = try transpose.permutation(of: input)
    let rows = reshape.types[0].shape
    guard perm.first == 0, rows.rank == 2, rows[0] == shape[0] else { return nil }
    let columnStrides = Shape(shape[1...]).strides
    let inner = (1..<perm.count).map { axis in columnStrides[perm.firstIndex(of: axis)! - 1] }
    return (node.inputs[0]!, Shape(input[1...]).offsets(strides: inner))
  }
}

extension Shape {
  /// Whether the elements of a tensor that transposed by `perm` has this shape are in the same order without it.
  fileprivate func keepsOrder(transposedTo perm: [Int]) -> Bool {
    let origins = indices.filter { self[$0] != 1 }.map { perm[$0] }
    return origins == origins.sorted()
  }
}

extension [Int] {
  /// The permutation that undoes this one.
  var inverted: [Int] { indices.map { firstIndex(of: $0)! } }
}

extension Tensor {
  /// The matrix with its rows (axis 0) or columns (axis 1) in another order.
  fileprivate func taking(_ order: [Int], along axis: Int) -> Tensor {
    let (rows, columns) = (shape[0], shape[1])
    let indices = (0..<rows).flatMap { row in
      (0..<columns).map { column in axis == 0 ? order[row] * columns + column : row * columns + order[column] }
    }
    return gathering(indices, shape: shape)
  }
}
