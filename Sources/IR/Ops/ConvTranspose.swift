/// The transposed convolution of X [N, C, D1, …] with filters W [C, M / group, k1, …], plus a bias B [M]: each element
/// of X adds its multiple of a filter to the result [N, M, O1, …].
public struct ConvTranspose: Operation {
  public static let name = "ConvTranspose"
  public static let operands: Signature = ["X", "W", "B?"]

  /// How padding is chosen.
  public var autoPad = AutoPad.notSet
  /// The distances between the taps of the kernel; 1 where empty.
  public var dilations: [Int] = []
  /// Into how many independent groups channels are divided.
  public var group = 1
  /// The spatial extents of W, from which they follow where this is empty.
  public var kernelShape: [Int] = []
  /// How many elements are added behind the result along each axis; 0 where empty.
  public var outputPadding: [Int] = []
  /// The spatial extents of the result, from which padding follows; empty to give padding.
  public var outputShape: [Int] = []
  /// How much is cut from the result before each axis, then behind; 0 where empty.
  public var pads: [Int] = []
  /// The distances between the windows of neighbouring elements; 1 where empty.
  public var strides: [Int] = []

  public init() {}

  /// The window whose transpose this is: it moves over the result, and has a position for each element of X.
  ///
  /// - Throws: A diagnostic if shapes do not fit each other or the attributes.
  public func window(_ x: Shape, _ w: Shape) throws(Diagnostic) -> Window {
    try require(x.rank >= 3, "X should have a batch axis, channels and spatial axes, but has shape [\(x)]")
    try require(w.rank == x.rank, "W has shape [\(w)], but should have as many axes as X [\(x)]")
    let kernel = Array(w[2...])
    try require(
      kernelShape.isEmpty || kernelShape == kernel, "kernel_shape is \(kernelShape), but W has the shape [\(w)]")
    try require(w[0] == x[1], "X has \(x[1]) channels, but W takes \(w[0])")
    try require(
      group >= 1 && group <= max(x[1], 1) && x[1] % group == 0,
      "\(x[1]) channels cannot be divided into \(group) groups")
    // As in onnxruntime, output_shape may have the batch and channel axes in front.
    let shape = outputShape.count == x.rank ? Array(outputShape[2...]) : outputShape
    return try Window(
      transposing: x[2...],
      TransposedWindowAttributes(
        kernel: kernel, strides: strides, dilations: dilations, pads: pads, outputPadding: outputPadding,
        outputShape: shape, autoPad: autoPad))
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let element = try operands.commonElement()
    let (x, w) = (operands.first.shape, operands.required(1).shape)
    let window = try window(x, w)
    let filters = Shape([w[1], group]).elementCount
    try operands.requireShape(2, "B", is: [filters], because: "W makes \(filters) channels")
    return [TensorType(element, Shape([x[0], filters] + window.inputShape))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, w) = (operands.first, operands.required(1))
    let (batch, channels) = (x.shape[0], x.shape[1])
    let window = try window(x.shape, w.shape)
    let data = x.reals.transposed(count: batch, rows: channels, columns: window.outputCount)
    // [channel][filter][tap] becomes [channel][tap][filter].
    let weights = w.reals.transposed(count: channels, rows: w.shape[1], columns: window.tapCount)
    var sums = sums(data, weights, window, batch: batch, channels: channels, fanOut: w.shape[1])
    sums = sums.transposed(count: batch, rows: window.inputCount, columns: w.shape[1] * group)
    if let bias = operands[2]?.reals { sums.addToChannels(bias, inner: window.inputCount) }
    return [Tensor(results[0], reals: sums)]
  }

  /// Returns the sums [batch, elements, filters] for data [batch, positions, channels] and weights
  /// [channels, taps, fanOut].
  private func sums(
    _ data: [Double], _ weights: [Double], _ window: Window, batch: Int, channels: Int, fanOut: Int
  ) -> [Double] {
    let (positions, elements, filters) = (window.outputCount, window.inputCount, fanOut * group)
    var sums = [Double](repeating: 0, count: batch * elements * filters)
    sums.withUnsafeMutableBufferPointer { sums in
      weights.withUnsafeBufferPointer { weights in
        window.forEachPosition { position, taps in
          for sample in 0..<batch {
            for channel in 0..<channels {
              let factor = data[(sample * positions + position) * channels + channel]
              let first = channel / (channels / group) * fanOut
              for (tap, element) in taps.enumerated() where element >= 0 {
                let row = (channel * taps.count + tap) * fanOut
                let sum = (sample * elements + element) * filters + first
                addProduct(
                  factor, UnsafeBufferPointer(rebasing: weights[row..<row + fanOut]),
                  to: UnsafeMutableBufferPointer(rebasing: sums[sum..<sum + fanOut]))
              }
            }
          }
        }
      }
    }
    return sums
  }
}
