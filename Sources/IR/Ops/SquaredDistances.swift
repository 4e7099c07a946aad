/// The squared distance of each row of the first operand from each row of the second. nnc's own.
public struct SquaredDistances: Operation {
  public static let name = "SquaredDistances"
  public static let operands: Signature = ["X", "Y"]
  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let element = try operands.commonElement()
    let (x, y) = (operands.first.shape, operands.required(1).shape)
    try require(
      x.rank == 2 && y.rank == 2 && x[1] == y[1], "X [\(x)] and Y [\(y)] should be matrices with rows of one length")
    return [TensorType(element, [x[0], y[0]])]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, y, features) = (operands.first.reals, operands.required(1).reals, operands.first.shape[1])
    let shape = results[0].shape
    var distances: [Double] = []
    for row in 0..<shape[0] {
      for column in 0..<shape[1] {
        let pairs = zip(x[row * features..<(row + 1) * features], y[column * features..<(column + 1) * features])
        distances.append(pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) })
      }
    }
    return [Tensor(results[0], reals: distances)]
  }
}
