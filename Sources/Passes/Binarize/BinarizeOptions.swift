import IR

/// The options of the pass binarize.
struct BinarizeOptions: LayerOptions {
  /// How bits and factors are found.
  enum Method: String, CaseIterable, Codable, Sendable {
    /// `gpfq` where there are calibration data, else `residual`.
    case auto
    /// The signs, times the mean magnitude of each channel.
    case sign
    /// As many set bits as clear ones in each channel, and an offset.
    case balanced
    /// Each bit is the sign of what those before leave, refined by least squares.
    case residual
    /// Two bits with the same factor: -1, 0 or +1 times a number.
    case ternary
    /// The levels of `residual`, chosen one after the other so that errors on calibration data undo each other.
    case gpfq
    /// The same with the levels of `ternary`.
    case gpfqTernary = "gpfq-ternary"
  }

  /// How bits and factors are found.
  var method = Method.auto
  /// How many bits a weight has; the fewest with which a layer keeps within the budget where there is no number.
  var bits = BitCount.auto
  /// The largest error of the results of a layer, relative to them.
  var error: Double?
  /// The most that the share of samples that are recognised may fall, in points.
  var accuracy: Double?
  /// Whether factors and biases are fitted to calibration data, where there are some.
  var correct = true
  /// The layers that are to be binarized; all where empty.
  var layers: [String] = []
  /// The layers that are to be left as they are.
  var skip: [String] = []

  static let summaries = [
    "method": "how bits are found: \(Method.allCases.map(\.rawValue).joined(separator: ", "))",
    "bits": "bits of a weight, 1 to 4, or auto: the fewest within the budget",
    "error": "largest error of a layer, relative to its results on calibration data, or to its weights without; "
      + "\(defaultError) where bits is auto and accuracy is not given",
    "accuracy": "largest loss of accuracy on labelled calibration data, in points",
    "correct": "whether factors and biases are fitted to calibration data",
    "layers": "names of the layers to binarize; all by default",
    "skip": "names of layers to leave as they are",
  ]

  /// The error that is allowed where neither a budget nor a number of bits is given.
  static let defaultError = 0.1

  func validate() throws {
    try require(error.map { $0 > 0 } ?? true, "option 'error' should be greater than 0")
    try require(accuracy.map { (0...100).contains($0) } ?? true, "option 'accuracy' should be 0 to 100 points")
    guard let bits = bits.number, let only = Self.bits(of: method) else { return }
    try require(bits == only, "option 'bits' is \(bits), but the method \(method.rawValue) has \(only)")
  }

  /// How many bits a method has, if that cannot be chosen.
  static func bits(of method: Method) -> Int? {
    switch method {
    case .sign, .balanced: 1
    case .ternary, .gpfqTernary: 2
    case .auto, .residual, .gpfq: nil
    }
  }

  /// The largest relative error of a layer: where there is a choice, there is a budget.
  var errorBudget: Double { error ?? (candidates.count > 1 && accuracy == nil ? Self.defaultError : .infinity) }

  /// The numbers of bits to try, in order.
  var candidates: [Int] { (bits.number ?? Self.bits(of: method)).map { [$0] } ?? Array(1...BitCount.maximum) }
}

/// A number of bits, or the choice of the pass.
enum BitCount: Codable, Sendable {
  static let maximum = 4

  case auto
  case exactly(Int)

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Int.self), (1...Self.maximum).contains(number) {
      self = .exactly(number)
    } else if (try? container.decode(String.self)) == "auto" {
      self = .auto
    } else {
      throw Diagnostic("option 'bits' should be auto or a number from 1 to \(Self.maximum)")
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .auto: try container.encode("auto")
    case .exactly(let number): try container.encode(number)
    }
  }

  /// The number, if there is one.
  var number: Int? {
    guard case .exactly(let number) = self else { return nil }
    return number
  }
}
