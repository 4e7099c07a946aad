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
    var op = node.op
    if op is Gemm {
      // Its factors are in the weights.
      var gemm = Gemm()
      gemm.transB = true
      op = gemm
    }
    let weights = try constant(Self.weights(vectors, of: op, shape: shape), 1)
    let bias = try self.bias.map { _ in try constant(Self.bias(vectors), 2) }
    return try graph.add(op, [x, weights, bias], name: node.names[0], at: node.location)
  }

  /// The weights of all channels as `op` takes them.
  ///
  /// - Parameter shape: The extents of the weights of a channel.
  static func weights(_ vectors: [[Double]], of op: any Operation, shape: [Int]) -> Tensor {
    let rows = Tensor(TensorType(.f32, Shape([vectors.count] + shape)), reals: vectors.flatMap { $0.dropLast() })
    return op is Conv || (op as? Gemm)?.transB == true ? rows : rows.transposedMatrix
  }

  /// The biases of all channels.
  static func bias(_ vectors: [[Double]]) -> Tensor {
    Tensor(TensorType(.f32, [vectors.count]), reals: vectors.map { $0.last! })
  }
}
