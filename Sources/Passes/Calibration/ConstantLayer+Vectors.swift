import IR

extension ConstantLayer {
  /// The weights of a channel, and its bias, or 0.
  func vector(of channel: Int) -> [Double] { weights(of: channel) + [bias?[channel] ?? 0] }

  /// Adds the layer with other weights in the place of `node`, and returns its result.
  ///
  /// - Parameters:
  ///   - vectors: For each channel, its weights and its bias, or 0.
  ///   - x: The data that it takes.
  ///   - model: The model that has the node.
  func add(_ vectors: [[Double]], to x: Value, in graph: inout Graph, like node: Node, _ model: Graph) throws -> Value {
    func constant(_ tensor: Tensor, _ operand: Int) throws -> Value {
      let name = node.inputs.count > operand ? node.inputs[operand].flatMap(model.name(of:)) : nil
      return try graph.add(Constant(tensor), [], name: name, at: node.location)
    }
    let rows = Tensor(TensorType(.f32, Shape([channelCount] + shape)), reals: vectors.flatMap { $0.dropLast() })
    let bias = try self.bias.map { _ in
      try constant(Tensor(TensorType(.f32, [channelCount]), reals: vectors.map { $0.last! }), 2)
    }
    switch node.op {
    case let conv as Conv:
      return try graph.add(conv, [x, try constant(rows, 1), bias], name: node.names[0], at: node.location)
    case is Gemm:
      var gemm = Gemm()
      gemm.transB = true
      return try graph.add(gemm, [x, try constant(rows, 1), bias], name: node.names[0], at: node.location)
    default:
      return try graph.add(
        MatMul(), [x, try constant(rows.transposedMatrix, 1)], name: node.names[0], at: node.location)
    }
  }
}
