/// A recurrent layer without gates: the state becomes `f(W x + R h + b)`. `RecurrentOperation` describes the operands.
public struct RNN: RecurrentOperation {
  public static let name = "RNN"
  public static let operands: Signature = ["X", "W", "R", "B?", "sequence_lens?", "initial_h?", "E?"]
  public static let gateCount = 1
  public static let defaultActivations = ["Tanh"]
  public static let stateOperands = [5]

  /// Which way along the sequence.
  public var direction = RecurrentDirection.forward
  /// Whether the steps (0) or the batch (1) come first in X, and likewise in the results.
  public var layout = 0
  /// How many elements a state has, which R tells as well.
  public var hiddenSize: Int?
  /// What the sums are held within, on both sides of 0, before their functions are applied.
  public var clip: Float?
  /// The names of the functions f, for each direction; by default Tanh.
  public var activations: [String] = []
  /// The first parameters of those functions that have any, in order.
  public var activationAlpha: [Float] = []
  /// The second parameters of those functions that have any, in order.
  public var activationBeta: [Float] = []

  public init() {}

  public func advance(_ state: inout RecurrentState, _ x: [Double], _ cell: RecurrentCell) {
    state.hidden = cell.gates(x, state.hidden, rows: 0..<state.hidden.count).map { cell.apply(0, $0) }
  }
}
