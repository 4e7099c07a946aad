/// How elements of heads are rotated by angles that depend on the step.
struct Rotation {
  /// Whether neighbours are a pair; otherwise an element of the first half and one of the second.
  var isInterleaved: Bool
  /// How many elements of each head are rotated; all where 0.
  var size: Int
  /// The number of heads, needed where the operand has no axis for it.
  var heads: Int?
}

extension Expansion {
  /// `x` with the pairs of each head rotated by the angles of which `cos` and `sin` are the functions.
  ///
  /// x is [batch, heads, steps, size] or [batch, steps, heads * size]. The functions are [batch or 1, steps, pairs], or
  /// with `positions` [batch or 1, steps] a table [positions, pairs].
  mutating func rotate(
    _ x: Value, cos: Value, sin: Value, positions: Value?, _ rotation: Rotation
  ) throws -> Value {
    let type = type(x)
    try require(
      type.element.isFloat && (3...4).contains(type.shape.rank), "X is \(type), but should have 3 or 4 axes and floats")
    let split = try splitHeads(x, rotation.heads)
    let extents = shape(split)
    let (size, stepAxis) = (extents[3], type.shape.rank == 4 ? 2 : 1)
    let rotated = rotation.size == 0 ? size : rotation.size
    try require(
      rotated >= 2 && rotated % 2 == 0 && rotated <= size,
      "\(rotated) elements of each head are rotated, but that should be an even number up to the \(size) that there are"
    )
    let (cos, sin) = try (
      angles(cos, "cos_cache", positions, extents, stepAxis, rotated / 2),
      angles(sin, "sin_cache", positions, extents, stepAxis, rotated / 2)
    )
    let turning = rotated == size ? split : try slice(split, axis: 3, from: 0, to: rotated)
    var result = try turn(turning, cos, sin, isInterleaved: rotation.isInterleaved)
    if rotated < size {
      result = try add(Concat(axis: 3), result, slice(split, axis: 3, from: rotated, to: size))
    }
    return try reshape(result, type.shape.extents)
  }

  /// A tensor [batch, steps, heads * size] as [batch, steps, heads, size]; one with four axes remains.
  private mutating func splitHeads(_ x: Value, _ heads: Int?) throws -> Value {
    let shape = shape(x)
    guard shape.rank == 3 else { return x }
    guard let heads, heads != 0 else { throw Diagnostic("X [\(shape)] has no axis of heads, so num_heads is needed") }
    try require(
      heads >= 1 && shape[2] % heads == 0,
      "num_heads is \(heads), but should divide the \(shape[2]) elements of the last axis of X [\(shape)]")
    return try reshape(x, [shape[0], shape[1], heads, shape[2] / heads])
  }

  /// The cosines or sines of all pairs, with the axes of the heads that they rotate.
  private mutating func angles(
    _ cache: Value, _ name: String, _ positions: Value?, _ heads: Shape, _ stepAxis: Int, _ pairs: Int
  ) throws -> Value {
    let (batch, steps) = (heads[0], heads[stepAxis])
    let found = shape(cache)
    var table = cache
    if let positions {
      let shape = shape(positions)
      try require(
        shape.rank == 2 && [1, batch].contains(shape[0]) && shape[1] == steps,
        "position_ids is [\(shape)], but should be [\(batch)x\(steps)]")
      try require(
        found.rank == 2 && found[1] == pairs, "\(name) is [\(found)], but should have rows of \(pairs) elements")
      table = try add(Gather(), cache, positions)
    } else {
      try require(
        found.rank == 3 && [1, batch].contains(found[0]) && found[1] == steps && found[2] == pairs,
        "\(name) is [\(found)], but should be [\(batch)x\(steps)x\(pairs)] where there are no position_ids")
    }
    let first = shape(table)[0]
    return try reshape(table, stepAxis == 2 ? [first, 1, steps, pairs] : [first, steps, 1, pairs])
  }

  private mutating func turn(_ x: Value, _ cos: Value, _ sin: Value, isInterleaved: Bool) throws -> Value {
    let extents = shape(x).extents
    let size = extents[3]
    let first = try slice(x, axis: 3, from: 0, to: isInterleaved ? size : size / 2, step: isInterleaved ? 2 : 1)
    let second = try slice(x, axis: 3, from: isInterleaved ? 1 : size / 2, to: size, step: isInterleaved ? 2 : 1)
    let real = try add(Sub(), add(Mul(), cos, first), add(Mul(), sin, second))
    let imaginary = try add(Add(), add(Mul(), sin, first), add(Mul(), cos, second))
    guard isInterleaved else { return try add(Concat(axis: 3), real, imaginary) }
    let column = Array(extents[..<3]) + [size / 2, 1]
    return try reshape(add(Concat(axis: 4), reshape(real, column), reshape(imaginary, column)), extents)
  }
}
