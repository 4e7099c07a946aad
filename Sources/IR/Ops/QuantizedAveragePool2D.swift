/// The mean of each window of quantized numbers X [N, H, W, C], quantized again: the sum of the window, as distances from
/// the zero point, times the quotient of `scale` and the number of its taps. nnc's own operation, to which the mean of
/// dequantized numbers is lowered. The result is [N, OH, OW, C].
///
/// Quotient and product are rounded to f32, and the product to the nearest integer, of two the even one.
public struct QuantizedAveragePool2D: QuantizedOperation {
  public static let name = "QuantizedAveragePool2D"
  public static let operands: Signature = ["X"]

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
  /// Whether padding counts as zeros. What a last window has beyond the padding never counts.
  public var countIncludePad = false
  /// The scale of X in units of that of the result.
  public var scale: Float = 1
  public var xZero = 0
  public var yZero = 0
  public var low = -128
  public var high = 127
  public var outputDtype = ElementType.i8

  public init() {}

  /// The pool of real numbers with the same geometry.
  public var pool: Pool2D {
    var pool = Pool2D()
    (pool.kind, pool.kernelShape, pool.strides, pool.dilations) = (.average, kernelShape, strides, dilations)
    (pool.pads, pool.outputShape, pool.countIncludePad) = (pads, outputShape, countIncludePad)
    return pool
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let x = operands.first
    try checkQuantization(x.element)
    try require(scale.isNormal && scale > 0, "scale is \(scale), but should be a positive number")
    let window = try pool.window(x.shape)
    try window.requireDataInEachWindow()
    return [TensorType(outputDtype, Shape([x.shape[0]] + window.outputShape + [x.shape[3]]))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first
    guard results[0].elementCount > 0 else { return [Tensor(results[0], integers: [])] }
    let (window, channels) = (try pool.window(x.shape), x.shape[3])
    let distances = x.reals.map { $0 - Double(xZero) }
    let sums = window.reduceChannelsLast(
      distances, channels: channels, .average, counts: [Int](repeating: 1, count: window.outputCount))
    let counts = window.tapCounts(padded: countIncludePad)
    let elements = sums.enumerated().map { index, sum in
      quantized(Float(sum) * (scale / Float(counts[index / channels % counts.count])))
    }
    return [Tensor(results[0], integers: elements)]
  }
}
