/// The parts of the operand along an axis for which the condition is true, or such elements of it where no axis is given.
///
/// Their number is the extent of the result, so the condition must be known when the model is compiled. It may be shorter
/// than the axis.
public struct Compress: Operation {
  public static let name = "Compress"
  public static let operands: Signature = ["input", "condition"]
  /// The axis; it counts from the end where it is negative.
  public var axis: Int?
  public init() {}

  /// The shape of the operand, flattened where no axis is given, the axis of it along which parts are chosen, and which.
  public func choice(_ operands: Operands<Operand>) throws -> (shape: Shape, axis: Int, places: [Int]) {
    let (input, condition) = (operands.first.shape, operands.required(1))
    try require(
      condition.element == .bool && condition.shape.rank == 1,
      "operand 'condition' is \(condition.type), but should be a list of bools")
    let places = try condition.requireKnown("condition").integers.enumerated().filter { $0.element != 0 }.map(\.offset)
    let (shape, axis) = try (axis.map { (input, try input.existingAxis($0)) } ?? ([input.elementCount], 0))
    try require(
      places.last ?? -1 < shape[axis],
      "operand 'condition' is true at \(places.last ?? 0), but there are only \(shape[axis]) parts to choose from")
    return (shape, axis, places)
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    var (shape, axis, places) = try choice(operands)
    shape[axis] = places.count
    return [TensorType(operands.first.element, shape)]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (shape, axis, places) = try choice(operands.asKnown)
    return [operands.first.gathering(shape.offsets(ofParts: places, along: axis) as [Int?], shape: results[0].shape)]
  }
}
