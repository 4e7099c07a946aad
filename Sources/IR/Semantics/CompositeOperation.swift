/// An operation that is defined by other operations, as ONNX defines a function.
///
/// Type inference and interpretation follow from the definition, and the pass expand-composites puts it in the place of
/// the node, so there is C for it as soon as there is C for what it consists of.
public protocol CompositeOperation: Operation {
  /// Adds the operations that compute the results, and returns all results.
  ///
  /// Operands that are known when the model is compiled are constants in `body`. Results that a node does not use cost
  /// nothing.
  ///
  /// - Throws: A diagnostic that says what is wrong with the operands or attributes.
  func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value]

  /// Whether others define it with its attributes, as is so by default.
  var isComposite: Bool { get }
}

extension CompositeOperation {
  public var isComposite: Bool { true }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] { try expandedTypes(operands) }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    try evaluateExpanded(operands)
  }

  /// The types of the results by the definition.
  func expandedTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let expansion = try Expansion(of: self, operands)
    return expansion.results.map(expansion.type)
  }

  /// The results by the definition.
  func evaluateExpanded(_ operands: Operands<Tensor>) throws -> [Tensor] {
    var expansion = try Expansion(of: self, operands.asKnown)
    expansion.graph.outputs = expansion.results.enumerated().map { ("\($0)", $1) }
    return try expansion.graph.evaluate([:])
  }
}

/// The operations that define a composite one, for certain operands.
public struct Expansion {
  /// The definition.
  public fileprivate(set) var graph: Graph
  /// The values in `graph` that stand for the operands.
  public private(set) var parameters: Operands<Value>
  /// The values in `graph` that stand for the results.
  public private(set) var results: [Value] = []

  /// Expands an operation.
  ///
  /// - Throws: A diagnostic that says what is wrong with the operands or attributes.
  public init(of op: some CompositeOperation, _ operands: Operands<Operand>) throws {
    graph = Graph(name: op.opName)
    parameters = Operands([])
    parameters = Operands(
      try operands.enumerated().map { index, operand in
        guard let operand else { return nil }
        if let tensor = try operand.known() { return try graph.add(Constant(tensor), name: nil) }
        return try graph.add(Input("\(index)", operand.type), name: nil)
      })
    results = try op.expand(parameters, in: &self)
  }

  /// The type of `value`.
  public func type(_ value: Value) -> TensorType { graph.type(of: value) }

  /// The extents of `value`.
  public func shape(_ value: Value) -> Shape { graph.type(of: value).shape }

  /// What is known of `value`, as of an operand.
  public func operand(_ value: Value) -> Operand { graph.operand(value) }

  /// What is known of values, as of operands.
  public func operands(_ values: Operands<Value>) -> Operands<Operand> { Operands(values.map { $0.map(operand) }) }

  /// Returns the first result of `op`; nil stands for an operand that is left out.
  public mutating func add(_ op: some Operation, _ inputs: Value?...) throws -> Value {
    try graph.add(op, inputs, name: nil)
  }

  /// Returns all results of `op`.
  public mutating func addAll(_ op: some Operation, _ inputs: [Value?]) throws -> [Value] {
    try graph.add(op, inputs)
  }

  /// Adds a constant.
  public mutating func constant(_ tensor: Tensor) throws -> Value { try graph.add(Constant(tensor), name: nil) }

  /// Adds a list of integers of type i64, as shapes and axes are.
  public mutating func constant(_ integers: [Int]) throws -> Value { try constant(Tensor(integers.map(Int64.init))) }

  /// Adds a scalar.
  public mutating func constant(_ number: Double, _ element: ElementType) throws -> Value {
    try constant(
      element.isFloat
        ? Tensor(TensorType(element, []), reals: [number]) : Tensor(TensorType(element, []), integers: [Int128(number)])
    )
  }

  /// Adds the operations of another graph, and returns its outputs for the given values of its inputs.
  mutating func inline(_ body: Graph, _ arguments: [Value]) throws -> [Value] { try graph.inline(body, arguments) }
}
