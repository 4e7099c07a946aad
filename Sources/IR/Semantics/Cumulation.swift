/// An operation that gathers all elements up to each one along an axis, in sums or products.
///
/// Integers wrap; floats are rounded once.
public protocol Cumulation: Operation {
  /// Whether the element itself is left out.
  var exclusive: Bool { get }
  /// Whether elements are gathered from the end.
  var reverse: Bool { get }
  /// What is gathered of no elements.
  static var neutral: Int { get }
  /// What is gathered with one more float.
  static func real(_ gathered: Double, _ x: Double) -> Double
  /// What is gathered with one more integer.
  static func integer(_ gathered: Int128, _ x: Int128) -> Int128
}

extension Cumulation {
  public static var operands: Signature { ["x", "axis"] }

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
    func gathered<Number>(_ numbers: [Number], _ neutral: Number, _ step: (Number, Number) -> Number) -> [Number] {
      var result = numbers
      for start in lines.starts {
        var gathered = neutral
        for index in 0..<lines.count {
          let place = start + (reverse ? lines.count - 1 - index : index) * lines.stride
          let next = step(gathered, numbers[place])
          result[place] = exclusive ? gathered : next
          gathered = next
        }
      }
      return result
    }
    if x.element.isFloat { return [Tensor(x.type, reals: gathered(x.reals, Double(Self.neutral), Self.real))] }
    return [Tensor(x.type, integers: gathered(x.integers, Int128(Self.neutral), Self.integer))]
  }
}
