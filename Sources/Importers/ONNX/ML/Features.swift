import IR

// The operators of ai.onnx.ml that prepare features.
extension NodeDraft {
  /// Scaler: `(x - offset) * scale`.
  mutating func scale(in graph: inout Graph) throws -> [Value?] {
    var x = try cast(try required(0), to: .f32, in: &graph)
    if let offset = try featureRow("offset", of: x, in: &graph) { x = try add(Sub(), [x, offset], in: &graph) }
    if let scale = try featureRow("scale", of: x, in: &graph) { x = try add(Mul(), [x, scale], in: &graph) }
    return [x]
  }

  /// The numbers that are the attribute `name` as a constant: one for all features, or one for each.
  private mutating func featureRow(_ name: String, of x: Value, in graph: inout Graph) throws -> Value? {
    guard let numbers = try takeFloats(name), !numbers.isEmpty else { return nil }
    try checkFeatureCount(numbers.count, name, graph.type(of: x))
    return try constant(Tensor(numbers.map { Float($0) }), in: &graph)
  }

  /// Throws unless an attribute has a number for all features, or one for each.
  private func checkFeatureCount(_ count: Int, _ name: String, _ x: TensorType) throws(Diagnostic) {
    let features = x.shape.last ?? 1
    try check(
      count == 1 || (count == features && x.shape.rank > 0),
      "attribute '\(name)' has \(count) numbers, but should have 1 or \(features), as operand X is \(x)")
  }

  /// Normalizer: each row divided by its greatest element, or by its 1-norm or 2-norm; it remains where that is 0.
  mutating func normalize(in graph: inout Graph) throws -> [Value?] {
    let x = try cast(try required(0), to: .f32, in: &graph)
    try check((1...2).contains(graph.type(of: x).shape.rank), "operand X is \(graph.type(of: x)), but should be rows")
    let norm = try takeString("norm") ?? "MAX"
    switch norm {
    case "L1", "L2":
      var op = LpNormalization()
      op.p = norm == "L1" ? 1 : 2
      return [try add(op, [x], in: &graph)]
    case "MAX":
      let axis = try constant(Tensor([Int64(-1)]), in: &graph)
      let greatest = try add(ReduceMax(), [x, axis], in: &graph)
      let zero = try scalar(0, .f32, in: &graph)
      let isZero = try add(Equal(), [greatest, zero], in: &graph)
      let divisor = try add(Where(), [isZero, try scalar(1, .f32, in: &graph), greatest], in: &graph)
      return [try add(Div(), [x, divisor], in: &graph)]
    default: throw fault("attribute 'norm' is '\(norm)', but should be MAX, L1 or L2")
    }
  }

  /// Binarizer: 1 where an element is greater than the threshold, else 0.
  mutating func binarize(in graph: inout Graph) throws -> [Value?] {
    let x = try required(0)
    let element = graph.type(of: x).element
    // The threshold may have a fraction, and is compared as it is.
    let number = element.isInteger ? try cast(x, to: .f64, in: &graph) : x
    let threshold = try scalar(try takeFloat("threshold") ?? 0, graph.type(of: number).element, in: &graph)
    return [try cast(try add(Greater(), [number, threshold], in: &graph), to: element, in: &graph)]
  }

