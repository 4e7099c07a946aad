/// alpha * A' * B' + beta * C, where A' [M, K] and B' [K, N] are A and B, transposed where the attributes say so, and C
/// is broadcast to [M, N]. Integers wrap.
public struct Gemm: Operation {
  public static let name = "Gemm"
  public static let operands: Signature = ["A", "B", "C?"]

  /// The factor of the product.
  public var alpha: Float = 1
  /// The factor of C.
  public var beta: Float = 1
  /// Whether A is [K, M].
  public var transA = false
  /// Whether B is [N, K].
  public var transB = false

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let element = try operands.commonElement(.numbers)
    let (a, b) = (operands.first.shape, operands.required(1).shape)
    try require(a.rank == 2 && b.rank == 2, "A and B should have two axes, but have shapes [\(a)] and [\(b)]")
    let (rows, depth) = transA ? (a[1], a[0]) : (a[0], a[1])
    let (otherDepth, columns) = transB ? (b[1], b[0]) : (b[0], b[1])
    try require(
      depth == otherDepth,
      "cannot multiply A [\(a)]\(transA ? " transposed" : "") by B [\(b)]\(transB ? " transposed" : ""): "
        + "the inner extents \(depth) and \(otherDepth) differ")
    let result: Shape = [rows, columns]
    if let c = operands[2]?.shape {
      let fits = c.rank <= 2 && zip(c.padded(toRank: 2), result).allSatisfy { $0 == $1 || $0 == 1 }
      try require(fits, "C of shape [\(c)] cannot be broadcast to [\(result)]")
    }
    if !element.isFloat {
      try require(
        [alpha, beta].allSatisfy { Int32(exactly: $0) != nil },
        "alpha \(alpha) and beta \(beta) should be integers for elements of type \(element)")
    }
    return [TensorType(element, result)]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let type = results[0]
    let c = operands[2]
    let offsets = c.map { type.shape.offsets(strides: $0.shape.broadcastStrides(to: type.shape)) } ?? []
    if type.element.isFloat {
      let (a, b) = matrices(operands) { $0.reals }
      var sums = matrixProduct(a[...], b[...], columns: type.shape[1]).map { $0 * Double(alpha) }
      if sums.isEmpty { sums = [Double](repeating: 0, count: type.elementCount) }
      if let c = c?.reals { for (index, offset) in offsets.enumerated() { sums[index] += Double(beta) * c[offset] } }
      return [Tensor(type, reals: sums)]
    }
    let (a, b) = matrices(operands) { $0.wrappedIntegers }
    let (factor, addend) = (Int64(alpha), Int64(beta))
    var sums = matrixProduct(a[...], b[...], columns: type.shape[1]).map { $0 &* factor }
    if sums.isEmpty { sums = [Int64](repeating: 0, count: type.elementCount) }
    if let c = c?.wrappedIntegers {
      for (index, offset) in offsets.enumerated() { sums[index] &+= addend &* c[offset] }
    }
    return [Tensor(type, integers: sums.map { Int128($0) })]
  }

  /// A' and B'.
  private func matrices<Number>(_ operands: Operands<Tensor>, _ read: (Tensor) -> [Number]) -> ([Number], [Number]) {
    func matrix(_ tensor: Tensor, isTransposed: Bool) -> [Number] {
      let elements = read(tensor)
      guard isTransposed else { return elements }
      let shape: Shape = [tensor.shape[1], tensor.shape[0]]
      return shape.offsets(strides: [1, tensor.shape[1]]).map { elements[$0] }
    }
    return (
      matrix(operands.first, isTransposed: transA), matrix(operands.required(1), isTransposed: transB)
    )
  }
}
