/// softmax(scale * Q * K + mask) * V over the last two axes, other axes being broadcast. nnc's own operation, to which the
/// operations of an attention are fused: no more than a few rows of the scores are ever stored.
///
/// Q [… L, D], K [… D, S] with a key in each column, V [… S, E], mask broadcast to [… L, S]. The result is [… L, E].
public struct ScaledDotProductAttention: Operation {
  public static let name = "ScaledDotProductAttention"
  public static let operands: Signature = ["Q", "K", "V", "mask?"]
  /// The factor of the scores.
  public var scale: Float = 1
  public init() {}

  /// The extents of an attention.
  public struct Geometry {
    /// How many attentions there are.
    public let batch: Shape
    /// L, D, S and E.
    public let queries: Int, size: Int, keys: Int, valueSize: Int
    /// For each axis of `batch`, how many matrices of Q, K and V lie between neighbours.
    public let strides: [[Int]]
    /// For each axis of the scores, how many elements of the mask lie between neighbours; nil where there is none.
    public let maskStrides: [Int]?

    /// The extents for operands of the given shapes.
    ///
    /// - Throws: A diagnostic if they do not fit each other.
    public init(_ q: Shape, _ k: Shape, _ v: Shape, mask: Shape?) throws(Diagnostic) {
      try require(
        q.rank >= 2 && k.rank >= 2 && v.rank >= 2,
        "Q, K and V should have at least two axes, but have shapes [\(q)], [\(k)] and [\(v)]")
      let scores = try MatMul.Geometry(q, k)
      let sums = try MatMul.Geometry(Shape(scores.batch.extents + [scores.rows, scores.columns]), v)
      (batch, queries, size, keys, valueSize) = (sums.batch, scores.rows, scores.depth, scores.columns, sums.columns)
      try require(keys > 0, "K has shape [\(k)], but there should be at least one key")
      let whole = sums.batch
      strides = [q, k, v].map { Shape($0.dropLast(2)).broadcastStrides(to: whole) }
      let all = Shape(batch.extents + [queries, keys])
      if let mask, try Shape.broadcast([all, mask]) != all {
        throw Diagnostic("mask of shape [\(mask)] cannot be broadcast to the scores, which have shape [\(all)]")
      }
      maskStrides = mask?.broadcastStrides(to: all)
    }
  }

  /// The extents for operands of the given types.
  public func geometry(_ operands: Operands<Operand>) throws -> Geometry {
    try Geometry(
      operands.first.shape, operands.required(1).shape, operands.required(2).shape, mask: operands[3]?.shape)
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let element = try operands.commonElement()
    try require(element.isFloat, "operands have elements of type \(element), but should have floats")
    let geometry = try geometry(operands)
    return [TensorType(element, Shape(geometry.batch.extents + [geometry.queries, geometry.valueSize]))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    guard results[0].elementCount > 0 else { return [Tensor(results[0], reals: [])] }
    let geometry = try geometry(operands.asKnown)
    let batches = geometry.strides.map { geometry.batch.offsets(strides: $0) }
    let (q, k, v) = (operands.first.reals, operands.required(1).reals, operands.required(2).reals)
    let all = Shape(geometry.batch.extents + [geometry.queries, geometry.keys])
    let mask = operands[3].map { broadcastReals($0, to: all) }
    let sizes = [geometry.queries * geometry.size, geometry.size * geometry.keys, geometry.keys * geometry.valueSize]
    func matrix(_ data: [Double], _ operand: Int, _ index: Int) -> ArraySlice<Double> {
      data[batches[operand][index] * sizes[operand]..<(batches[operand][index] + 1) * sizes[operand]]
    }
    let sums = (0..<geometry.batch.elementCount).flatMap { index in
      var scores = [Double](repeating: 0, count: geometry.queries * geometry.keys)
      if geometry.size > 0 { scores = matrixProduct(matrix(q, 0, index), matrix(k, 1, index), columns: geometry.keys) }
      for place in scores.indices {
        scores[place] = scores[place] * Double(scale) + (mask?[index * scores.count + place] ?? 0)
      }
      let weights = scores.mapLines([geometry.queries, geometry.keys], axis: 1, Softmax().transform)
      return matrixProduct(weights[...], matrix(v, 2, index), columns: geometry.valueSize)
    }
    return [Tensor(results[0], reals: sums)]
  }
}
