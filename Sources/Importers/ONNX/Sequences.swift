import IR

// Sequences and optionals are resolved when a model is read: a sequence is a list of values, an optional a value or
// nothing.
extension ONNXImporter {
  /// The results of a node that works on sequences or optionals, or nil for any other node.
  mutating func importSequenceNode(
    _ node: OnnxNodeProto, _ operands: [Scope.Binding], in scope: Scope, at location: Location
  ) throws -> [Scope.Binding]? {
    guard Self.sequenceOperators.contains(node.qualifiedType) || operands.contains(where: \.isSequence) else {
      return nil
    }
    if operands.contains(where: \.isUnsupported) { return node.output.map { _ in .unsupported } }
    let sequence = SequenceNode(node: node, operands: operands, location: location)
    switch node.qualifiedType {
    case "Identity", "Optional": return [operands.first ?? .absent]
    case "OptionalGetElement":
      guard let operand = operands.first, !operand.isAbsent else {
        throw Diagnostic("OptionalGetElement gets an optional without element")
      }
      return [operand]
    case "OptionalHasElement":
      return [.value(try constant(Tensor(scalar: operands.first.map { !$0.isAbsent } ?? false), at: location))]
    case "SequenceEmpty": return [.sequence([])]
    case "SequenceConstruct": return [.sequence(try operands.indices.map(sequence.value))]
    case "SequenceAt": return [.value(try sequence.at(in: graph))]
    case "SequenceInsert": return [.sequence(try sequence.inserting(in: graph))]
    case "SequenceErase": return [.sequence(try sequence.erasing(in: graph))]
    case "SequenceLength":
      return [.value(try constant(Tensor(scalar: Int64(try sequence.elements(0).count)), at: location))]
    case "SplitToSequence": return [.sequence(try sequence.splitting(in: &graph))]
    case "ConcatFromSequence": return [.value(try sequence.concatenating(in: &graph))]
    case "SequenceMap": return try map(sequence, in: scope)
    case "If": return nil
    default: throw Diagnostic("\(node.opType) takes tensors, but here an operand is a sequence")
    }
  }

  private static let sequenceOperators: Set<String> = [
    "ConcatFromSequence", "Optional", "OptionalGetElement", "OptionalHasElement", "SequenceAt", "SequenceConstruct",
    "SequenceEmpty", "SequenceErase", "SequenceInsert", "SequenceLength", "SequenceMap", "SplitToSequence",
  ]

  private mutating func constant(_ tensor: Tensor, at location: Location) throws -> Value {
    try graph.add(Constant(tensor), name: nil, at: location)
  }

  /// The results of the body of a SequenceMap for each element, as a sequence for each result.
  private mutating func map(_ sequence: SequenceNode, in scope: Scope) throws -> [Scope.Binding] {
    guard let body = sequence.node.attribute.first(where: { $0.name == "body" && $0.hasG })?.g else {
      throw Diagnostic("SequenceMap has no body")
    }
    let count = try sequence.elements(0).count
    try require(
      body.input.count == sequence.operands.count,
      "the body of SequenceMap takes \(body.input.count) operands, not \(sequence.operands.count)")
    try require(scope.depth < Self.maximumDepth, "bodies are nested more than \(Self.maximumDepth) levels deep")
    var results = [[Value]](repeating: [], count: body.output.count)
    for index in 0..<count {
      var inner = scope
      inner.depth += 1
      inner.prefix = scope.displayName(of: sequence.node) + "/\(index)/"
      inner.callerNames = [:]
      for (input, operand) in zip(body.input, sequence.operands) {
        try inner.bind(input.name, try sequence.element(of: operand, at: index, count: count))
      }
      try importInitializers(body, into: &inner)
      try importNodes(body.node, in: &inner)
      for (place, binding) in try self.results(body.output.map(\.name), of: "the body", in: inner).enumerated() {
        guard let value = binding.value else {
          if binding.isUnsupported { return sequence.node.output.map { _ in .unsupported } }
          throw Diagnostic("the body of SequenceMap should give tensors")
        }
        results[place].append(value)
      }
    }
    return results.map { .sequence($0) }
  }
}

/// A node that works on sequences.
struct SequenceNode {
  let node: OnnxNodeProto
  let operands: [Scope.Binding]
  let location: Location

  /// The longest sequence that is split off a tensor, or given as input.
  static let maximumCount = 4096

  /// The elements of the sequence that is the operand at `index`.
  func elements(_ index: Int) throws(Diagnostic) -> [Value] {
    guard index < operands.count, case .sequence(let values) = operands[index] else {
      throw Diagnostic("operand \(index) of \(node.opType) should be a sequence")
    }
    return values
  }

