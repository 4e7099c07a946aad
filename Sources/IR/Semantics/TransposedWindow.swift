/// How the extents of the result of a transposed convolution are given.
public struct TransposedWindowAttributes: Hashable, Sendable {
  /// The extents of the kernel.
  public var kernel: [Int]
  /// As in ONNX; empty where left out.
  public var strides: [Int] = [], dilations: [Int] = [], pads: [Int] = []
  /// How many elements are added behind the result; empty where left out.
  public var outputPadding: [Int] = []
  /// The extents of the result, from which padding follows; empty where left out.
  public var outputShape: [Int] = []
  /// How padding is chosen.
  public var autoPad = AutoPad.notSet
}

extension Window {
  /// The window with which a transposed convolution of data with the spatial extents `input` is the transpose.
  ///
  /// It moves over the *result*: `inputShape` is the shape of the result of the transposed convolution, and
  /// `outputShape` is `input`.
  ///
  /// - Throws: A diagnostic as for other windows, and where the result would be empty.
  public init(transposing input: some Collection<Int>, _ given: TransposedWindowAttributes) throws(Diagnostic) {
    let input = Array(input)
    let rank = input.count
    let kernel = try Self.checked(given.kernel, "kernel_shape", rank: rank, default: nil)
    let strides = try Self.checked(given.strides, "strides", rank: rank)
    let dilations = try Self.checked(given.dilations, "dilations", rank: rank)
    let pads = try Self.checked(pads: given.pads, rank: rank)
    let extra = try Self.outputPadding(given.outputPadding, strides, dilations)
    let shape = given.outputShape.isEmpty ? nil : try Self.checked(given.outputShape, "output_shape", rank: rank)
    guard pads.allSatisfy({ $0 == 0 }) || (given.autoPad == .notSet && shape == nil) else {
      throw Diagnostic(
        "has pads: \(pads) beside auto_pad or output_shape, from which padding follows; remove one of them")
    }
    var axes: [WindowAxis] = []
    for axis in 0..<rank {
      var resolved = WindowAxis(
        input: 0, kernel: kernel[axis], stride: strides[axis], dilation: dilations[axis], padBegin: pads[axis],
        padEnd: pads[axis + rank], output: input[axis])
      try require(input[axis] > 0, "spatial axis \(axis) of the data is empty")
      let isSame = given.autoPad == .sameUpper || given.autoPad == .sameLower
      let full = resolved.stride * (input[axis] - 1) + extra[axis] + resolved.reach
      if let extent = shape?[axis] ?? (isSame ? input[axis] * resolved.stride : nil) {
        let padding = max(0, full - extent)
        resolved.input = extent
        resolved.padBegin = given.autoPad == .sameUpper ? padding / 2 : padding - padding / 2
        resolved.padEnd = padding - resolved.padBegin
      } else {
        resolved.input = full - resolved.padBegin - resolved.padEnd
      }
      try require(
        resolved.input > 0,
        "the result has extent \(resolved.input) along spatial axis \(axis): pads \(resolved.padBegin) and "
          + "\(resolved.padEnd) take away all of \(full) elements")
      axes.append(resolved)
    }
    self.init(axes: axes)
  }

  private static func outputPadding(
    _ padding: [Int], _ strides: [Int], _ dilations: [Int]
  ) throws(Diagnostic) -> [Int] {
    if padding.isEmpty { return strides.map { _ in 0 } }
    try require(
      padding.count == strides.count,
      "output_padding has \(padding.count) elements, but the data have \(strides.count) spatial axes")
    for (axis, value) in padding.enumerated() where value < 0 || value >= max(strides[axis], dilations[axis]) {
      throw Diagnostic(
        "output_padding \(value) along spatial axis \(axis) should be less than the stride \(strides[axis]) or the "
          + "dilation \(dilations[axis])")
    }
    return padding
  }
}
