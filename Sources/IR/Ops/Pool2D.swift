/// The largest element or the mean of each window of X [N, H, W, C]. nnc's own operation, to which `MaxPool` and
/// `AveragePool` are lowered. The result is [N, OH, OW, C].
public struct Pool2D: Operation {
  public static let name = "Pool2D"
  public static let operands: Signature = ["X"]

  /// How windows are reduced: `max` or `average`.
  public var kind = PoolKind.max
  /// The extents of the window: rows, columns.
  public var kernelShape: [Int] = []
  /// The distances between windows; 1 where empty.
  public var strides: [Int] = []
  /// The distances between taps; 1 where empty.
  public var dilations: [Int] = []
  /// Padding: top, left, bottom, right; 0 where empty.
  public var pads: [Int] = []
  /// How many windows there are: rows, columns. This resolves ceil mode.
  public var outputShape: [Int] = []
  /// Whether padding counts as zeros in a mean. What a last window has beyond the padding never counts.
  public var countIncludePad = false

  public init() {}

  /// The geometry for X of the given shape.
  public func window(_ x: Shape) throws(Diagnostic) -> Window {
    try require(x.rank == 4, "X should have axes [N, H, W, C], but has shape [\(x)]")
    var windows: [Window] = []
    for ceilMode in [false, true] {
      windows.append(
        try Window(
          input: x[1..<3], kernel: kernelShape, strides: strides, dilations: dilations, pads: pads, ceilMode: ceilMode))
      if windows[windows.count - 1].outputShape == outputShape { return windows[windows.count - 1] }
    }
    throw Diagnostic(
      "output_shape is \(outputShape), but there are \(windows[0].outputShape) windows, or "
        + "\(windows[1].outputShape) in ceil mode")
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let x = operands.first
    try require(kind != .none, "kind is none, but should be max or average")
    let element = operands.first.element
    if kind == .average || element != .bit {
      _ = try operands.commonElement(kind == .max ? .numbers : .floats)
      try require(element.isFloat || element.bitWidth <= 32, "is not defined for elements of type \(element)")
    }
    let window = try window(x.shape)
    try window.requireDataInEachWindow()
    return [TensorType(element, Shape([x.shape[0]] + window.outputShape + [x.shape[3]]))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first
    guard results[0].elementCount > 0 else { return [Tensor(results[0], reals: [])] }
    let window = try window(x.shape)
    let counts = countIncludePad ? window.tapCounts(padded: true) : nil
    return [
      Tensor(results[0], reals: window.reduceChannelsLast(x.reals, channels: x.shape[3], kind, counts: counts))
    ]
  }
}
