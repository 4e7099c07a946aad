import IR

extension ONNXImporter {
  /// Adds a FlexAttention, whose sub-graphs change products and weights.
  mutating func importFlexAttention(
    _ node: OnnxNodeProto, _ operands: [Scope.Binding], in scope: Scope, at location: Location
  ) throws -> [Scope.Binding] {
    let given = try node.attribute.compactMap { try resolve($0, in: scope) }
    let mods = given.filter(\.hasG)
    guard !mods.isEmpty, operands.count == 3, let query = operands[0].value, let key = operands[1].value else {
      return try importOperation(node, operands, in: scope, at: location)
    }
    var op = FlexAttention()
    for attribute in given where !attribute.hasG {
      switch attribute.name {
      case "scale": op.scale = attribute.f
      case "softmax_precision": op.softmaxPrecision = try ElementType(onnx: Int(attribute.i))
      default: return notSupported("\(node.qualifiedType) with attribute '\(attribute.name)'", node, at: location)
      }
    }
    guard let captures = try captures(of: mods.map(\.g), in: scope) else {
      return node.output.map { _ in .unsupported }
    }
    let type = try op.scoreType(graph.type(of: query), graph.type(of: key))
    for mod in mods {
      guard let body = try importBody(mod.g, of: node, [type], captures, in: scope) else {
        return node.output.map { _ in .unsupported }
      }
      switch mod.name {
      case "prob_mod": op.probMod = body
      case "score_mod": op.scoreMod = body
      default: return notSupported("\(node.qualifiedType) with sub-graph '\(mod.name)'", node, at: location)
      }
    }
    return try graph.add(op, operands.map(\.value) + captures.operands, at: location).map { .value($0) }
  }
}
