import IR

/// What is decided about a model when it is read.
public struct LoadOptions: Sendable {
  /// The extents of dynamic dimensions: by the name of the dimension, or by `INPUT.AXIS` for one without a name. Also
  /// the lengths of inputs that are sequences, by their names; an optional has length 0 or 1.
  public var dims: [String: Int]
  /// Tensors that take the place of inputs. They are converted to the type of the input where that loses nothing.
  public var frozen: [String: Tensor]

  /// Creates options; by default nothing is decided.
  public init(dims: [String: Int] = [:], frozen: [String: Tensor] = [:]) {
    self.dims = dims
    self.frozen = frozen
  }
}
