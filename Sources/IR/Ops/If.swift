/// The outputs of one of two graphs, of which only that one is run.
public struct If: ControlFlowOperation {
  public static let name = "If"
  public static let operands: Signature = ["cond", "captured...?"]

  /// What is run where the condition is true. Its inputs are the captured operands.
  public var thenBranch = Graph(name: "then")
  /// What is run where the condition is false. Its inputs are the captured operands.
  public var elseBranch = Graph(name: "else")

  public init() {}

  /// Creates a choice between two graphs.
  public init(then thenBranch: Graph, else elseBranch: Graph) {
    self.thenBranch = thenBranch
    self.elseBranch = elseBranch
  }

  public var bodies: [Graph] {
    get { [thenBranch, elseBranch] }
    set { (thenBranch, elseBranch) = (newValue[0], newValue[1]) }
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try operands.requireScalar(0, .bool, "cond")
    let captured = operands.dropFirst().map { $0!.type }
    try thenBranch.requireInputs(captured, "then_branch")
    try elseBranch.requireInputs(captured, "else_branch")
    let (types, others) = (thenBranch.outputTypes, elseBranch.outputTypes)
    try require(
      types == others,
      "the branches compute different types, \(types.map(\.description).joined(separator: ", ")) and "
        + "\(others.map(\.description).joined(separator: ", ")), but those of a result must not depend on an input")
    try require(!types.isEmpty, "the branches have no outputs")
    return types
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let branch = operands.first.ints[0] != 0 ? thenBranch : elseBranch
    return try branch.call(operands.dropFirst().map { $0! })
  }
}
