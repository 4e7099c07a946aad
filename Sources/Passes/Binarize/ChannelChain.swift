import IR

/// Operations that follow each other, each of which computes an element of its result from the element of its operand at the
/// same place, and from constants of its channel; besides such as only move elements, and at most one max pool.
///
/// Each operation is monotonic, so that the whole is: what it makes of a number is found by looking at few numbers.
struct ChannelChain {
  /// An operation, and its operands; nil for the one that the operation before computes.
  private struct Step {
    let op: any Operation
    let operands: [Tensor?]
  }

  /// The value at the beginning.
  private(set) var source: Value
  /// For each axis of the result that of the source, without a reshape between them that `isReshaped` tells of.
  private(set) var axes: [Int]
  /// Whether the elements are those of rows of the same length in another shape.
  private(set) var isReshaped = false
  /// The max pool, and how many operations come before it.
  private(set) var pool: (op: MaxPool, input: Shape, position: Int)?
  private var steps: [Step] = []
  /// How many channels there are, along the last axis of the result.
  let channelCount: Int

  private let followsPools: Bool

  /// Follows `result`, whose last axis is the channels, back to where it cannot be followed further.
  init(to result: Value, in graph: Graph, followsPools: Bool = true) {
    self.followsPools = followsPools
    let shape = graph.type(of: result).shape
    source = result
    axes = Array(shape.indices)
    channelCount = shape.last!
    while extend(graph) {}
    steps.reverse()
    if let position = pool?.position { pool?.position = steps.count - position }
  }

  /// Whether there are no operations that change elements.
  var isEmpty: Bool { steps.isEmpty && pool == nil }

  /// Whether elements lie in the order of the source.
  var keepsOrder: Bool { axes == Array(axes.indices) }

  /// What the chain makes of a number for each channel, up to the pool if that is meant.
  func callAsFunction(_ numbers: Tensor, upToPool: Bool = false) throws -> [Double] {
    var tensor = numbers
    for step in upToPool ? steps.prefix(pool?.position ?? 0) : steps[...] {
      let operands = Operands<Tensor>(step.operands.map { $0 ?? tensor })
      let types = try step.op.resultTypes(operands.asKnown)
      tensor = try step.op.evaluate(operands, types)[0]
    }
    return tensor.reals
  }
}

extension ChannelChain {
  /// Adds the operation before the source to the beginning, if it is one of those meant.
  private mutating func extend(_ graph: Graph) -> Bool {
    let node = graph[source]
    guard source.result == 0, let input = node.inputs.first ?? nil else { return false }
    switch node.op {
    case let op as Transpose:
      guard let perm = try? op.permutation(of: graph.type(of: input).shape) else { return false }
      axes = axes.map { perm[$0] }
      source = input
      return true
    case is any ReshapingOperation:
      // Only where rows stay rows, so that the channels are the same.
      let shape = graph.type(of: input).shape
      guard keepsOrder, shape.last == channelCount, node.types[0].shape.last == channelCount else { return false }
      (axes, isReshaped, source) = (Array(shape.indices), true, input)
      return true
    case let op as MaxPool:
      guard followsPools, pool == nil, !isReshaped, axes == [0, 2, 3, 1] else { return false }
      pool = (op, graph.type(of: input).shape, steps.count)
      source = input
      return true
    default:
      return extendByStep(node, graph)
    }
  }

  private mutating func extendByStep(_ node: Node, _ graph: Graph) -> Bool {
    let isConstant = node.inputs.map { $0.map { graph[$0].op is Constant } ?? true }
    let variables = isConstant.indices.filter { !isConstant[$0] }
    guard variables.count == 1, node.types[0].shape == graph.type(of: node.inputs[variables[0]]!).shape else {
      return false
    }
    var operands: [Tensor?] = []
    for (index, input) in node.inputs.enumerated() where index != variables[0] {
      guard let input else { return false }
      guard let tensor = channelNumbers((graph[input].op as! Constant).value, node) else { return false }
      operands.append(tensor)
    }
    guard node.op.isMonotonic(in: variables[0], operands.map { $0! }) else { return false }
    operands.insert(nil, at: variables[0])
    steps.append(Step(op: node.op, operands: operands))
    source = node.inputs[variables[0]]!
    return true
  }

  /// A constant operand of a node as a scalar, or as a number for each channel.
  private func channelNumbers(_ tensor: Tensor, _ node: Node) -> Tensor? {
    let (rank, axis) = (node.types[0].shape.rank, axes[axes.count - 1])
    if node.op is BatchNormalization { return axis == 1 ? tensor : nil }
    if tensor.type.elementCount == 1 { return tensor.reshaped(to: []) }
    guard tensor.shape.rank <= rank else { return nil }
    let extents = tensor.shape.padded(toRank: rank)
    return extents.indices.allSatisfy { $0 == axis || extents[$0] == 1 } ? tensor.reshaped(to: [channelCount]) : nil
  }
}

extension Operation {
  /// Whether an elementwise operation never goes up and down again as one of its operands grows, for the given others.
  fileprivate func isMonotonic(in operand: Int, _ others: [Tensor]) -> Bool {
    guard others.allSatisfy({ $0.reals.allSatisfy(\.isFinite) }) else { return false }
    switch self {
    case is Add, is Sub, is Mul, is Min, is Max, is Relu, is Sigmoid, is Tanh, is HardSigmoid, is Softsign, is Neg,
      is Sign, is Floor, is Ceil, is Round, is Identity, is Erf, is Elu, is Selu, is Exp:
      return true
    case is Div, is Clip: return operand == 0
    case let op as LeakyRelu: return op.alpha >= 0
    case is PRelu: return operand == 0 && others[0].reals.allSatisfy { $0 >= 0 }
    case let op as Cast: return op.to == .f32 || op.to == .f64
    case let op as BatchNormalization: return operand == 0 && !op.trainingMode && others[3].reals.allSatisfy { $0 >= 0 }
    default: return false
    }
  }
}
