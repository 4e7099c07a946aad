/// An operation that reduces each window of the spatial axes of X [N, C, D1, …] to one element.
public protocol PoolingOperation: Operation {
  /// How padding is chosen.
  var autoPad: AutoPad { get }
  /// Whether a last window that is not full counts too.
  var ceilMode: Bool { get }
  /// The distances between the taps of the window; 1 where empty.
  var dilations: [Int] { get }
  /// The extents of the window.
  var kernelShape: [Int] { get }
  /// Padding before the data along each axis, then behind; 0 where empty.
  var pads: [Int] { get }
  /// The distances between windows; 1 where empty.
  var strides: [Int] { get }
}

extension PoolingOperation {
  /// The geometry for X of the given shape.
  ///
  /// - Throws: A diagnostic if the attributes do not fit it.
  public func window(_ x: Shape) throws(Diagnostic) -> Window {
    try require(x.rank >= 3, "X should have a batch axis, channels and spatial axes, but has shape [\(x)]")
    try require(!kernelShape.isEmpty, "attribute kernel_shape is missing")
    let window = try Window(
      input: x[2...], kernel: kernelShape, strides: strides, dilations: dilations, pads: pads, autoPad: autoPad,
      ceilMode: ceilMode)
    try window.requireDataInEachWindow()
    return window
  }

  /// The shape of the result.
  func resultShape(_ x: Shape) throws(Diagnostic) -> Shape {
    let spatial = try window(x).outputShape
    return Shape(x[..<2] + spatial)
  }
}

extension Window {
  /// For each window in order, how many of its taps lie in the data or, if `padded`, in the padding too.
  public func tapCounts(padded: Bool) -> [Int] {
    axes.reduce([1]) { counts, axis in
      counts.flatMap { count in
        (0..<axis.output).map { count * (padded ? axis.paddedTapCount(of: $0) : axis.taps(of: $0).count) }
      }
    }
  }

  /// Reduces each window of each plane of `data` [planes, elements]: `body` gets the index of the window, the index of
  /// the first element of the plane, and the indices in the plane of the taps that lie in the data.
  func reducePlanes<Result>(
    _ planes: Int, filling initial: Result, _ body: (_ position: Int, _ plane: Int, _ taps: [Int]) -> Result
  ) -> [Result] {
    var results = [Result](repeating: initial, count: planes * outputCount)
    guard !results.isEmpty else { return results }
    let (positions, elements) = (outputCount, inputCount)
    forEachPosition { position, taps in
      let inside = taps.filter { $0 >= 0 }
      for plane in 0..<planes { results[plane * positions + position] = body(position, plane * elements, inside) }
    }
    return results
  }
}
