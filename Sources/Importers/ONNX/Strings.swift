import IR

extension OnnxTensorProto {
  /// The number of the type of strings.
  static let stringType: Int32 = 8

  /// The strings of a tensor that has strings.
  var names: [String]? {
    dataType == Self.stringType ? stringData.map { String(decoding: $0, as: UTF8.self) } : nil
  }
}

extension ONNXImporter {
  /// The results of a node that works on strings which are known, or nil for any other node.
  ///
  /// Nodes that choose among the names of classes give their indices instead.
  mutating func importNamesNode(
    _ node: OnnxNodeProto, _ operands: [Scope.Binding], in scope: Scope, at location: Location
  ) throws -> [Scope.Binding]? {
    if node.qualifiedType == "Constant", let value = node.attribute.first(where: { $0.name == "value" }) {
      return value.t.names.map { [.names($0)] }
    }
    guard operands.contains(where: { $0.names != nil }) else { return nil }
    if operands.contains(where: \.isUnsupported) { return node.output.map { _ in .unsupported } }
    guard let names = operands[0].names, let index = operands.count > 1 ? operands[1].value : nil else {
      if node.qualifiedType == "Identity" { return operands }
      return notSupported("\(node.qualifiedType) of strings: \(noStrings)", node, at: location)
    }
    var draft = NodeDraft(
      type: node.qualifiedType, operands: [], attributes: Attributes(), outputs: node.output, location: location)
    switch node.qualifiedType {
    case "ai.onnx.ml.ArrayFeatureExtractor":
      let count = graph.type(of: index).elementCount
      draft.operands = [try graph.reshape(index, to: [1, count], at: location)]
    case "Gather": draft.operands = [index]
    default: return notSupported("\(node.qualifiedType) of strings: \(noStrings)", node, at: location)
    }
    return [.value(try draft.labels(try draft.required(0), .names(names), in: &graph))]
  }
}
