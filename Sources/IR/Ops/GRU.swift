/// A gated recurrent unit. `RecurrentOperation` describes the operands.
///
/// The gates are, in the order of the rows of W and R, update z, reset r and hidden n; h is the state:
///
///     z = f(Wz x + Rz h + bz)    r = f(Wr x + Rr h + br)    n = g(Wn x + Rn (r h) + bn)    h' = (1 - z) n + z h
///
/// or, with `linear_before_reset`, n = g(Wn x + Wbn + r (Rn h + Rbn)), Wbn and Rbn being the biases of either product.
public struct GRU: RecurrentOperation {
  public static let name = "GRU"
  public static let operands: Signature = ["X", "W", "R", "B?", "sequence_lens?", "initial_h?", "E?"]
  public static let gateCount = 3
  public static let defaultActivations = ["Sigmoid", "Tanh"]
  public static let stateOperands = [5]

  /// Which way along the sequence.
  public var direction = RecurrentDirection.forward
  /// Whether the steps (0) or the batch (1) come first in X, and likewise in the results.
  public var layout = 0
  /// How many elements a state has, which R tells as well.
  public var hiddenSize: Int?
  /// What the gates are held within, on both sides of 0, before their functions are applied.
  public var clip: Float?
  /// The names of the functions f and g, for each direction; by default Sigmoid and Tanh.
  public var activations: [String] = []
  /// The first parameters of those functions that have any, in order.
  public var activationAlpha: [Float] = []
  /// The second parameters of those functions that have any, in order.
  public var activationBeta: [Float] = []
  /// Whether the reset gate is applied after the product with R, not before.
  public var linearBeforeReset = false

  public init() {}

  public func advance(_ state: inout RecurrentState, _ x: [Double], _ cell: RecurrentCell) {
    let (past, count) = (state.hidden, state.hidden.count)
    let (update, reset, hidden) = (0..<count, count..<2 * count, 2 * count..<3 * count)
    let z = cell.gates(x, past, rows: update).map { cell.apply(0, $0) }
    let r = cell.gates(x, past, rows: reset).map { cell.apply(0, $0) }
    let recurrence =
      linearBeforeReset
      ? zip(r, cell.recurrence(past, rows: hidden)).map { $0 * $1 }
      : cell.recurrence(zip(r, past).map { $0 * $1 }, rows: hidden)
    let n = zip(cell.input(x, rows: hidden), recurrence).map { cell.apply(1, $0 + $1) }
    state.hidden = (0..<count).map { (1 - z[$0]) * n[$0] + z[$0] * past[$0] }
  }
}
