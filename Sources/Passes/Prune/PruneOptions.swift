import IR

/// The options of the pass prune.
struct PruneOptions: LayerOptions {
  /// How weights are chosen.
  enum Method: String, CaseIterable, Codable, Sendable {
    /// `obs` where there are calibration data, else `magnitude`.
    case auto
    /// The least weights.
    case magnitude
    /// The least products of a weight with the norm of what it is multiplied with.
    case wanda
    /// Those that the results miss least when all others make up for them.
    case obs
    /// Any weights: to compare with.
    case random
  }

  /// Which weights of a layer may be zero together.
  enum Pattern: String, CaseIterable, Codable, Sendable {
    /// Any.
    case unstructured
    /// Two of four neighbouring channels of the data.
    case twoOfFour = "2:4"
  }

  /// How the share of zeros is divided among layers.
  enum Allocation: String, CaseIterable, Codable, Sendable {
    /// The same share in each.
    case uniform
    /// Fewer zeros in layers with few channels (Erdős–Rényi kernel).
    case erk
    /// The least scores of all layers together.
    case global
    /// By what zeros of each layer were measured to do to the output: as little as possible together.
    case rateDistortion = "rate-distortion"
  }

  /// How weights are chosen.
  var method = Method.auto
  /// The share of weights that become zero; where there is none, the largest with which each layer keeps within its budget.
  var sparsity: Double?
  /// Which weights may be zero together.
  var pattern = Pattern.unstructured
  /// How the share is divided among layers.
  var allocation = Allocation.uniform
  /// The largest error that a layer may add to its results, relative to them.
  var error: Double?
  /// The layers to prune; all where empty.
  var layers: [String] = []
  /// The layers to leave as they are.
  var skip: [String] = []

  static let summaries = [
    "method": "how weights are chosen: \(Method.allCases.map(\.rawValue).joined(separator: ", "))",
    "sparsity": "share of the weights that become zero, 0 to 1; without it, as many as the budget allows",
    "pattern": "which may be zero together: unstructured, or 2:4, two of four neighbouring channels of the data",
    "allocation":
      "how the share is divided among layers: \(Allocation.allCases.map(\.rawValue).joined(separator: ", "))",
    "error": "largest error of a layer, relative to its results on calibration data, or to its weights without; "
      + "\(defaultError) where there is no sparsity",
    "layers": "names of the layers to prune; all by default",
    "skip": "names of layers to leave as they are",
  ]

  /// The error that is allowed where neither a budget nor a share is given.
  static let defaultError = 0.1

  func validate() throws {
    try require(sparsity.map { $0 > 0 && $0 < 1 } ?? true, "option 'sparsity' should be between 0 and 1, as in 0.5")
    try require(error.map { $0 > 0 } ?? true, "option 'error' should be greater than 0")
    try require(
      allocation == .uniform || sparsity != nil,
      "option 'allocation' divides a share of zeros, so it needs option 'sparsity'")
    guard pattern == .twoOfFour else { return }
    try require(
      sparsity.map { $0 == 0.5 } ?? true,
      "option 'sparsity' is \(sparsity ?? 0), but the pattern 2:4 makes half of the weights zero")
    try require(
      allocation == .uniform, "the pattern 2:4 leaves nothing to divide: option 'allocation' should be uniform")
  }

  /// The largest relative error of a layer.
  var errorBudget: Double { error ?? (sparsity == nil && pattern == .unstructured ? Self.defaultError : .infinity) }
}