  /// The tensor that is the operand at `index`.
  func value(_ index: Int) throws(Diagnostic) -> Value {
    guard index < operands.count, case .value(let value) = operands[index] else {
      throw Diagnostic("operand \(index) of \(node.opType) should be a tensor")
    }
    return value
  }

  /// The element of an operand of SequenceMap that the body sees; a tensor is the same for all.
  func element(of operand: Scope.Binding, at index: Int, count: Int) throws(Diagnostic) -> Scope.Binding {
    guard case .sequence(let values) = operand else { return operand }
    try require(
      values.count == count, "SequenceMap gets sequences of different lengths: \(count) and \(values.count)")
    return .value(values[index])
  }

  /// The place in a sequence that the operand at `index` means, among `count`; it counts from the end of the sequence
  /// where it is negative.
  private func position(_ index: Int, among count: Int, of length: Int, in graph: Graph) throws -> Int {
    let position = try self.value(index)
    guard let known = try graph.knownTensor(position) else {
      throw Diagnostic("the position must be known when the model is compiled, but it is computed from an input")
    }
    try require(
      known.type.elementCount == 1 && known.element.isInteger,
      "the position should be one integer, not \(known.type)")
    let place = known.ints[0]
    try require(
      place >= -length && place < count, "position \(place) lies outside of a sequence of \(length) elements")
    return place < 0 ? place + length : place
  }

  func at(in graph: Graph) throws -> Value {
    let values = try elements(0)
    return values[try position(1, among: values.count, of: values.count, in: graph)]
  }

  func inserting(in graph: Graph) throws -> [Value] {
    var values = try elements(0)
    let isGiven = operands.count > 2 && !operands[2].isAbsent
    let place = isGiven ? try position(2, among: values.count + 1, of: values.count, in: graph) : values.count
    values.insert(try value(1), at: place)
    return values
  }

  func erasing(in graph: Graph) throws -> [Value] {
    var values = try elements(0)
    try require(!values.isEmpty, "SequenceErase gets an empty sequence")
    let isGiven = operands.count > 1 && !operands[1].isAbsent
    values.remove(at: isGiven ? try position(1, among: values.count, of: values.count, in: graph) : values.count - 1)
    return values
  }

  private func int(_ name: String) -> Int? { node.attribute.first { $0.name == name }.map { Int($0.i) } }

  /// The parts of a tensor along an axis.
  func splitting(in graph: inout Graph) throws -> [Value] {
    let x = try value(0)
    let shape = graph.type(of: x).shape
    let axis = try shape.existingAxis(int("axis") ?? 0)
    let isGiven = operands.count > 1 && !operands[1].isAbsent
    let sizes = isGiven ? try partSizes(shape[axis], in: graph) : [Int](repeating: 1, count: try checked(shape[axis]))
    if sizes.isEmpty { return [] }
    let split = try graph.add(Constant(Tensor(sizes.map { Int64($0) })), name: nil, at: location)
    var op = Split()
    op.axis = axis
    let parts = try graph.add(op, [x, split], at: location)
    guard !isGiven, int("keepdims") == 0 else { return parts }
    let axes = try graph.add(Constant(Tensor([Int64(axis)])), name: nil, at: location)
    return try parts.map { try graph.add(Squeeze(), [$0, axes], name: nil, at: location) }
  }

  private func checked(_ count: Int) throws(Diagnostic) -> Int {
    try require(
      count <= Self.maximumCount,
      "a sequence of \(count) elements is too long; at most \(Self.maximumCount) are possible")
    return count
  }

  /// The extents of the parts that the second operand gives: one for all but the last, or one for each.
  private func partSizes(_ extent: Int, in graph: Graph) throws -> [Int] {
    guard let known = try graph.knownTensor(try value(1)), known.element.isInteger, known.shape.rank < 2 else {
      throw Diagnostic("operand 'split' should be integers that are known when the model is compiled")
    }
    if known.shape.rank == 1 {
      _ = try checked(known.type.elementCount)
      return known.ints
    }
    let size = known.ints[0]
    try require(size > 0, "operand 'split' is \(size), but should be at least 1")
    _ = try checked(extent / size + 1)
    return stride(from: 0, to: extent, by: size).map { min(size, extent - $0) }
  }

  /// All elements behind each other along an axis, which may be a new one.
  func concatenating(in graph: inout Graph) throws -> Value {
    var values = try elements(0)
    try require(!values.isEmpty, "ConcatFromSequence gets an empty sequence")
    guard let axis = int("axis") else { throw Diagnostic("ConcatFromSequence has no attribute 'axis'") }
    if int("new_axis") ?? 0 != 0 {
      let axes = try graph.add(Constant(Tensor([Int64(axis)])), name: nil, at: location)
      values = try values.map { try graph.add(Unsqueeze(), [$0, axes], name: nil, at: location) }
    }
    return try graph.add(Concat(axis: axis), values, name: nil, at: location)
  }
}
