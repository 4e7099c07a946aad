import IR

/// What identifies a function of a model.
struct FunctionKey: Hashable {
  let domain: String
  let name: String
  let overload: String

  init(_ function: OnnxFunctionProto) {
    domain = standardized(function.domain)
    name = function.name
    overload = function.overload
  }

  /// The function that `node` calls, if it calls one.
  init(_ node: OnnxNodeProto) {
    domain = standardized(node.domain)
    name = node.opType
    overload = node.overload
  }
}

extension ONNXImporter {
  /// Imports the nodes of a function in the place of a call.
  mutating func inline(
    _ function: OnnxFunctionProto, for node: OnnxNodeProto, _ operands: [Scope.Binding], in caller: Scope
  ) throws -> [Scope.Binding] {
    try require(
      operands.count <= function.input.count,
      "function \(function.name) takes \(function.input.count) operands, not \(operands.count)")
    try require(
      node.output.count <= function.output.count,
      "function \(function.name) has \(function.output.count) results, not \(node.output.count)")
    try require(
      caller.depth < Self.maximumDepth,
      "functions call each other more than \(Self.maximumDepth) levels deep, perhaps without end")
    var scope = Scope(opsets: caller.opsets.merging(try opsets(function.opsetImport)) { $1 })
    scope.depth = caller.depth + 1
    scope.prefix = caller.displayName(of: node) + "/"
    for attribute in function.attributeProto { scope.attributes[attribute.name] = attribute }
    for attribute in node.attribute { scope.attributes[attribute.name] = try resolve(attribute, in: caller) }
    for (index, name) in function.input.enumerated() {
      try scope.bind(name, index < operands.count ? operands[index] : .absent)
    }
    for (inner, outer) in zip(function.output, node.output) where !outer.isEmpty {
      scope.callerNames[inner] = caller.displayName(outer)
    }
    try importNodes(function.node, in: &scope)
    return try results(function.output, of: "function \(function.name)", in: scope)
  }

  /// Imports the nodes of the branch of an If whose condition is known.
  mutating func takeBranch(of node: OnnxNodeProto, _ operands: [Scope.Binding], in scope: Scope) throws -> [Scope
    .Binding]
  {
    try require(operands.count == 1, "If takes one operand, not \(operands.count)")
    guard let condition = operands[0].value else { return node.output.map { _ in .unsupported } }
    guard let known = try graph.knownTensor(condition) else {
      return notSupported(
        "If with a condition that is computed from an input", node, at: scope.location(of: node, in: path))
    }
    try require(
      known.element == .bool && known.type.elementCount == 1,
      "the condition of If should be one bool, not \(known.type)")
    let name = known.ints[0] != 0 ? "then_branch" : "else_branch"
    guard let branch = node.attribute.first(where: { $0.name == name && $0.hasG })?.g else {
      throw Diagnostic("If has no \(name)")
    }
    try require(scope.depth < Self.maximumDepth, "branches are nested more than \(Self.maximumDepth) levels deep")
    var inner = scope
    inner.depth += 1
    inner.prefix = scope.displayName(of: node) + "/"
    inner.callerNames = [:]
    for (output, outer) in zip(branch.output, node.output) where !outer.isEmpty {
      inner.callerNames[output.name] = scope.displayName(outer)
    }
    try importInitializers(branch, into: &inner)
    try importNodes(branch.node, in: &inner)
    return try results(branch.output.map(\.name), of: "the \(name) of If", in: inner)
  }

  /// What the outputs of a function or body stand for.
  func results(_ names: [String], of owner: String, in scope: Scope) throws -> [Scope.Binding] {
    try names.map { name in
      guard let binding = scope.bindings[name] else {
        throw Diagnostic("\(owner) does not define its output '\(name)'")
      }
      return binding
    }
  }

  /// The attribute, or in a function the attribute of the call to which it refers; nil where the call leaves it out.
  func resolve(_ attribute: OnnxAttributeProto, in scope: Scope) throws -> OnnxAttributeProto? {
    guard !attribute.refAttrName.isEmpty else { return attribute }
    guard var resolved = scope.attributes[attribute.refAttrName] else { return nil }
    resolved.name = attribute.name
    return resolved
  }
}
