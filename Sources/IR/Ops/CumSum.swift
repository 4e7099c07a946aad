/// The sums of all elements up to each one along an axis. Integers wrap; floats are rounded once.
public struct CumSum: Operation {
  public static let name = "CumSum"
  public static let operands: Signature = ["x", "axis"]
  /// Whether the element itself is left out of its sum.
  public var exclusive = false
  /// Whether sums run from the end.
  public var reverse = false
  public init() {}

  /// The axis.
  public func axis(_ operands: Operands<Operand>) throws -> Int {
    try operands.first.shape.existingAxis(try operands.knownInteger(1, "axis")!)
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let type = operands.first.type
    try require(ElementClass.numbers.contains(type.element), "is not defined for elements of type \(type.element)")
    _ = try axis(operands)
    return [type]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first
    if x.type.elementCount == 0 { return [x] }
    let lines = x.shape.lines(along: try axis(operands.asKnown))
    func sums<Number>(_ numbers: [Number], _ zero: Number, _ add: (Number, Number) -> Number) -> [Number] {
      var result = numbers
      for start in lines.starts {
        var sum = zero
        for step in 0..<lines.count {
          let place = start + (reverse ? lines.count - 1 - step : step) * lines.stride
          let next = add(sum, numbers[place])
          result[place] = exclusive ? sum : next
          sum = next
        }
      }
      return result
    }
    if x.element.isFloat { return [Tensor(x.type, reals: sums(x.reals, 0, +))] }
    return [Tensor(x.type, integers: sums(x.integers, 0, &+))]
  }
}
