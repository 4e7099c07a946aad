/// A long short-term memory. `RecurrentOperation` describes the operands.
///
/// The gates are, in the order of the rows of W and R, input i, output o, forget f and cell g; a gate is the sum of its
/// products with x and h and of its biases. With the inner state c and the peepholes P of i, o and f:
///
///     i = f(i + Pi c)    f = f(f + Pf c)    c' = f c + i g(g)    o = f(o + Po c')    h' = o h(c')
///
/// `Y_c` is the inner state after the last step. As in other runtimes `clip` holds the gates, but not what h is applied to.
public struct LSTM: RecurrentOperation {
  public static let name = "LSTM"
  public static let operands: Signature = [
    "X", "W", "R", "B?", "sequence_lens?", "initial_h?", "initial_c?", "P?", "E?",
  ]
  public static let gateCount = 4
  public static let defaultActivations = ["Sigmoid", "Tanh", "Tanh"]
  public static let stateOperands = [5, 6]

  /// Which way along the sequence.
  public var direction = RecurrentDirection.forward
  /// Whether the steps (0) or the batch (1) come first in X, and likewise in the results.
  public var layout = 0
  /// How many elements a state has, which R tells as well.
  public var hiddenSize: Int?
  /// What the gates are held within, on both sides of 0, before their functions are applied.
  public var clip: Float?
  /// The names of the functions f, g and h, for each direction; by default Sigmoid, Tanh and Tanh.
  public var activations: [String] = []
  /// The first parameters of those functions that have any, in order.
  public var activationAlpha: [Float] = []
  /// The second parameters of those functions that have any, in order.
  public var activationBeta: [Float] = []
  /// Whether the forget gate is 1 minus the input gate.
  public var inputForget = false

  public init() {}

  public func advance(_ state: inout RecurrentState, _ x: [Double], _ cell: RecurrentCell) {
    let count = state.hidden.count
    let gates = cell.gates(x, state.hidden, rows: 0..<4 * count)
    for index in 0..<count {
      func gate(_ number: Int, _ past: Double) -> Double {
        cell.apply(0, gates[number * count + index] + cell.p[number * count + index] * past)
      }
      let past = state.cell[index]
      let input = gate(0, past)
      let forget = inputForget ? 1 - input : gate(2, past)
      let next = forget * past + input * cell.apply(1, gates[3 * count + index])
      state.cell[index] = next
      state.hidden[index] = gate(1, next) * cell.functions[2](next)
    }
  }
}
