import IR

extension Pipeline {
  /// What `nnc build` does to every model.
  public static let standard = Pipeline([
    foldConstants,
  ])
}

/// Every pass, for `--passes` and `nnc passes`.
public let allPasses: [Pass] = [
  foldConstants
]
