import IR

/// The options of the pass prune-channels.
struct PruneChannelsOptions: PassOptions {
  /// How channels of a group are compared.
  enum Score: String, CaseIterable, Codable, Sendable {
    /// `reconstruction` where there are calibration data, else `norm`.
    case auto
    /// By their weights in all layers of the group.
    case norm
    /// By what they add to the results of the layers that take them.
    case activation
    /// By what the results of these layers miss when the channels that are left make up for them.
    case reconstruction
    /// Any channels: to compare with.
    case random
  }

  /// How what is removed is divided among groups.
  enum Allocation: String, CaseIterable, Codable, Sendable {
    /// `measured` where there are calibration data, else `uniform`.
    case auto
    /// The same share of each.
    case uniform
    /// By what fewer channels of each group were measured to do to the outputs.
    case measured
  }

  /// The share of the products that goes.
  var macs: Double?
  /// The share of the channels of each group that goes.
  var channels: Double?
  /// The largest error of an output, relative to it.
  var error: Double?
  /// The most that the share of samples that are recognised may fall, in points.
  var accuracy: Double?
  /// How channels are compared.
  var score = Score.auto
  /// How what is removed is divided among groups.
  var allocation = Allocation.auto
  /// Groups are left with a multiple of so many channels; of as many as kernels of the target compute together by default.
  var round: Int?
  /// Whether weights of layers that take fewer channels are fitted to calibration data.
  var reconstruct = true
  /// The layers whose channels may go; all where empty.
  var layers: [String] = []
  /// Layers whose channels stay.
  var skip: [String] = []

  static let summaries = [
    "macs": "share of the multiply-accumulate operations to remove, 0 to 1",
    "channels": "share of the channels to remove from each group, 0 to 1",
    "error": "largest error of an output, relative to it, on calibration data; \(defaultError) where neither macs, "
      + "channels nor accuracy is given",
    "accuracy": "largest loss of accuracy on labelled calibration data, in points",
    "score": "how channels are compared: \(Score.allCases.map(\.rawValue).joined(separator: ", "))",
    "allocation":
      "how what is removed is divided among groups: \(Allocation.allCases.map(\.rawValue).joined(separator: ", "))",
    "round":
      "groups are left with a multiple of so many channels; by default as many as kernels of the target compute together",
    "reconstruct": "whether layers that take fewer channels are fitted to calibration data",
    "layers": "names of layers whose channels may go; all by default",
    "skip": "names of layers whose channels stay",
  ]

  /// The error that is allowed where nothing is said.
  static let defaultError = 0.1

  func validate() throws {
    for (name, share) in [("macs", macs), ("channels", channels)] {
      try require(share.map { $0 > 0 && $0 < 1 } ?? true, "option '\(name)' should be between 0 and 1, as in 0.25")
    }
    try require(macs == nil || channels == nil, "options 'macs' and 'channels' exclude each other")
    try require(error.map { $0 > 0 } ?? true, "option 'error' should be greater than 0")
    try require(accuracy.map { (0...100).contains($0) } ?? true, "option 'accuracy' should be 0 to 100 points")
    if let round { try require(round >= 1, "option 'round' should be 1 or more") }
    try require(
      channels == nil || allocation != .measured,
      "the allocation measured divides a share of products, so it needs option 'macs', not 'channels'")
  }

  /// The largest relative error of an output.
  var errorBudget: Double {
    error ?? (macs == nil && channels == nil && accuracy == nil ? Self.defaultError : .infinity)
  }

  /// Whether there is a budget, for which something must be measured.
  var hasBudget: Bool { errorBudget.isFinite || accuracy != nil }
}
