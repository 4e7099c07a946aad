import IR

extension RNN: Emittable {}
extension LSTM: Emittable {}
extension GRU: Emittable {}

extension RecurrentOperation where Self: Emittable {
  /// The kernel for one step, without the suffix of its type.
  private var stepKernel: String {
    switch self {
    case let op as LSTM: op.inputForget ? "nnc_lstm_coupled_step" : "nnc_lstm_step"
    case let op as GRU: op.linearBeforeReset ? "nnc_gru_linear_step" : "nnc_gru_step"
    default: "nnc_rnn_step"
    }
  }

  /// How many elements the kernel for one step keeps in scratch memory for each element of the state.
  private var roomCount: Int { self is GRU ? 4 : Self.gateCount }

  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) -> Int {
    // The state and what stays inside the cell, then the gates, then the integers of a step or state.
    let (x, hidden) = (operands.first, operands.required(2).shape[2])
    let integers = operands[Self.exponentsOperand] == nil ? 0 : max(x.shape[2], hidden)
    return TensorType(x.element, [(2 + roomCount) * hidden]).byteCount + TensorType(.i32, [integers]).byteCount
  }

  public func placement(of result: Int, _ node: Node, _ operands: Operands<Operand>) -> Placement {
    // The state is copied to scratch memory before the first step, and back after the last.
    result == 0 || result > Self.stateOperands.count ? .own : .inPlace(operands: [Self.stateOperands[result - 1]])
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let geometry = try geometry(site.type(0).shape, site.type(2).shape)
    let functions = try functions()
    let type = site.resultType.element.cType
    c.line("\(type) *const state = (\(type) *)scratch;")
    for direction in 0..<geometry.directions {
      c.block("/* \(isReverse(direction) ? "backward" : "forward") */") { c in
        emitCell(site, direction, geometry, functions[direction], into: &c)
        emitCall(site, direction, geometry, into: &c)
      }
    }
  }

  private func isReverse(_ direction: Int) -> Bool { self.direction == .reverse || direction == 1 }

  /// Adds the definition of the weights of a direction and of the functions that the cell applies.
  private func emitCell(
    _ site: Site, _ direction: Int, _ geometry: RecurrentGeometry, _ functions: [GateFunction], into c: inout CWriter
  ) {
    let element = site.resultType.element
    let rows = Self.gateCount * geometry.hidden
    let isFixed = site.has(Self.exponentsOperand)
    let matrices = [geometry.inputs, geometry.hidden].enumerated().map { index, columns in
      let weights = part(1 + index, site, offset: direction * rows * columns)
      guard isFixed else { return "{\(weights), NULL, 0}" }
      let exponents = part(Self.exponentsOperand, site, offset: (2 * direction + index) * rows)
      return "{\(weights), \(exponents), \(FixedPoint(productCount: columns).dataBits)}"
    }
    let vectors = [(3, 2 * rows), (7, 3 * geometry.hidden)]
    let weights = matrices + vectors.map { part($0.0, site, offset: direction * $0.1) }
    // A cell without a function g or h has the last one in its place, which its kernel does not use.
    let used = (0..<3).map { functions[min($0, functions.count - 1)].initializer(element, &c) }
    let fields = weights + used + [cLiteral(clip.map(Double.init) ?? .infinity, element)]
    c.line("const \(c.kernel("nnc_cell_\(element)")) cell = {")
    c.line("  \(fields[..<4].joined(separator: ", ")),")
    for function in fields[4..<7] { c.line("  \(function),") }
    c.line("  \(fields[7]), /* clip */")
    let products = c.kernel("nnc\(isFixed ? "_fixed" : "")_gate_products_\(element)")
    c.line("  \(products), \(isFixed ? "(int32_t *)(void *)(state + \((2 + roomCount) * geometry.hidden))" : "NULL")")
    c.line("};")
  }

  private func emitCall(_ site: Site, _ direction: Int, _ geometry: RecurrentGeometry, into c: inout CWriter) {
    let (x, y, states) = (geometry.inputStrides, geometry.resultStrides, geometry.stateStrides)
    let element = site.resultType.element
    func result(_ index: Int, _ offset: Int) -> String {
      site.optionalResult(index).map { $0.advanced(by: offset) } ?? "NULL"
    }
    let place = direction * states.direction
    let initial = (0..<2).map { index in
      index < Self.stateOperands.count ? part(Self.stateOperands[index], site, offset: place) : "NULL"
    }
    c.call(
      "nnc_recurrent_\(element)",
      [
        c.kernel("\(stepKernel)_\(element)"), "&cell", site.operand(0).name, site.pointer(Self.lengthsOperand),
      ] + initial + [
        result(0, direction * y.direction), result(1, place), result(2, place), "state",
        "state + \(2 * geometry.hidden)",
      ],
      shape: "nnc_recurrent_shape",
      [
        ("steps", geometry.steps), ("batch", geometry.batch), ("inputs", geometry.inputs), ("hidden", geometry.hidden),
        ("x_batch", x.batch), ("x_step", x.step), ("y_batch", y.batch), ("y_step", y.step),
        ("state_batch", states.batch), ("reverse", isReverse(direction) ? 1 : 0),
      ])
  }

  /// The pointer to an element of an operand, or a null pointer where it is left out.
  private func part(_ index: Int, _ site: Site, offset: Int) -> String {
    site.has(index) ? site.operand(index).advanced(by: offset) : "NULL"
  }
}

extension GateFunction {
  /// The initializer of an `nnc_gate_function`.
  fileprivate func initializer(_ element: ElementType, _ c: inout CWriter) -> String {
    let name =
      switch kind {
      case .affine: "nnc_gate_affine"
      case .elu: "nnc_gate_elu"
      case .hardSigmoid: "nnc_activation_hard_sigmoid"
      case .leakyRelu: "nnc_activation_leaky_relu"
      case .relu: "nnc_activation_relu"
      case .scaledTanh: "nnc_gate_scaled_tanh"
      case .sigmoid: "nnc_activation_sigmoid"
      case .softplus: "nnc_gate_softplus"
      case .softsign: "nnc_gate_softsign"
      case .tanh: "nnc_activation_tanh"
      case .thresholdedRelu: "nnc_gate_thresholded_relu"
      }
    let parameters = [alpha, beta].map { cLiteral(Double($0), element) }.joined(separator: ", ")
    return "{\(c.kernel("\(name)_\(element)")), \(parameters)}"
  }
}
