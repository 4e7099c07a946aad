/// For each element, the value at its place among keys, or another one where it is no key. nnc's own: what LabelEncoder
/// of ONNX becomes.
///
/// Keys rise, and NaN is the last one.
public struct Lookup: Operation {
  public static let name = "Lookup"
  public static let operands: Signature = ["X", "keys", "values", "default"]
  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let (x, keys, values) = (operands.first.type, operands.required(1), operands.required(2).type)
    try require(ElementClass.numbers.contains(x.element), "is not defined for elements of type \(x.element)")
    try operands.requireSameElement(0, 1, Self.operands)
    try operands.requireSameElement(2, 3, Self.operands)
    try require(
      keys.shape.rank == 1 && keys.shape == values.shape,
      "operands 'keys' \(keys.type) and 'values' \(values) should be lists of one length")
    try operands.requireShape(3, "operand 'default'", is: [], because: "there is one for all elements")
    let known = try keys.requireKnown("keys")
    let rises =
      x.element.isFloat
      ? zip(known.reals, known.reals.dropFirst()).allSatisfy { $0 < $1 || (!$0.isNaN && $1.isNaN) }
      : zip(known.integers, known.integers.dropFirst()).allSatisfy { $0 < $1 }
    try require(rises, "operand 'keys' should have numbers that rise")
    return [TensorType(values.element, x.shape)]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, keys) = (operands.first, operands.required(1))
    let count = keys.type.elementCount
    let places =
      x.element.isFloat
      ? x.reals.map { x in keys.reals.firstIndex { $0 == x || ($0.isNaN && x.isNaN) } }
      : x.integers.map { keys.integers.firstIndex(of: $0) }
    let table = Tensor.joined([operands.required(2), operands.required(3)])
    return [table.gathering(places.map { $0 ?? count }, shape: results[0].shape)]
  }
}
