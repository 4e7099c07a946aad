import IR

/// The options of the pass moefy.
struct MoefyOptions: PassOptions {
  /// How neurons are divided into experts.
  enum Partition: String, CaseIterable, Codable, Sendable {
    /// `coactivation` where there are calibration data, else `kmeans`.
    case auto
    /// Neurons with similar weights together.
    case kmeans
    /// Neurons that work on the same rows together.
    case coactivation
    /// Neighbours together: to compare with.
    case contiguous
  }

  /// What scores experts.
  enum Router: String, CaseIterable, Codable, Sendable {
    /// Whichever finds most of what the experts add to the result.
    case auto
    /// The direction of the weights of an expert.
    case similarity
    /// A product with the row, fitted to calibration data.
    case linear
    /// One neuron of each expert.
    case representative
    /// Two neurons of each expert, and a product with their values, fitted to calibration data.
    case neurons
  }

  /// How many experts a block is divided into; 0 makes them of about 32 neurons.
  var experts = 0
  /// How many of them serve all rows: the neurons that matter to most.
  var shared = 0
  /// The share of the experts that a row uses, shared ones included; where there is none, the least with which the
  /// block keeps within its budget.
  var active: Double?
  /// How neurons are divided into experts.
  var partition = Partition.auto
  /// What scores experts.
  var router = Router.auto
  /// The largest error of the result of a block, relative to it.
  var error: Double?
  /// The blocks to change; all where empty.
  var layers: [String] = []
  /// The blocks to leave as they are.
  var skip: [String] = []

  static let summaries = [
    "experts": "how many experts a block is divided into; 0 makes them of about 32 neurons",
    "shared": "how many of them serve all rows",
    "active": "share of the experts that a row uses, above 0, up to 1; without it, as few as the budget allows",
    "partition":
      "how neurons are divided into experts: \(Partition.allCases.map(\.rawValue).joined(separator: ", "))",
    "router": "what scores experts: \(Router.allCases.map(\.rawValue).joined(separator: ", "))",
    "error": "largest error of a block, relative to its results on calibration data; "
      + "\(defaultError) where there is no active",
    "layers": "names of the blocks to change, which are those of their second products; all by default",
    "skip": "names of blocks to leave as they are",
  ]

  /// The error that is allowed where neither a budget nor a share is given.
  static let defaultError = 0.1

  func validate() throws {
    try require(experts >= 0, "option 'experts' should be 0 or more")
    try require(shared >= 0, "option 'shared' should be 0 or more")
    try require(active.map { $0 > 0 && $0 <= 1 } ?? true, "option 'active' should be above 0 and at most 1, as in 0.25")
    try require(error.map { $0 > 0 } ?? true, "option 'error' should be greater than 0")
  }

  /// Whether all experts serve all rows, so that nothing is chosen.
  var usesAll: Bool { active == 1 }

  /// The largest relative error of a block.
  var errorBudget: Double { error ?? (active == nil ? Self.defaultError : .infinity) }
}
