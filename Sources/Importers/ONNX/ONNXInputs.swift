import IR

extension ONNXImporter {
  /// Adds the inputs of the model, except those that are frozen or have a value in the file.
  mutating func importInputs(_ inputs: [OnnxValueInfoProto], into scope: inout Scope) throws {
    try checkOptions(inputs)
    var unbound = UnboundDimensions()
    for input in inputs {
      guard !input.name.isEmpty else { throw Diagnostic("an input has no name") }
      if let tensor = options.frozen[input.name] {
        let element = try elementType(of: input)
        scope.rebind(
          input.name, .value(try graph.add(Constant(try convert(tensor, to: element, input.name)), name: input.name)))
      } else if scope.bindings[input.name] == nil {
        guard let binding = try importInput(input, &unbound) else { continue }
        try scope.bind(input.name, binding)
      } else if graph.inputs.contains(where: { $0.name == input.name }) {
        throw Diagnostic("there are two inputs '\(input.name)'")
      }
    }
    if let error = unbound.diagnostic { throw error }
  }

  /// What an input stands for, or nil where an option is missing.
  private mutating func importInput(
    _ input: OnnxValueInfoProto, _ unbound: inout UnboundDimensions
  ) throws -> Scope.Binding? {
    guard case .tensorType(let tensor) = input.type.value else { return try importSequence(input, &unbound) }
    guard let type = try type(tensor, named: input.name, in: input.name, &unbound) else { return nil }
    return .value(try graph.add(Input(input.name, type), name: input.name))
  }

  /// Throws if an option names what the model does not have.
  private func checkOptions(_ inputs: [OnnxValueInfoProto]) throws(Diagnostic) {
    for name in options.frozen.keys.sorted() where !inputs.contains(where: { $0.name == name }) {
      throw Diagnostic(
        "there is no input '\(name)' to freeze; the inputs are \(inputs.map(\.name).joined(separator: ", "))")
    }
    let known = inputs.flatMap(dimensionNames)
    for name in options.dims.keys.sorted() where !known.contains(name) {
      let names = inputs.flatMap { $0.type.tensors?.shape.dim.map(\.dimParam) ?? [] }.filter { !$0.isEmpty }
      var distinct: [String] = []
      for name in names where !distinct.contains(name) { distinct.append(name) }
      throw Diagnostic(
        "there is no dimension '\(name)'; "
          + (distinct.isEmpty
            ? "dimensions have no names here, so write INPUT.AXIS" : "there is \(distinct.joined(separator: ", "))"))
    }
    let lengths = inputs.filter { $0.type.isSequence || $0.type.isOptional }.map(\.name)
    for (name, extent) in options.dims.sorted(by: { $0.key < $1.key }) where extent <= 0 {
      // A sequence may be empty, and an optional without element.
      if extent == 0, lengths.contains(name) { continue }
      throw Diagnostic("dimension '\(name)' cannot be \(extent); it should be at least 1")
    }
  }

  private func elementType(of input: OnnxValueInfoProto) throws(Diagnostic) -> ElementType {
    guard case .tensorType(let type) = input.type.value else {
      throw Diagnostic("input '\(input.name)' is not a tensor, and only tensors can be frozen")
    }
    do { return try ElementType(onnx: Int(type.elemType)) } catch {
      throw Diagnostic("input '\(input.name)': \(error.message)")
    }
  }

  /// The tensor with elements of another type, if that loses nothing.
  private func convert(_ tensor: Tensor, to element: ElementType, _ name: String) throws(Diagnostic) -> Tensor {
    if tensor.element == element { return tensor }
    let type = TensorType(element, tensor.shape)
    let isReal = element.isFloat || tensor.element.isFloat
    let result = isReal ? Tensor(type, reals: tensor.reals) : Tensor(type, integers: tensor.integers)
    let isExact = isReal ? result.reals == tensor.reals : result.integers == tensor.integers
    try require(isExact, "the frozen value of input '\(name)' cannot be converted from \(tensor.type) to \(type)")
    return result
  }
}

/// Dimensions whose extent the user has to say.
struct UnboundDimensions {
  private var entries: [(name: String, places: [String])] = []

  mutating func add(_ name: String, _ place: String) {
    if let index = entries.firstIndex(where: { $0.name == name }) {
      entries[index].places.append(place)
    } else {
      entries.append((name, [place]))
    }
  }

  /// What to tell the user, unless there are none.
  var diagnostic: Diagnostic? {
    guard !entries.isEmpty else { return nil }
    let lines = entries.map { "\n  --dim \($0.name)=N  (\($0.places.joined(separator: ", ")))" }
    let count = entries.count == 1 ? "1 dimension has" : "\(entries.count) dimensions have"
    return Diagnostic("\(count) no extent; say which with" + lines.joined())
  }
}
