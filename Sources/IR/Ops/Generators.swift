/// A tensor of the shape that the operand gives, with one value everywhere.
public struct ConstantOfShape: KnownOperation {
  public static let name = "ConstantOfShape"
  public static let operands: Signature = ["input"]
  /// The value, as a tensor of one element.
  public var value = Tensor([Float(0)])
  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try require(value.type.elementCount == 1, "attribute 'value' is \(value.type), but should have one element")
    return [TensorType(value.element, Shape(try operands.knownIntegers(0, "input")!))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    [value.gathering(repeatElement(0, count: results[0].elementCount), shape: results[0].shape)]
  }
}

/// The numbers from `start` until before `limit` in steps of `delta`: element i is `start + i * delta`.
///
/// It is named differently in Swift, where `Range` is another thing.
public struct NumberRange: KnownOperation {
  public static let name = "Range"
  public static let operands: Signature = ["start", "limit", "delta"]
  /// The element type of ONNX for computing halves. They are computed exactly and rounded once, so it has no effect.
  public var stashType = 1
  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try operands.requireSameElement(0, 1, Self.operands)
    try operands.requireSameElement(0, 2, Self.operands)
    let element = operands.first.element
    try require(ElementClass.numbers.contains(element), "is not defined for elements of type \(element)")
    let numbers = try operands.all.enumerated().map { index, operand in
      let name = Self.operands.name(at: index)
      try require(operand.type.elementCount == 1, "operand '\(name)' is \(operand.type), but should be a scalar")
      return try operand.requireKnown(name)
    }
    return [TensorType(element, [try count(numbers)])]
  }

  private func count(_ numbers: [Tensor]) throws -> Int {
    try require(numbers[2].reals != [0], "operand 'delta' is 0, with which nothing moves")
    if !numbers[0].element.isFloat {
      let (start, limit, delta) = (numbers[0].integers[0], numbers[1].integers[0], numbers[2].integers[0])
      let count = (limit - start + (delta > 0 ? delta - 1 : delta + 1)) / delta
      return Int(clamping: max(0, count))
    }
    let count = ((numbers[1].reals[0] - numbers[0].reals[0]) / numbers[2].reals[0]).rounded(.up)
    guard count < 1e15 else { throw Diagnostic("the range has no end that is near enough: it has \(count) elements") }
    return Int(max(0, count))
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (count, numbers) = (results[0].elementCount, operands.all)
    if numbers[0].element.isFloat {
      let (start, delta) = (numbers[0].reals[0], numbers[2].reals[0])
      return [Tensor(results[0], reals: (0..<count).map { start + Double($0) * delta })]
    }
    let (start, delta) = (numbers[0].integers[0], numbers[2].integers[0])
    return [Tensor(results[0], integers: (0..<count).map { start + Int128($0) * delta })]
  }
}

/// For each index, `depth` elements along a new axis: the second of `values` at the index, else the first.
///
/// Negative indices count from the end. An index out of range gives the first of `values` everywhere.
public struct OneHot: Operation {
  public static let name = "OneHot"
  public static let operands: Signature = ["indices", "depth", "values"]
  /// The place of the new axis in the result; it counts from the end where it is negative.
  public var axis = -1
  public init() {}

  /// The new axis of a result for indices of `shape`.
  public func newAxis(_ shape: Shape) throws -> Int { try shape.padded(toRank: shape.rank + 1).existingAxis(axis) }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let (indices, depth, values) = (operands.first, operands.required(1), operands.required(2))
    for (name, operand) in [("indices", indices), ("depth", depth)] {
      try require(
        ElementClass.numbers.contains(operand.element), "operand '\(name)' is \(operand.type), but should be numbers")
    }
    try require(depth.type.elementCount == 1, "operand 'depth' is \(depth.type), but should be one number")
    try require(values.shape == [2], "operand 'values' is \(values.type), but should have the two elements off and on")
    let extent = try depth.requireKnown("depth").ints[0]
    try require(extent > 0, "operand 'depth' is \(extent), but should be positive")
    var shape = indices.shape
    shape.extents.insert(extent, at: try newAxis(shape))
    return [TensorType(values.element, shape)]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (shape, axis) = (operands.first.shape, try newAxis(operands.first.shape))
    let depth = results[0].shape[axis]
    let inner = shape.elementCount(of: axis..<shape.rank)
    let indices = operands.first.ints.map { $0 < 0 ? $0 + depth : $0 }
    let sources: [Int?] = (0..<results[0].elementCount).map { place in
      let (outer, rest) = place.quotientAndRemainder(dividingBy: depth * inner)
      return indices[outer * inner + rest % inner] == rest / inner ? 1 : 0
    }
    return [operands.required(2).gathering(sources, shape: results[0].shape)]
  }
}
