/// The coordinates of the elements that are not zero, in order: one row for each axis, of type `i64`.
///
/// Their number is the extent of the result, so the operand must be known when the model is compiled.
public struct NonZero: KnownOperation {
  public static let name = "NonZero"
  public static let operands: Signature = ["X"]
  public init() {}

  private func places(_ x: Tensor) -> [Int] {
    if x.element.isFloat { return x.reals.enumerated().filter { $0.element != 0 }.map(\.offset) }
    return x.integers.enumerated().filter { $0.element != 0 }.map(\.offset)
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    [TensorType(.i64, [operands.first.shape.rank, places(try operands.first.requireKnown("X")).count])]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, strides) = (operands.first, operands.first.shape.strides)
    let found = places(x)
    let coordinates = zip(x.shape, strides).flatMap { extent, stride in found.map { Int64($0 / stride % extent) } }
    return [Tensor(coordinates, shape: results[0].shape)]
  }
}
