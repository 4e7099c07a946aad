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
        guard let type = try type(of: input, &unbound) else { continue }
        try scope.bind(input.name, .value(try graph.add(Input(input.name, type), name: input.name)))
      } else if graph.inputs.contains(where: { $0.name == input.name }) {
        throw Diagnostic("there are two inputs '\(input.name)'")
      }
    }
    if let error = unbound.diagnostic { throw error }
  }

  /// Throws if an option names what the model does not have.
  private func checkOptions(_ inputs: [OnnxValueInfoProto]) throws(Diagnostic) {
    for name in options.frozen.keys.sorted() where !inputs.contains(where: { $0.name == name }) {
      throw Diagnostic(
        "there is no input '\(name)' to freeze; the inputs are \(inputs.map(\.name).joined(separator: ", "))")
    }
    let known = inputs.flatMap { input in
      input.type.tensorType.shape.dim.enumerated().flatMap { ["\(input.name).\($0.offset)", $0.element.dimParam] }
    }
    for name in options.dims.keys.sorted() where !known.contains(name) {
      let names = inputs.flatMap { $0.type.tensorType.shape.dim.map(\.dimParam) }.filter { !$0.isEmpty }
      var distinct: [String] = []
      for name in names where !distinct.contains(name) { distinct.append(name) }
      throw Diagnostic(
        "there is no dimension '\(name)'; "
          + (distinct.isEmpty
            ? "dimensions have no names here, so write INPUT.AXIS" : "there is \(distinct.joined(separator: ", "))"))
    }
    for (name, extent) in options.dims.sorted(by: { $0.key < $1.key }) {
      try require(extent > 0, "dimension '\(name)' cannot be \(extent); it should be at least 1")
    }
  }

  private func elementType(of input: OnnxValueInfoProto) throws(Diagnostic) -> ElementType {
    guard case .tensorType(let type) = input.type.value else {
      throw Diagnostic("input '\(input.name)' is not a tensor; sequences, maps and optionals are not supported")
    }
    do { return try ElementType(onnx: Int(type.elemType)) } catch {
      throw Diagnostic("input '\(input.name)': \(error.message)")
    }
  }

  /// The type of an input, or nil where a dimension of it has no extent yet.
  private func type(of input: OnnxValueInfoProto, _ unbound: inout UnboundDimensions) throws(Diagnostic) -> TensorType?
  {
    let element = try elementType(of: input)
    guard input.type.tensorType.hasShape else {
      throw Diagnostic("input '\(input.name)' has no shape; export the model with one, or freeze the input")
    }
    var extents: [Int] = []
    let dimensions = input.type.tensorType.shape.dim
    for (axis, dimension) in dimensions.enumerated() {
      let place = "\(input.name).\(axis)"
      if let extent = options.dims[place] {
        extents.append(extent)
      } else if case .dimValue(let extent) = dimension.value, extent >= 0 {
        extents.append(Int(extent))
      } else if !dimension.dimParam.isEmpty, let extent = options.dims[dimension.dimParam] {
        extents.append(extent)
      } else {
        unbound.add(dimension.dimParam.isEmpty ? place : dimension.dimParam, "axis \(axis) of input '\(input.name)'")
      }
    }
    return extents.count == dimensions.count ? TensorType(element, Shape(extents)) : nil
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
private struct UnboundDimensions {
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
