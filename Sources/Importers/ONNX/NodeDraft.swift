import IR

/// A node of an ONNX file on its way to an operation of the IR, as upgrades rewrite it.
struct NodeDraft {
  /// The name of the operator.
  var type: String
  /// The operands; nil where one is left out.
  var operands: [Value?]
  /// The attributes, of which tensors and lists are those of the file.
  var attributes: Attributes
  /// The names of the outputs; empty where one is left out.
  let outputs: [String]
  /// Where the node is in the file.
  let location: Location
  /// What remains to be done with the first result.
  var finish: ((Value, inout Graph) throws -> Value)?

  /// The operand at `index`, or nil where it is left out.
  func operand(_ index: Int) -> Value? { index < operands.count ? operands[index] : nil }

  /// The operand at `index`, which must be there.
  func required(_ index: Int) throws(Diagnostic) -> Value {
    guard let value = operand(index) else { throw Diagnostic("\(type) has no operand at index \(index)", at: location) }
    return value
  }

  mutating func setOperand(_ index: Int, _ value: Value?) {
    while operands.count <= index { operands.append(nil) }
    operands[index] = value
  }

  /// The integer that is the attribute `name`, which is removed.
  mutating func takeInt(_ name: String) throws(Diagnostic) -> Int? {
    guard let attribute = take(name) else { return nil }
    guard case .int(let value) = attribute else { throw mismatch(name, attribute, "an integer") }
    return value
  }

  /// The integers that are the attribute `name`, which is removed.
  mutating func takeInts(_ name: String) throws(Diagnostic) -> [Int]? {
    guard let attribute = take(name) else { return nil }
    guard case .list(let values) = attribute else { throw mismatch(name, attribute, "a list of integers") }
    var result: [Int] = []
    for value in values {
      guard case .int(let value) = value else { throw mismatch(name, attribute, "a list of integers") }
      result.append(value)
    }
    return result
  }

  /// The number that is the attribute `name`, which is removed.
  mutating func takeFloat(_ name: String) throws(Diagnostic) -> Double? {
    guard let attribute = take(name) else { return nil }
    guard case .float(let value) = attribute else { throw mismatch(name, attribute, "a number") }
    return value
  }

  /// The numbers that are the attribute `name`, which is removed.
  mutating func takeFloats(_ name: String) throws(Diagnostic) -> [Double]? {
    guard let attribute = take(name) else { return nil }
    guard case .list(let values) = attribute else { throw mismatch(name, attribute, "a list of numbers") }
    var result: [Double] = []
    for value in values {
      guard case .float(let value) = value else { throw mismatch(name, attribute, "a list of numbers") }
      result.append(value)
    }
    return result
  }

  /// The string that is the attribute `name`, which is removed.
  mutating func takeString(_ name: String) throws(Diagnostic) -> String? {
    guard let attribute = take(name) else { return nil }
    guard case .string(let value) = attribute else { throw mismatch(name, attribute, "a string") }
    return value
  }

  /// The strings that are the attribute `name`, which is removed.
  mutating func takeStrings(_ name: String) throws(Diagnostic) -> [String]? {
    guard let attribute = take(name) else { return nil }
    guard case .list(let values) = attribute else { throw mismatch(name, attribute, "a list of strings") }
    var result: [String] = []
    for value in values {
      guard case .string(let value) = value else { throw mismatch(name, attribute, "a list of strings") }
      result.append(value)
    }
    return result
  }

  /// The tensor that is the attribute `name`, which is removed.
  mutating func takeTensor(_ name: String) throws(Diagnostic) -> Tensor? {
    guard let attribute = take(name) else { return nil }
    guard case .tensor(let value) = attribute else { throw mismatch(name, attribute, "a tensor") }
    return value
  }

  /// The attribute `name`, which is removed.
  @discardableResult
  mutating func take(_ name: String) -> Attribute? {
    guard let index = attributes.entries.firstIndex(where: { $0.name == name }) else { return nil }
    return attributes.entries.remove(at: index).value
  }

  /// Sets the attribute `name`.
  mutating func set(_ name: String, _ value: Attribute) {
    take(name)
    attributes.entries.append((name, value))
  }

  /// Makes integers that used to be the attribute `name` the operand at `index`.
  mutating func moveInts(_ name: String, to index: Int, in graph: inout Graph) throws {
    guard let ints = try takeInts(name) else { return }
    setOperand(index, try graph.add(Constant(Tensor(ints.map { Int64($0) })), name: nil, at: location))
  }

  private func mismatch(_ name: String, _ found: Attribute, _ expected: String) -> Diagnostic {
    Diagnostic("\(type): attribute '\(name)' should be \(expected), not \(found)", at: location)
  }
}
