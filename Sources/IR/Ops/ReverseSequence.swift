/// The operand with the first elements along one axis in reverse, of each batch as many as its length says.
///
/// A length out of range is an error.
public struct ReverseSequence: Operation {
  public static let name = "ReverseSequence"
  public static let operands: Signature = ["input", "sequence_lens"]
  /// The axis of batches, 0 or 1.
  public var batchAxis = 1
  /// The axis that is reversed, 1 or 0.
  public var timeAxis = 0
  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try operands.requireIndices(1, "sequence_lens")
    let (input, lengths) = (operands.first.type, operands.required(1).shape)
    try require(input.shape.rank >= 2, "'input' should have a batch and a time axis, but is \(input)")
    try require(
      [0, 1].contains(batchAxis) && timeAxis == 1 - batchAxis,
      "batch_axis \(batchAxis) and time_axis \(timeAxis) should be 0 and 1, or 1 and 0")
    try require(
      lengths == [input.shape[batchAxis]],
      "operand 'sequence_lens' has shape [\(lengths)], but should have [\(input.shape[batchAxis])] for axis \(batchAxis) "
        + "of \(input)")
    return [input]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, lengths) = (operands.first, operands.required(1).ints)
    let (shape, strides) = (x.shape, x.shape.strides)
    for length in lengths where !(0...shape[timeAxis]).contains(length) {
      throw Diagnostic("length \(length) in 'sequence_lens' is out of range; it should be in 0...\(shape[timeAxis])")
    }
    let sources: [Int?] = (0..<x.type.elementCount).map { index in
      let batch = index / strides[batchAxis] % shape[batchAxis]
      let time = index / strides[timeAxis] % shape[timeAxis]
      return time < lengths[batch] ? index + (lengths[batch] - 1 - 2 * time) * strides[timeAxis] : index
    }
    return [x.gathering(sources, shape: shape)]
  }
}
