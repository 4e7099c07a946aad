import IR

extension OnnxTypeProto {
  /// The type of the tensor, or of those in a sequence or an optional; nil for a map, or a sequence of sequences.
  var tensors: Tensor? {
    switch value {
    case .tensorType(let type): type
    case .sequenceType(let type): if case .tensorType(let element) = type.elemType.value { element } else { nil }
    case .optionalType(let type): if case .optionalType = type.elemType.value { nil } else { type.elemType.tensors }
    case .mapType, nil: nil
    }
  }

  /// Whether it is of any number of tensors.
  var isSequence: Bool {
    switch value {
    case .sequenceType: true
    case .optionalType(let type): type.elemType.isSequence
    case .tensorType, .mapType, nil: false
    }
  }

  /// Whether there may be no tensor.
  var isOptional: Bool { if case .optionalType = value { true } else { false } }
}

extension ONNXImporter {
  /// The inputs that an input becomes which is a sequence or an optional: `NAME_0`, `NAME_1` and so on. Their number is
  /// the option `dims[NAME]`; an optional has an element unless that is 0.
  mutating func importSequence(
    _ input: OnnxValueInfoProto, _ unbound: inout UnboundDimensions
  ) throws -> Scope.Binding? {
    guard let tensor = input.type.tensors else {
      throw Diagnostic("input '\(input.name)' is not a tensor, nor a sequence or optional of tensors")
    }
    let isSequence = input.type.isSequence
    guard let count = options.dims[input.name] ?? (isSequence ? nil : 1) else {
      unbound.add(input.name, "the length of the sequence '\(input.name)'")
      return nil
    }
    let most = isSequence ? SequenceNode.maximumCount : 1
    try require(count <= most, "input '\(input.name)' cannot have \(count) elements; at most \(most) are possible")
    var values: [Value] = []
    for index in 0..<count {
      let name = isSequence ? "\(input.name)_\(index)" : input.name
      guard let type = try type(tensor, named: name, in: input.name, &unbound) else { continue }
      guard !graph.inputs.contains(where: { $0.name == name }) else {
        throw Diagnostic("there are two inputs '\(name)'")
      }
      values.append(try graph.add(Input(name, type), name: name))
    }
    if isSequence { return .sequence(values) }
    return values.first.map { .value($0) } ?? .absent
  }

  /// The names by which options can call dimensions of an input, and the length of a sequence.
  func dimensionNames(of input: OnnxValueInfoProto) -> [String] {
    let isSequence = input.type.isSequence
    let dimensions = input.type.tensors?.shape.dim ?? []
    // Where a sequence does not say how many axes its elements have, options do.
    let axes = input.type.tensors?.hasShape == false ? Array(0..<Self.maximumOptionalRank) : Array(dimensions.indices)
    var names = (isSequence || input.type.isOptional ? [input.name] : []) + dimensions.map(\.dimParam)
    names += axes.map { "\(input.name).\($0)" }
    if isSequence {
      for index in 0..<min(options.dims[input.name] ?? 0, SequenceNode.maximumCount) {
        names += axes.map { "\(input.name)_\(index).\($0)" }
      }
    }
    return names
  }

  /// The most axes of a tensor in a sequence whose shape the file does not have.
  private static let maximumOptionalRank = 8

  /// The type of a tensor, or nil where a dimension of it has no extent yet.
  ///
  /// - Parameters:
  ///   - name: What the tensor is called.
  ///   - input: What the input is called of which it is a part.
  func type(
    _ tensor: OnnxTypeProto.Tensor, named name: String, in input: String, _ unbound: inout UnboundDimensions
  ) throws(Diagnostic) -> TensorType? {
    try require(tensor.elemType != OnnxTensorProto.stringType, "input '\(input)' is of strings, but \(noStrings)")
    let element: ElementType
    do { element = try ElementType(onnx: Int(tensor.elemType)) } catch {
      throw Diagnostic("input '\(input)': \(error.message)")
    }
    func given(_ axis: Int) -> Int? { options.dims["\(name).\(axis)"] ?? options.dims["\(input).\(axis)"] }
    guard tensor.hasShape else {
      let extents = (0..<Self.maximumOptionalRank).map(given).prefix { $0 != nil }.compactMap { $0 }
      if name != input, !extents.isEmpty { return TensorType(element, Shape(extents)) }
      throw Diagnostic("input '\(name)' has no shape; export the model with one, or freeze the input")
    }
    var extents: [Int] = []
    for (axis, dimension) in tensor.shape.dim.enumerated() {
      if let extent = given(axis) {
        extents.append(extent)
      } else if case .dimValue(let extent) = dimension.value, extent >= 0 {
        extents.append(Int(extent))
      } else if !dimension.dimParam.isEmpty, let extent = options.dims[dimension.dimParam] {
        extents.append(extent)
      } else {
        unbound.add(
          dimension.dimParam.isEmpty ? "\(name).\(axis)" : dimension.dimParam, "axis \(axis) of input '\(name)'")
      }
    }
    return extents.count == tensor.shape.dim.count ? TensorType(element, Shape(extents)) : nil
  }
}
