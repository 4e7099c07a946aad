import IR

// The longer rewritings of the table of upgrades.
extension NodeDraft {
  /// Gives the second operand axes at its end, so that it is broadcast as the attributes `broadcast` and `axis` say.
  mutating func broadcastFromAxis(in graph: inout Graph) throws {
    let isBroadcast = try takeInt("broadcast") ?? 0 != 0
    guard let axis = try takeInt("axis"), isBroadcast else { return }
    let b = try required(1)
    let rank = graph.type(of: try required(0)).shape.rank
    let start = try graph.type(of: try required(0)).shape.axis(axis)
    let missing = rank - start - graph.type(of: b).shape.rank
    guard missing >= 0 else { throw Diagnostic("\(type): operand B does not fit from axis \(axis) on", at: location) }
    setOperand(
      1, try graph.reshape(b, to: graph.type(of: b).shape.extents + [Int](repeating: 1, count: missing), at: location))
  }

  /// Makes the number that used to be the attribute `name` the operand at `index`, of the type of the first operand.
  mutating func moveNumber(_ name: String, to index: Int, in graph: inout Graph) throws {
    guard let number = try takeFloat(name) else { return }
    let element = graph.type(of: try required(0)).element
    setOperand(
      index, try graph.add(Constant(Tensor(TensorType(element, []), reals: [number])), name: nil, at: location))
  }

  /// Makes the name of a type of element, as the attribute `name` used to be, its number.
  mutating func readTypeName(_ name: String) throws {
    guard case .string(let word) = attributes[name] else { return }
    let names = [
      "FLOAT", "UINT8", "INT8", "UINT16", "INT16", "INT32", "INT64", "STRING", "BOOL", "FLOAT16", "DOUBLE", "UINT32",
      "UINT64",
    ]
    guard let index = names.firstIndex(of: word.uppercased()) else {
      throw Diagnostic("\(type): attribute '\(name)' is '\(word)', which is no type of element", at: location)
    }
    set(name, .int(index + 1))
  }

  /// Joins all axes from `axis` on into one, over which the operator now works, and separates them again.
  mutating func flattenFromAxis(in graph: inout Graph) throws {
    let x = try required(0)
    let shape = graph.type(of: x).shape
    let axis = try takeInt("axis") ?? 1
    // A vector has no axis 1, but is a matrix of one column by the old definition.
    let first = axis == shape.rank ? axis : try shape.axis(axis)
    set("axis", .int(-1))
    guard first != shape.rank - 1 else { return }
    let location = location
    setOperand(
      0,
      try graph.reshape(
        x, to: [shape.elementCount(of: 0..<first), shape.elementCount(of: first..<shape.rank)], at: location))
    finish = { result, graph in try graph.reshape(result, to: shape.extents, at: location) }
  }

  /// Repeats the scale and bias of each group for its channels.
  mutating func repeatGroups(in graph: inout Graph) throws {
    let shape = graph.type(of: try required(0)).shape
    guard case .int(let groups) = attributes["num_groups"], groups > 0, shape.rank > 1, shape[1] % groups == 0 else {
      return
    }
    for index in 1...2 {
      let value = try required(index)
      guard graph.type(of: value).shape == [groups] else { continue }
      let column = try graph.reshape(value, to: [groups, 1], at: location)
      let extents = Constant(Tensor([Int64(groups), Int64(shape[1] / groups)]))
      let table = try graph.add(
        Expand(), [column, try graph.add(extents, name: nil, at: location)], name: nil, at: location)
      setOperand(index, try graph.reshape(table, to: [shape[1]], at: location))
    }
  }
}

extension Graph {
  /// Adds a Reshape of `value` to fixed extents.
  mutating func reshape(_ value: Value, to extents: [Int], at location: Location?) throws -> Value {
    let shape = try add(Constant(Tensor(extents.map { Int64($0) })), name: nil, at: location)
    var op = Reshape()
    op.allowzero = true  // so that an extent of 0 is that extent
    return try add(op, [value, shape], name: nil, at: location)
  }
}
