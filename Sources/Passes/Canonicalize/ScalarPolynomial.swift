import IR

/// A polynomial in one variable: the coefficients of its powers, from the power 0 on.
struct ScalarPolynomial {
  /// The coefficients, of which the last is not 0 unless it is the only one.
  private(set) var coefficients: [Double]

  /// The variable itself.
  static let variable = ScalarPolynomial([0, 1])

  /// Creates a polynomial.
  init(_ coefficients: [Double]) {
    self.coefficients = coefficients
    while self.coefficients.count > 1, self.coefficients.last == 0 { self.coefficients.removeLast() }
  }

  static func + (a: ScalarPolynomial, b: ScalarPolynomial) -> ScalarPolynomial {
    let count = max(a.coefficients.count, b.coefficients.count)
    return ScalarPolynomial((0..<count).map { (a[$0] ?? 0) + (b[$0] ?? 0) })
  }

  static func * (a: ScalarPolynomial, b: ScalarPolynomial) -> ScalarPolynomial {
    var product = [Double](repeating: 0, count: a.coefficients.count + b.coefficients.count - 1)
    for (i, x) in a.coefficients.enumerated() {
      for (j, y) in b.coefficients.enumerated() { product[i + j] += x * y }
    }
    return ScalarPolynomial(product)
  }

  private subscript(power: Int) -> Double? { coefficients.indices.contains(power) ? coefficients[power] : nil }

  /// Whether the coefficients are these, up to the rounding of single precision. A model has them rounded, and rounds
  /// what follows from them.
  func isNearly(_ expected: [Double]) -> Bool {
    coefficients.count == expected.count
      && zip(coefficients, expected).allSatisfy { abs($0 - $1) <= 1e-6 * abs($1) }
  }
}

extension Rewriter {
  /// The polynomial, of a power of at most 3, that `value` is of `variable`, if it is one by few operations.
  func polynomial(of value: Value, in variable: Value, depth: Int = 8) -> ScalarPolynomial? {
    if value == variable { return .variable }
    if let number = scalar(value) { return ScalarPolynomial([number]) }
    guard depth > 0 else { return nil }
    let node = graph[value]
    func operand(_ index: Int) -> ScalarPolynomial? {
      node.inputs[index].flatMap { polynomial(of: $0, in: variable, depth: depth - 1) }
    }
    let result: ScalarPolynomial?
    switch node.op {
    case is Add: result = operand(0).flatMap { a in operand(1).map { a + $0 } }
    case is Sub: result = operand(0).flatMap { a in operand(1).map { a + $0 * ScalarPolynomial([-1]) } }
    case is Mul: result = operand(0).flatMap { a in operand(1).map { a * $0 } }
    case is Neg: result = operand(0).map { $0 * ScalarPolynomial([-1]) }
    case is Div:
      guard let divisor = scalar(node.inputs[1]), divisor != 0 else { return nil }
      result = operand(0).map { $0 * ScalarPolynomial([1 / divisor]) }
    case is Pow:
      guard let power = scalar(node.inputs[1]), power == 2 || power == 3 else { return nil }
      result = operand(0).map { power == 2 ? $0 * $0 : $0 * $0 * $0 }
    default: return nil
    }
    return result.flatMap { $0.coefficients.count <= 4 ? $0 : nil }
  }

  /// The number that `value` is, if it is a constant of one element.
  func scalar(_ value: Value?) -> Double? {
    guard let tensor = constant(value), tensor.type.elementCount == 1, tensor.type.element.isFloat else { return nil }
    return tensor.reals[0]
  }

  /// What `value` is computed from by additions, multiplications and divisions of single numbers: itself, the operand of
  /// the last of them, and so on.
  func affineOrigins(of value: Value) -> [Value] {
    var origins = [value]
    while origins.count < 5 {
      let node = graph[origins.last!]
      guard node.op is Add || node.op is Sub || node.op is Mul || node.op is Div || node.op is Neg,
        let next = node.operands.first(where: { scalar($0) == nil }),
        node.operands.allSatisfy({ $0 == next || scalar($0) != nil }),
        node.inputs.count < 2 || node.inputs[0] != node.inputs[1]
      else { break }
      origins.append(next)
    }
    return origins
  }
}
