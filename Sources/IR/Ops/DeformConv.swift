/// The convolution of X with filters W, plus a bias B, whose taps are moved: by `offset` [N, offset_group · taps · r, O1, …]
/// along the r spatial axes, and multiplied by `mask` [N, offset_group · taps, O1, …].
///
/// Between elements X is interpolated linearly, and outside it there are zeros. Channels are divided into as many groups
/// as there are different offsets.
public struct DeformConv: Operation {
  public static let name = "DeformConv"
  public static let operands: Signature = ["X", "W", "offset", "B?", "mask?"]

  /// The distances between the taps of the kernel; 1 where empty.
  public var dilations: [Int] = []
  /// Into how many independent groups channels are divided.
  public var group = 1
  /// The spatial extents of W, from which they follow where this is empty.
  public var kernelShape: [Int] = []
  /// How many groups of channels have offsets of their own.
  public var offsetGroup = 1
  /// Padding before the data along each axis, then behind; 0 where empty.
  public var pads: [Int] = []
  /// The distances between windows; 1 where empty.
  public var strides: [Int] = []

  public init() {}

  /// The convolution whose taps are not moved.
  public var convolution: Conv { Conv(.notSet, dilations, group, kernelShape, pads, strides) }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let element = try operands.commonElement()
    let (x, w) = (operands.first.shape, operands.required(1).shape)
    let window = try convolution.window(x, w)
    try require(
      offsetGroup >= 1 && x[1] % offsetGroup == 0,
      "X has \(x[1]) channels, which cannot be divided into offset_group \(offsetGroup) groups")
    let taps = try checkedProduct(offsetGroup, window.tapCount, of: "the number of taps")
    let coordinates = try checkedProduct(taps, window.axes.count, of: "the number of offsets")
    try operands.requireShape(
      2, "offset", is: Shape([x[0], coordinates] + window.outputShape),
      because: "each of \(taps) taps at each position has \(window.axes.count) offsets")
    try operands.requireShape(3, "B", is: [w[0]], because: "W has \(w[0]) filters")
    try operands.requireShape(
      4, "mask", is: Shape([x[0], taps] + window.outputShape), because: "there are \(taps) taps at each position")
    return [TensorType(element, Shape([x[0], w[0]] + window.outputShape))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, w) = (operands.first.shape, operands.required(1).shape)
    var sums = [Double](repeating: 0, count: results[0].elementCount)
    let window = try convolution.window(x, w)
    let (data, filters) = (operands.first.reals, operands.required(1).reals)
    let (offsets, mask) = (operands.required(2).reals, operands[4]?.reals)
    let (positions, taps, strides) = (window.outputCount, window.tapCount, Shape(window.inputShape).strides)
    let (fanIn, fanOut) = (x[1] / group, w[0] / group)
    let indices = sums.isEmpty ? 0..<0 : 0..<x[0] * x[1] * taps * positions
    for index in indices {
      let (position, tap) = (index % positions, index / positions % taps)
      let (sample, channel) = (index / positions / taps / x[1], index / positions / taps % x[1])
      let moved = (sample * offsetGroup + channel / (x[1] / offsetGroup)) * taps + tap
      let axes = window.samples(tap, at: position) { axis in
        offsets[(moved * window.axes.count + axis) * positions + position]
      }
      let plane = (sample * x[1] + channel) * window.inputCount
      let value =
        interpolate(axes, strides: strides) { data[plane + $0] } * (mask.map { $0[moved * positions + position] } ?? 1)
      for filter in channel / fanIn * fanOut..<(channel / fanIn + 1) * fanOut {
        sums[(sample * w[0] + filter) * positions + position] +=
          filters[(filter * fanIn + channel % fanIn) * taps + tap] * value
      }
    }
    if let bias = operands[3]?.reals { sums.addToChannels(bias, inner: positions) }
    return [Tensor(results[0], reals: sums)]
  }
}

extension Window {
  /// Where a tap of the window at a position lies along each axis, moved by what `offset` says for it.
  fileprivate func samples(_ tap: Int, at position: Int, _ offset: (_ axis: Int) -> Double) -> [AxisTaps] {
    let (kernels, outputs) = (Shape(axes.map(\.kernel)), Shape(outputShape))
    return axes.enumerated().map { index, axis in
      let start = axis.start(of: position / outputs.strides[index] % outputs[index])
      let place = start + tap / kernels.strides[index] % kernels[index] * axis.dilation
      let x = GridPadding.zeros.held(Double(place) + offset(index), extent: axis.input)
      return AxisTaps(around: x, extent: axis.input, .linear, .zeros)
    }
  }
}
