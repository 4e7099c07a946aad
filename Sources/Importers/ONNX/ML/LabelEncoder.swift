import IR

extension NodeDraft {
  /// LabelEncoder: for each element the value that belongs to it.
  ///
  /// Values that are strings become indices of their names, which the header of the C has.
  mutating func encodeLabels(in graph: inout Graph) throws -> [Value?] {
    try check(take("keys_strings") == nil && take("classes_strings") == nil, noStrings)
    guard let keys = try takeNumbers("keys") else { throw fault("there are no keys") }
    let names = try takeStrings("values_strings")
    let values = try names.map { Tensor($0.indices.map { Int64($0) }) } ?? takeNumbers("values")
    guard let values else { throw fault("there are no values") }
    try check(
      keys.shape.rank == 1 && keys.shape == values.shape,
      "the keys \(keys.type) and values \(values.type) should be lists of one length")
    let otherName = try takeString("default_string") ?? "_Unused"
    let other = try takeDefault(for: values, hasNames: names != nil)
    var x = try required(0)
    // Integers of any width can be keys.
    if graph.type(of: x).element.isInteger, keys.element == .i64 { x = try cast(x, to: .i64, in: &graph) }
    let order = Self.order(of: keys)
    let operands = [
      keys.gathering(order, shape: [order.count]), values.gathering(order, shape: [order.count]),
      other,
    ]
    let result = try add(Lookup(), [x] + (try operands.map { try constant($0, in: &graph) }), in: &graph)
    return [names == nil ? result : try add(ClassLabels(names: names! + [otherName]), [result], in: &graph)]
  }

  /// The places of keys in an order in which they rise; of equal ones the last counts.
  private static func order(of keys: Tensor) -> [Int?] {
    func order<Number>(_ numbers: [Number], _ isLess: (Number, Number) -> Bool) -> [Int] {
      let places = numbers.indices.sorted { a, b in
        isLess(numbers[a], numbers[b]) || (!isLess(numbers[b], numbers[a]) && a < b)
      }
      return places.enumerated().filter { index, place in
        index + 1 == places.count || isLess(numbers[place], numbers[places[index + 1]])
      }.map(\.element)
    }
    return keys.element.isFloat
      ? order(keys.reals) { $0 < $1 || (!$0.isNaN && $1.isNaN) } : order(keys.integers, <)
  }

  /// The keys or values, in one of the attributes that can have them.
  private mutating func takeNumbers(_ kind: String) throws(Diagnostic) -> Tensor? {
    let floats = try takeFloats("\(kind)_floats").map { Tensor($0.map { Float($0) }) }
    let ints = try takeInts("\(kind)_int64s").map { Tensor($0.map { Int64($0) }) }
    let tensor = try takeTensor("\(kind)_tensor")
    return floats ?? ints ?? tensor
  }

  /// The value of an element that is no key; for names the one behind all others.
  private mutating func takeDefault(for values: Tensor, hasNames: Bool) throws(Diagnostic) -> Tensor {
    let (float, int) = (try takeFloat("default_float"), try takeInt("default_int64"))
    let type = TensorType(values.element, [])
    if let tensor = try takeTensor("default_tensor"), !hasNames {
      try check(
        tensor.element == values.element && tensor.type.elementCount == 1,
        "attribute 'default_tensor' is \(tensor.type), but should be one element of type \(values.element)")
      return tensor.reshaped(to: [])
    }
    if hasNames { return Tensor(type, integers: [Int128(values.type.elementCount)]) }
    return values.element.isFloat
      ? Tensor(type, reals: [float ?? -0.0]) : Tensor(type, integers: [Int128(int ?? -1)])
  }
}
