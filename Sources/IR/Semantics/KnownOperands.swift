extension Operands where Item == Operand {
  /// The integers of an operand on which the shape of a result depends, or nil where it is left out.
  ///
  /// - Throws: A diagnostic if it depends on an input, or is not a list of integers.
  public func knownIntegers(_ index: Int, _ name: String) throws -> [Int]? {
    guard let operand = self[index] else { return nil }
    try require(operand.element.isInteger, "operand '\(name)' is \(operand.type), but should be integers")
    try require(operand.shape.rank <= 1, "operand '\(name)' is \(operand.type), but should be a list of rank 1")
    return try operand.requireKnown(name).ints
  }

  /// The only integer of such an operand.
  public func knownInteger(_ index: Int, _ name: String) throws -> Int? {
    guard let integers = try knownIntegers(index, name) else { return nil }
    guard integers.count == 1 else {
      throw Diagnostic("operand '\(name)' has \(integers.count) elements, but should be one integer")
    }
    return integers[0]
  }

  /// Throws unless the operand at `index`, if present, is of integers that are used as indices.
  func requireIndices(_ index: Int, _ name: String) throws {
    guard let operand = self[index] else { return }
    try require(
      operand.element == .i64 || operand.element == .i32,
      "operand '\(name)' has elements of type \(operand.element), but should be i32 or i64")
  }

  /// Throws unless operands are of one type of element.
  func requireSameElement(_ a: Int, _ b: Int, _ signature: Signature) throws {
    guard let first = self[a]?.element, let second = self[b]?.element, first != second else { return }
    throw Diagnostic(
      "operands '\(signature.name(at: a))' and '\(signature.name(at: b))' have different types of element: "
        + "\(first) and \(second)")
  }
}

/// An operation whose results must be known when the model is compiled, because its operands say how many they are.
///
/// Its C, if it is left in a graph, is a table.
public protocol KnownOperation: Operation {}

extension Operands where Item == Tensor {
  /// The operands as type inference sees them.
  public var asKnown: Operands<Operand> {
    Operands<Operand>(map { $0.map { tensor in Operand(tensor.type) { tensor } } })
  }
}

/// The sum of integers.
///
/// - Throws: A diagnostic that says what is too large if it does not fit.
func checkedSum(_ a: Int, _ b: Int, of what: @autoclosure () -> String) throws(Diagnostic) -> Int {
  let (sum, overflow) = a.addingReportingOverflow(b)
  try require(!overflow, "\(what()) is too large: \(a) plus \(b)")
  return sum
}

/// The product of integers.
///
/// - Throws: A diagnostic that says what is too large if it does not fit.
func checkedProduct(_ a: Int, _ b: Int, of what: @autoclosure () -> String) throws(Diagnostic) -> Int {
  let (product, overflow) = a.multipliedReportingOverflow(by: b)
  try require(!overflow, "\(what()) is too large: \(a) times \(b)")
  return product
}
