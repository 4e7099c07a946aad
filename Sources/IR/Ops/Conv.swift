/// The convolution of X [N, C, D1, …] with filters W [M, C / group, k1, …], plus a bias B [M], for any number of
/// spatial axes. The result is [N, M, O1, …].
public struct Conv: Operation {
  public static let name = "Conv"
  public static let operands: Signature = ["X", "W", "B?"]

  /// How padding is chosen.
  public var autoPad = AutoPad.notSet
  /// The distances between the taps of the kernel; 1 where empty.
  public var dilations: [Int] = []
  /// Into how many independent groups channels are divided.
  public var group = 1
  /// The spatial extents of W, from which they follow where this is empty.
  public var kernelShape: [Int] = []
  /// Padding before the data along each axis, then behind; 0 where empty.
  public var pads: [Int] = []
  /// The distances between windows; 1 where empty.
  public var strides: [Int] = []

  public init() {}

  /// The geometry for operands of the given shapes.
  ///
  /// - Throws: A diagnostic if they do not fit each other or the attributes.
  public func window(_ x: Shape, _ w: Shape) throws(Diagnostic) -> Window {
    try require(x.rank >= 3, "X should have a batch axis, channels and spatial axes, but has shape [\(x)]")
    try require(w.rank == x.rank, "W has shape [\(w)], but should have as many axes as X [\(x)]")
    let kernel = Array(w[2...])
    try require(
      kernelShape.isEmpty || kernelShape == kernel, "kernel_shape is \(kernelShape), but W has the shape [\(w)]")
    try require(group >= 1, "group is \(group), but should be at least 1")
    try require(
      x[1] % group == 0 && w[1] == x[1] / group,
      "X has \(x[1]) channels in \(group) groups, but W takes \(w[1]) channels in each group")
    try require(w[0] % group == 0, "W has \(w[0]) filters, which cannot be divided into \(group) groups")
    return try Window(
      input: x[2...], kernel: kernel, strides: strides, dilations: dilations, pads: pads, autoPad: autoPad)
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let element = try operands.commonElement()
    let (x, w) = (operands.first.shape, operands.required(1).shape)
    let window = try window(x, w)
    try operands.requireShape(2, "B", is: [w[0]], because: "W has \(w[0]) filters")
    return [TensorType(element, Shape([x[0], w[0]] + window.outputShape))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, w) = (operands.first, operands.required(1))
    var sums = try sums(x.reals, x.shape, w.reals, w.shape)
    let inner = results[0].shape.elementCount(of: 2..<results[0].shape.rank)
    if let bias = operands[2]?.reals { sums.addToChannels(bias, inner: inner) }
    return [Tensor(results[0], reals: sums)]
  }

  /// The sums of products, in the order of the result, of the elements `x` of shape `shape` and the filters `w`.
  func sums(_ x: [Double], _ shape: Shape, _ w: [Double], _ filterShape: Shape) throws(Diagnostic) -> [Double] {
    let (batch, channels, filters) = (shape[0], shape[1], filterShape[0])
    let window = try window(shape, filterShape)
    let convolution = Convolution(window: window, batch: batch, inputs: channels, outputs: filters, group: group)
    let data = x.transposed(count: batch, rows: channels, columns: window.inputCount)
    var sums: [Double]
    if channels == group, filters == group {
      sums = convolution.depthwiseSums(data, w.transposed(count: 1, rows: group, columns: window.tapCount))
    } else {
      // [group][filter][channel][tap] becomes [group][tap][channel][filter].
      let (fanIn, fanOut) = (channels / group, filters / group)
      let weights = w.transposed(count: filters, rows: fanIn, columns: window.tapCount)
        .transposed(count: group, rows: fanOut, columns: window.tapCount * fanIn)
      sums = convolution.sums(data, weights)
    }
    return sums.transposed(count: batch, rows: window.outputCount, columns: filters)
  }
}

extension [Double] {
  /// Adds each element of `bias` to the elements of its channel, for data [N, channels, inner].
  mutating func addToChannels(_ bias: [Double], inner: Int) {
    var first = 0
    while first < count {
      for value in bias {
        for index in first..<first + inner { self[index] += value }
        first += inner
      }
    }
  }
}
