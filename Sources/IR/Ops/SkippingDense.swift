/// X * W + B for rows X […, K] of which many elements are nearly 0, a packed matrix W [K, N] and a bias B [N]. nnc's own
/// operation. The result is […, N], rounded once.
///
/// Elements of X whose magnitude is not greater than the threshold of their column, T [K], count as 0: the rows of W that
/// belong to them are not read. Without T these are the zeros alone, and what the operation computes is the product. W is
/// the 1-D tensor that `Dense.pack(_:panel:)` makes.
///
/// Liu et al., "Deja Vu: Contextual Sparsity for Efficient LLMs at Inference Time" (2023); thresholds of columns as in He et
/// al., "CHESS" (2024).
public struct SkippingDense: Operation {
  public static let name = "SkippingDense"
  public static let operands: Signature = ["X", "W", "B?", "T?"]

  /// N, the length of a row of the result.
  public var outputFeatures = 1
  /// How many columns of W make a panel.
  public var panel = 1

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let x = operands.first.shape
    try require(x.rank >= 1, "X should have at least one axis, but is a scalar")
    try require(outputFeatures >= 1, "output_features is \(outputFeatures), but should be at least 1")
    try require(panel >= 1, "panel is \(panel), but should be at least 1")
    try operands.requireElements(.f32, Self.operands)
    let depth = x.last!
    try operands.requireShape(
      1, "W", is: [Shape([depth, outputFeatures]).elementCount],
      because: "\(outputFeatures) columns of \(depth) weights are packed")
    try operands.requireShape(2, "B", is: [outputFeatures], because: "output_features is \(outputFeatures)")
    try operands.requireShape(3, "T", is: [depth], because: "X has \(depth) columns")
    return [TensorType(.f32, Shape(x.dropLast() + [outputFeatures]))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, depth, thresholds) = (operands.first.reals, operands.first.shape.last!, operands[3]?.reals)
    let weights = Panels.unpack(
      operands.required(1).reals, Panels.order(rows: depth, columns: outputFeatures, width: panel))
    let bias = operands[2]?.reals ?? [Double](repeating: 0, count: outputFeatures)
    var result: [Double] = []
    for start in stride(from: 0, to: x.count, by: max(1, depth)) {
      var sums = bias
      // Not "at most": a NaN is no zero.
      for row in 0..<depth where !(x[start + row].magnitude <= thresholds?[row] ?? 0) {
        for column in 0..<outputFeatures { sums[column] += x[start + row] * weights[row * outputFeatures + column] }
      }
      result += sums
    }
    return [Tensor(results[0], reals: result)]
  }
}
