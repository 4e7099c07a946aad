/// The order in which a recurrent operation walks along its sequence.
public enum RecurrentDirection: String, CaseIterable, Codable, Hashable, Sendable {
  /// From the first step on.
  case forward
  /// From the last step on.
  case reverse
  /// Both, each with weights of its own.
  case bidirectional

  /// How many times the sequence is walked along.
  public var count: Int { self == .bidirectional ? 2 : 1 }
}

/// A recurrent layer: a cell that is applied to each step of a sequence X and to the state that the step before it left.
///
/// The operands 0 to 5 are X, W, R, B, sequence_lens and initial_h:
/// - X is [steps, batch, inputs], or [batch, steps, inputs] where `layout` is 1;
/// - W is [directions, gates * hidden, inputs], R is [directions, gates * hidden, hidden];
/// - B is [directions, 2 * gates * hidden], what is added to the products with W, then to those with R;
/// - sequence_lens, i32[batch], tells how many of the steps there are; the rest of Y is 0;
/// - initial_h is [directions, batch, hidden], or [batch, directions, hidden] where `layout` is 1; 0 where it is left out.
///
/// With the last operand E, which is nnc's own, W and R are in fixed point: integers i32 times 2 to the power of the
/// exponent in E, i16[directions, 2 * gates * hidden], of their row, those of W first. X and the state become integers too,
/// with an exponent for each step, in the C; here products are exact.
///
/// The results are Y, the state after each step, [steps, directions, batch, hidden] or [batch, steps, directions, hidden];
/// and Y_h, the state after the last step, of the shape of initial_h, 0 for a sequence without steps.
public protocol RecurrentOperation: Operation {
  /// How many gates the cell has.
  static var gateCount: Int { get }
  /// The names of the functions that the cell applies, for one direction.
  static var defaultActivations: [String] { get }
  /// The operands that hold the initial states.
  static var stateOperands: [Int] { get }

  var direction: RecurrentDirection { get set }
  var layout: Int { get set }
  var hiddenSize: Int? { get set }
  var clip: Float? { get set }
  var activations: [String] { get set }
  var activationAlpha: [Float] { get set }
  var activationBeta: [Float] { get set }

  /// Replaces the state by the one after a step with the elements `x`.
  func advance(_ state: inout RecurrentState, _ x: [Double], _ cell: RecurrentCell)
}

/// The sizes of a recurrent layer, and how its tensors lie in memory.
public struct RecurrentGeometry {
  /// How many steps a sequence has.
  public let steps: Int
  /// How many sequences there are.
  public let batch: Int
  /// How many elements a step has.
  public let inputs: Int
  /// How many elements a state has.
  public let hidden: Int
  /// How many times a sequence is walked along.
  public let directions: Int
  /// Whether the batch comes before the steps.
  public let isBatchFirst: Bool

  /// The shape of Y.
  public var resultShape: Shape {
    isBatchFirst ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden]
  }
  /// The shape of the initial and the last states.
  public var stateShape: Shape { isBatchFirst ? [batch, directions, hidden] : [directions, batch, hidden] }
  /// How far neighbours in the batch and neighbouring steps of X lie apart.
  public var inputStrides: (batch: Int, step: Int) {
    isBatchFirst ? (steps * inputs, inputs) : (inputs, batch * inputs)
  }
  /// How far neighbours in the batch, neighbouring steps and directions of Y lie apart.
  public var resultStrides: (batch: Int, step: Int, direction: Int) {
    let strides = resultShape.strides
    return isBatchFirst ? (strides[0], strides[1], strides[2]) : (strides[2], strides[0], strides[1])
  }
  /// How far neighbours in the batch and directions of a state lie apart.
  public var stateStrides: (batch: Int, direction: Int) {
    let strides = stateShape.strides
    return isBatchFirst ? (strides[0], strides[1]) : (strides[1], strides[0])
  }
}

/// What the cell of a recurrent layer hands on from step to step.
public struct RecurrentState {
  /// The state that is also the result.
  public var hidden: [Double]
  /// The state of LSTM that stays inside.
  public var cell: [Double]
}

/// The weights of a cell in one direction, and the functions that it applies.
public struct RecurrentCell {
  let w: [Double], r: [Double], b: [Double], p: [Double]
  let functions: [GateFunction]
  let clip: Double

  /// The function at `index` of `x`, which is held within the clip threshold before.
  func apply(_ index: Int, _ x: Double) -> Double { functions[index](x < -clip ? -clip : x > clip ? clip : x) }

  /// The elements of the product of rows of W with the elements of a step, plus bias.
  func input(_ x: [Double], rows: Range<Int>) -> [Double] { zip(product(w, x, rows), b[rows]).map { $0 + $1 } }

  /// The elements of the product of rows of R with a state, plus bias.
  func recurrence(_ state: [Double], rows: Range<Int>) -> [Double] {
    zip(product(r, state, rows), b[(b.count / 2)...].dropFirst(rows.lowerBound)).map { $0 + $1 }
  }

  /// The sum of both.
  func gates(_ x: [Double], _ state: [Double], rows: Range<Int>) -> [Double] {
    zip(input(x, rows: rows), recurrence(state, rows: rows)).map { $0 + $1 }
  }

  private func product(_ matrix: [Double], _ vector: [Double], _ rows: Range<Int>) -> [Double] {
    rows.map { row in vector.indices.reduce(0) { $0 + matrix[row * vector.count + $1] * vector[$1] } }
  }
}
