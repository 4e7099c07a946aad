extension RecurrentOperation {
  /// The operand that tells the lengths of sequences.
  public static var lengthsOperand: Int { 4 }

  /// The operand with the exponents of weights in fixed point.
  public static var exponentsOperand: Int { operands.names.count - 1 }

  /// The sizes for an operand X and weights R.
  public func geometry(_ x: Shape, _ r: Shape) throws(Diagnostic) -> RecurrentGeometry {
    try require(layout == 0 || layout == 1, "attribute 'layout' is \(layout), but should be 0 or 1")
    try require(x.rank == 3, "X has shape [\(x)], but should have three axes: steps, batch and inputs")
    try require(r.rank == 3, "R has shape [\(r)], but should have three axes: directions, gates and hidden elements")
    let hidden = r[2]
    try require(hidden > 0, "R has shape [\(r)], but should have at least one hidden element")
    if let hiddenSize {
      try require(
        hiddenSize == hidden, "attribute 'hidden_size' is \(hiddenSize), but R of shape [\(r)] makes it \(hidden)")
    }
    return RecurrentGeometry(
      steps: x[layout], batch: x[1 - layout], inputs: x[2], hidden: hidden, directions: direction.count,
      isBatchFirst: layout == 1)
  }

  /// The functions that the cell applies in each direction.
  ///
  /// - Throws: A diagnostic if their names or parameters are not possible.
  public func functions() throws(Diagnostic) -> [[GateFunction]] {
    let count = Self.defaultActivations.count
    var names = activations
    if names.isEmpty { for _ in 0..<direction.count { names += Self.defaultActivations } }
    try require(
      names.count == count * direction.count,
      "attribute 'activations' has \(names.count) names, but should have \(count * direction.count)")
    let all = try GateFunction.list(names, alphas: activationAlpha, betas: activationBeta)
    return (0..<direction.count).map { Array(all[$0 * count..<($0 + 1) * count]) }
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let isFixed = operands[Self.exponentsOperand] != nil
    let others = [Self.lengthsOperand] + (isFixed ? [1, 2, Self.exponentsOperand] : [])
    let floats = operands.enumerated().map { others.contains($0) ? nil : $1 }
    let element = try Operands(floats).commonElement()
    let geometry = try geometry(operands.first.shape, operands.required(2).shape)
    let (hidden, directions) = (geometry.hidden, geometry.directions)
    let rows = Self.gateCount * hidden
    let reason = "X is [\(operands.first.shape)], there are \(hidden) hidden elements and the direction is \(direction)"
    let shapes: [(Int, Shape)] = [
      (1, [directions, rows, geometry.inputs]), (2, [directions, rows, hidden]), (3, [directions, 2 * rows]),
      (Self.lengthsOperand, [geometry.batch]), (7, [directions, 3 * hidden]),
    ]
    for (index, shape) in shapes + Self.stateOperands.map({ ($0, geometry.stateShape) })
    where operands[index] != nil {
      try operands.requireShape(index, Self.operands.name(at: index), is: shape, because: reason)
    }
    if let lengths = operands[Self.lengthsOperand] {
      try require(lengths.element == .i32, "sequence_lens has elements of type \(lengths.element), but should have i32")
    }
    if isFixed { try checkFixedPoint(operands, directions * rows) }
    if let clip { try require(clip >= 0, "attribute 'clip' is \(clip), but should not be negative") }
    _ = try functions()
    let state = TensorType(element, geometry.stateShape)
    return [TensorType(element, geometry.resultShape)] + Self.stateOperands.map { _ in state }
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let geometry = try geometry(operands.first.shape, operands.required(2).shape)
    let x = operands.first.reals
    let lengths = try lengths(operands[Self.lengthsOperand], geometry)
    let initial = Self.stateOperands.map { operands[$0]?.reals }
    let cells = try cells(operands, geometry)
    var values = results.map { [Double](repeating: 0, count: $0.elementCount) }
    for (direction, cell) in cells.enumerated() {
      let isReverse = self.direction == .reverse || direction == 1
      for batch in 0..<geometry.batch where lengths[batch] > 0 {
        let strides = geometry.stateStrides
        let first = direction * strides.direction + batch * strides.batch
        let place = first..<first + geometry.hidden
        let states = (0..<2).map { $0 < initial.count ? initial[$0].map { Array($0[place]) } : nil }
        let zeros = [Double](repeating: 0, count: geometry.hidden)
        var state = RecurrentState(hidden: states[0] ?? zeros, cell: states[1] ?? zeros)
        for step in 0..<lengths[batch] {
          let at = isReverse ? lengths[batch] - 1 - step : step
          let source = at * geometry.inputStrides.step + batch * geometry.inputStrides.batch
          advance(&state, Array(x[source..<source + geometry.inputs]), cell)
          let y = geometry.resultStrides
          let target = at * y.step + direction * y.direction + batch * y.batch
          values[0].replaceSubrange(target..<target + geometry.hidden, with: state.hidden)
        }
        values[1].replaceSubrange(place, with: state.hidden)
        if values.count > 2 { values[2].replaceSubrange(place, with: state.cell) }
      }
    }
    return zip(results, values).map { Tensor($0, reals: $1) }
  }

  /// Throws unless weights in fixed point are ones that sums of 64 bits hold. There are so many rows of W, and of R.
  private func checkFixedPoint(_ operands: Operands<Operand>, _ rows: Int) throws {
    let found = [operands.first.element] + [1, 2, Self.exponentsOperand].map { operands.required($0).element }
    try require(
      found == [.f32, .i32, .i32, .i16],
      "operands have elements of type \(found.map(\.rawValue).joined(separator: ", ")), but where there are exponents E "
        + "X, W, R and E should have f32, i32, i32, i16")
    let shape: Shape = [direction.count, 2 * rows / direction.count]
    try operands.requireShape(Self.exponentsOperand, "E", is: shape, because: "there is one for each row of W and R")
    _ = try operands.required(Self.exponentsOperand).requireKnown("E")
    for (index, name) in [(1, "W"), (2, "R")] {
      let weights = try operands.required(index).requireKnown(name)
      let columns = weights.shape[2]
      try FixedPoint(productCount: columns).check(
        weights, channels: (0..<weights.type.elementCount).map { $0 / columns }, count: rows)
    }
    let bias = try operands[3]?.requireKnown("B")
    try require(
      bias?.reals.allSatisfy(\.isFinite) ?? true,
      "B should have neither infinities nor NaN where weights are in fixed point")
  }

  private func lengths(_ tensor: Tensor?, _ geometry: RecurrentGeometry) throws(Diagnostic) -> [Int] {
    guard let lengths = tensor?.ints else { return [Int](repeating: geometry.steps, count: geometry.batch) }
    for length in lengths {
      try require(
        (0...geometry.steps).contains(length),
        "sequence_lens has \(length), but should have numbers from 0 to the \(geometry.steps) steps of X")
    }
    return lengths
  }

  private func cells(_ operands: Operands<Tensor>, _ geometry: RecurrentGeometry) throws -> [RecurrentCell] {
    let rows = Self.gateCount * geometry.hidden
    let exponents = operands[Self.exponentsOperand]?.elements(as: Int16.self)
    func part(_ index: Int, _ direction: Int, _ count: Int) -> [Double] {
      guard let reals = operands[index]?.reals else { return [Double](repeating: 0, count: count) }
      let part = Array(reals[direction * count..<(direction + 1) * count])
      guard let exponents, index == 1 || index == 2 else { return part }
      let first = (2 * direction + index - 1) * rows
      return part.enumerated().map { place, integer in
        integer * Double(sign: .plus, exponent: Int(exponents[first + place / (count / rows)]), significand: 1)
      }
    }
    return try functions().enumerated().map { direction, functions in
      RecurrentCell(
        w: part(1, direction, rows * geometry.inputs), r: part(2, direction, rows * geometry.hidden),
        b: part(3, direction, 2 * rows), p: part(7, direction, 3 * geometry.hidden), functions: functions,
        clip: clip.map(Double.init) ?? .infinity)
    }
  }
}
