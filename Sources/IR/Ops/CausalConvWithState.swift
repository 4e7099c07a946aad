/// The convolution of each channel of the input [N, C, L] with a filter of its own, weight [C, 1, k], over the present
/// and the past: k - 1 steps before the input come from the state [N, C, k - 1], or are 0.
///
/// The second result is the state behind the input.
public struct CausalConvWithState: CompositeOperation {
  public static let name = "CausalConvWithState"
  public static let operands: Signature = ["input", "weight", "bias?", "past_state?"]

  /// What is applied to the result.
  public enum Activation: String, CaseIterable, Codable, Sendable {
    /// Nothing.
    case none
    /// `x * sigmoid(x)`, by two names.
    case silu, swish
  }

  /// What is applied to the result.
  public var activation = Activation.none

  public init() {}

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    let (x, w) = (body.type(operands.first), body.shape(operands.required(1)))
    try require(x.shape.rank == 3, "input is \(x), but should be [batch, channels, steps]")
    let (channels, length) = (x.shape[1], x.shape[2])
    try require(
      w.rank == 3 && w[0] == channels && w[1] == 1 && w[2] >= 1,
      "weight is [\(w)], but should be [\(channels), 1, k] for the \(channels) channels of input \(x)")
    let past = w[2] - 1
    var conv = Conv()
    conv.group = max(1, channels)
    var (known, pad) = (operands.first, past)
    if let state = operands[3] {
      let expected = TensorType(x.element, [x.shape[0], channels, past])
      try require(body.type(state) == expected, "past_state is \(body.type(state)), but should be \(expected)")
      (known, pad) = (try body.add(Concat(axis: 2), state, operands.first), 0)
    }
    conv.pads = [pad, 0]
    var result = try body.add(conv, known, operands.required(1), operands[2])
    if activation != .none { result = try body.add(Swish(), result) }
    if pad > length {
      // There are fewer steps than the state holds.
      known = try body.add(Pad(), known, body.constant([0, 0, pad - length, 0, 0, 0]))
    }
    let end = body.shape(known)[2]
    return [result, try body.slice(known, axis: 2, from: end - past, to: end)]
  }
}
