/// The operand with its axes in another order.
public struct Transpose: ViewOperation {
  public static let name = "Transpose"
  public static let operands: Signature = ["data"]
  /// The axis of the operand that each axis of the result is; all axes in reverse if it is not given.
  public var perm: [Int]?
  public init() {}

  /// Creates a transposition.
  public init(_ perm: [Int]) { self.perm = perm }

  /// The axis of the operand that each axis of the result is.
  public func permutation(of shape: Shape) throws -> [Int] {
    guard let perm else { return shape.indices.reversed() }
    try require(
      perm.sorted() == Array(shape.indices),
      "attribute 'perm' \(perm) should name each axis of shape [\(shape)] once, from 0 to \(shape.rank - 1)")
    return perm
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let type = operands.first.type
    return [TensorType(type.element, type.shape.selecting(try permutation(of: type.shape)))]
  }

  public func views(_ operands: Operands<Operand>) throws -> [StridedView] {
    let shape = operands.first.shape
    return [StridedView(shape, strides: shape.strides).transposed(try permutation(of: shape))]
  }
}
