/// The convolution of bits with bits: sums of products of +1 and -1, which are compared with thresholds. nnc's own.
public protocol BinaryConvolution: ChannelsLastConvolution {
  /// The number of channels of the result.
  var outputChannels: Int { get set }
  /// Into how many independent groups channels are divided.
  var group: Int { get }
  /// What padding is: -1, +1, or 0, which adds nothing to a sum.
  var padding: Int { get }
  /// The extents of the windows of a max pool after the comparison, which lie wholly inside; none where empty.
  var poolShape: [Int] { get set }
  /// The distances between the windows of the pool, which do not overlap; `poolShape` where empty.
  var poolStrides: [Int] { get set }
  /// How many output channels of a group make a panel of weights.
  static var panel: Int { get }
}

extension BinaryConvolution {
  /// The largest number of products of a sum: thresholds are integers of 16 bits.
  public static var maximumProductCount: Int { 32766 }

  /// The order of the weights for X [N, H, W, C].
  public func panels(_ x: Shape) -> BitPanels {
    BitPanels(
      outputs: outputChannels, group: group, inputs: Shape(kernelShape + [x[3] / group]).elementCount,
      width: Self.panel)
  }

  /// The geometry of the pool after a convolution of the given geometry; nil where there is no pool.
  public func poolWindow(_ window: Window) throws(Diagnostic) -> Window? {
    try require(!poolShape.isEmpty || poolStrides.isEmpty, "has pool_strides, but no pool_shape")
    return poolShape.isEmpty
      ? nil : try .inside(window.outputShape, shape: poolShape, strides: poolStrides.isEmpty ? poolShape : poolStrides)
  }

  /// The type of the result for X [N, H, W, C], whose axes are in that order, or throws what is wrong with the operands:
  /// weights, thresholds and flips.
  func resultType(_ x: Shape, _ operands: Operands<Operand>) throws -> TensorType {
    let window = try window(x)
    try require(
      1...Window.maximum ~= outputChannels,
      "output_channels is \(outputChannels), but should be in 1...\(Window.maximum)")
    try require(
      group >= 1 && x[3] % group == 0 && outputChannels % group == 0,
      "\(x[3]) channels cannot be made into \(outputChannels) in \(group) groups")
    try require((-1...1).contains(padding), "padding is \(padding), but should be -1, 0 or 1")
    let panels = panels(x)
    try require(
      panels.inputs <= Self.maximumProductCount,
      "each sum has \(panels.inputs) products, but at most \(Self.maximumProductCount) are possible")
    try operands.requireBits(0, "X")
    try operands.requireBits(1, "W")
    try operands.requireShape(
      1, "W", is: panels.type.shape, because: "\(outputChannels) rows of \(panels.inputs) bits lie in words")
    if let weights = try operands.required(1).known() {
      try require(
        panels.hasClearRest(weights), "W has bits set behind the \(panels.inputs) weights of a row, which should be -1")
    }
    guard let thresholds = operands[2] else {
      try require(operands[3] == nil && poolShape.isEmpty, "there are flips or a pool, but no thresholds")
      return TensorType(.i32, Shape([x[0]] + window.outputShape + [outputChannels]))
    }
    try require(
      thresholds.element == .i16, "thresholds have elements of type \(thresholds.element), but should have i16")
    try operands.requireThresholds(2, 3, count: outputChannels)
    let spatial = try poolWindow(window)?.outputShape ?? window.outputShape
    return TensorType(.bit, Shape([x[0]] + spatial + [outputChannels]))
  }

  /// The sums [N, OH, OW, outputs] for data [N, H, W, C] of +1 and -1.
  func sums(_ data: [Int32], _ x: Shape, _ weights: Tensor) throws -> [Int32] {
    var (window, data) = (try window(x), data)
    if padding != 0 { (window, data) = try padded(data, x, window) }
    let convolution = Convolution(
      window: window, batch: x[0], inputs: x[3], outputs: outputChannels, group: group)
    return convolution.sums(data, panels(x).unpack(weights))
  }

  /// The data with padding that counts, and how a window moves over that.
  private func padded(_ data: [Int32], _ x: Shape, _ window: Window) throws -> (Window, [Int32]) {
    let axes = window.axes
    let extents = axes.map { $0.input + $0.padBegin + $0.padEnd }
    var result = [Int32](repeating: Int32(padding), count: x[0] * extents[0] * extents[1] * x[3])
    let length = axes[1].input * x[3]
    for row in 0..<x[0] * axes[0].input {
      let (sample, y) = (row / axes[0].input, row % axes[0].input + axes[0].padBegin)
      let first = ((sample * extents[0] + y) * extents[1] + axes[1].padBegin) * x[3]
      result.replaceSubrange(first..<first + length, with: data[row * length..<(row + 1) * length])
    }
    let moved = try Window(
      input: extents[...], kernel: kernelShape, strides: strides, dilations: dilations, pads: [0, 0, 0, 0])
    return (moved, result)
  }

  /// The results of sums [N, OH, OW, outputs]: the largest of each window of the pool is compared with the threshold of its
  /// channel, and the bit changed where there is a flip.
  func bits(_ sums: [Int32], _ x: Shape, _ operands: Operands<Tensor>, _ type: TensorType) throws -> Tensor {
    var numbers = sums.map(Double.init)
    if let pool = try poolWindow(window(x)) {
      numbers = pool.reduceChannelsLast(numbers, channels: outputChannels, .max)
    }
    return Tensor(type, comparing: numbers, with: operands.required(2).reals, flips: operands[3]?.codes)
  }
}

extension Window {
  /// How the windows of a pool move over results of the given extents, inside of which they lie, without overlapping.
  static func inside(_ extents: [Int], shape: [Int], strides: [Int]) throws(Diagnostic) -> Window {
    let result = try Window(input: extents[...], kernel: shape, strides: strides)
    try require(
      zip(strides, shape).allSatisfy { $0 >= $1 },
      "pool_strides \(strides) should not be less than pool_shape \(shape): windows of a fused pool do not overlap")
    return result
  }
}

extension Tensor {
  /// Creates bits [..., channels]: each is set where a number is not less than the threshold of its channel, and then
  /// changed where there is a flip. A NaN is less than anything.
  init(_ type: TensorType, comparing numbers: [Double], with thresholds: [Double], flips: [UInt8]?) {
    let count = thresholds.count
    self.init(
      type,
      codes: numbers.enumerated().map { index, number in
        (number >= thresholds[index % count] ? 1 : 0) ^ (flips?[index % count] ?? 0)
      })
  }
}

extension Operands where Item == Operand {
  /// Throws unless the operand at `index` is of bits.
  func requireBits(_ index: Int, _ name: String) throws(Diagnostic) {
    guard let operand = self[index] else { return }
    try require(operand.element == .bit, "\(name) has elements of type \(operand.element), but should have bit")
  }

  /// Throws unless there is one threshold and, if there are flips, one flip for each of `count` channels.
  func requireThresholds(_ thresholds: Int, _ flips: Int, count: Int) throws(Diagnostic) {
    try requireBits(flips, "flip")
    for (index, name) in [(thresholds, "threshold"), (flips, "flip")] {
      try requireShape(index, name, is: [count], because: "there are \(count) channels")
    }
  }
}