  /// Imputer: another number in the place of one that stands for a missing one.
  mutating func impute(in graph: inout Graph) throws -> [Value?] {
    let x = try required(0)
    let type = graph.type(of: x)
    let floats = (try takeFloats("imputed_value_floats") ?? [], try takeFloat("replaced_value_float") ?? 0)
    let ints = (try takeInts("imputed_value_int64s") ?? [], try takeInt("replaced_value_int64") ?? 0)
    let name = type.element.isFloat ? "imputed_value_floats" : "imputed_value_int64s"
    let count = type.element.isFloat ? floats.0.count : ints.0.count
    try check(count > 0, "attribute '\(name)' is missing, which operand X of type \(type) needs")
    try checkFeatureCount(count, name, type)
    let row = TensorType(type.element, count == 1 ? [] : [count])
    let imputed =
      type.element.isFloat ? Tensor(row, reals: floats.0) : Tensor(row, integers: ints.0.map { Int128($0) })
    let isMissing: Value
    if type.element.isFloat, floats.1.isNaN {
      isMissing = try add(IsNaN(), [x], in: &graph)
    } else {
      let scalar = TensorType(type.element, [])
      let replaced =
        type.element.isFloat ? Tensor(scalar, reals: [floats.1]) : Tensor(scalar, integers: [Int128(ints.1)])
      isMissing = try add(Equal(), [x, try constant(replaced, in: &graph)], in: &graph)
    }
    return [try add(Where(), [isMissing, try constant(imputed, in: &graph), x], in: &graph)]
  }

  /// OneHotEncoder: 1 at the place of the category that an element is, else 0. An element that is none of them gives
  /// zeros, also where `zeros: 0` asks for an error, which a device cannot give.
  mutating func encodeOneHot(in graph: inout Graph) throws -> [Value?] {
    try check(take("cats_strings") == nil, noStrings)
    take("zeros")
    let x = try required(0)
    guard let categories = try takeInts("cats_int64s") else { throw fault("attribute 'cats_int64s' is missing") }
    let whole = try cast(x, to: .i64, in: &graph)
    let column = try graph.reshape(whole, to: graph.type(of: x).shape.extents + [1], at: location)
    let row = try constant(Tensor(categories.map { Int64($0) }), in: &graph)
    return [try cast(try add(Equal(), [column, row], in: &graph), to: .f32, in: &graph)]
  }

  /// FeatureVectorizer: the features of all operands beside each other, each operand cut or filled with zeros to as
  /// many as the attribute says.
  mutating func joinFeatures(in graph: inout Graph) throws -> [Value?] {
    let counts = try takeInts("inputdimensions")
    try check(
      counts.map { $0.count == operands.count } ?? true,
      "attribute 'inputdimensions' has \(counts?.count ?? 0) elements, but there are \(operands.count) operands")
    var parts: [Value] = []
    for index in operands.indices {
      var part = try cast(try matrix(index, in: &graph), to: .f32, in: &graph)
      let found = graph.type(of: part).shape[1]
      if let count = counts?[index], count != found {
        try check(count >= 0, "attribute 'inputdimensions' has \(count), but should have numbers of features")
        let (missing, overflow) = count.subtractingReportingOverflow(found)
        try check(!overflow, "attribute 'inputdimensions' has \(count), which is too large")
        part = try add(Pad(), [part, try constant(Tensor([0, 0, 0, Int64(missing)]), in: &graph)], in: &graph)
      }
      parts.append(part)
    }
    return [parts.count == 1 ? parts[0] : try add(Concat(axis: 1), parts, in: &graph)]
  }

  /// ArrayFeatureExtractor: elements along the last axis, by their places.
  mutating func extractFeatures(in graph: inout Graph) throws -> [Value?] {
    let (x, places) = (try required(0), try required(1))
    let count = graph.type(of: places).elementCount
    let list = try graph.reshape(places, to: [count], at: location)
    var op = Gather()
    op.axis = -1
    let result = try add(op, [x, list], in: &graph)
    // A vector counts as one row.
    return [graph.type(of: x).shape.rank == 1 ? try graph.reshape(result, to: [1, count], at: location) : result]
  }

  /// ZipMap: the probabilities as they are, in the order of the classes. A program on a device knows the classes and
  /// needs no map from them.
  mutating func zipMap(in graph: inout Graph) throws -> [Value?] {
    let x = try required(0)
    let labels = try takeInts("classlabels_int64s")?.count ?? 0
    let names = try takeStrings("classlabels_strings")?.count ?? 0
    let columns = graph.type(of: x).shape.last ?? 1
    try check(
      max(labels, names) == columns,
      "there are \(max(labels, names)) class labels, but operand X is \(graph.type(of: x))")
    return [x]
  }
}
