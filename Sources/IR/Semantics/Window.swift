/// How the padding of an operation with a moving window is chosen.
public enum AutoPad: String, CaseIterable, Codable, Hashable, Sendable {
  /// As the attribute `pads` says.
  case notSet = "NOTSET"
  /// So that there are ceil(input / stride) windows; an odd element of padding lies behind the data.
  case sameUpper = "SAME_UPPER"
  /// So that there are ceil(input / stride) windows; an odd element of padding lies before the data.
  case sameLower = "SAME_LOWER"
  /// None.
  case valid = "VALID"
}

/// How a window moves along one axis.
public struct WindowAxis: Hashable, Sendable {
  /// The extent that the window moves over, without padding.
  public var input: Int
  /// How many elements the window takes, its taps.
  public var kernel: Int
  /// The distance between neighbouring windows.
  public var stride: Int
  /// The distance between neighbouring taps.
  public var dilation: Int
  /// How many elements are added before the data.
  public var padBegin: Int
  /// How many elements are added behind the data. In ceil mode the last window may reach beyond them.
  public var padEnd: Int
  /// How many windows there are.
  public var output: Int

  /// An axis of extent 1 over which a window of one tap moves.
  public static let single = WindowAxis(
    input: 1, kernel: 1, stride: 1, dilation: 1, padBegin: 0, padEnd: 0, output: 1)

  /// The distance from the first tap to behind the last.
  public var reach: Int { (kernel - 1) * dilation + 1 }

  /// Where the first tap of the window `index` lies in the data: negative in the padding before it.
  public func start(of index: Int) -> Int { index * stride - padBegin }

  /// The taps of the window `index` that lie in the data.
  public func taps(of index: Int) -> Range<Int> {
    let first = start(of: index)
    let lower = first < 0 ? (-first + dilation - 1) / dilation : 0
    return Swift.min(lower, kernel)..<Swift.max(Swift.min(lower, kernel), count(from: first, to: input))
  }

  /// How many taps of the window `index` lie in the data or in the padding.
  public func paddedTapCount(of index: Int) -> Int { count(from: start(of: index), to: input + padEnd) }

  private func count(from first: Int, to end: Int) -> Int {
    first >= end ? 0 : Swift.min(kernel, (end - first + dilation - 1) / dilation)
  }
}

/// How a window moves over all spatial axes: the geometry of convolutions and pools, resolved and verified.
public struct Window: Hashable, Sendable {
  /// The spatial axes, outermost first.
  public let axes: [WindowAxis]

  /// Creates a window from axes that are known to be valid.
  init(axes: [WindowAxis]) { self.axes = axes }

  /// The largest kernel, stride, dilation and padding: enough for any model, and small enough for exact arithmetic.
  public static let maximum = 1 << 24

  /// Resolves the attributes of ONNX for data of the given spatial extents.
  ///
  /// Empty strides and dilations are 1, empty pads are 0. `pads` has the paddings before the data for each axis, and
  /// then those behind. In ceil mode a last window that is not full counts too, if it starts before the padding behind.
  ///
  /// - Throws: A diagnostic if an attribute has a wrong number of elements or one that is not possible, or if the
  ///   window does not fit into the padded data.
  public init(
    input: some Collection<Int>, kernel: [Int], strides: [Int] = [], dilations: [Int] = [], pads: [Int] = [],
    autoPad: AutoPad = .notSet, ceilMode: Bool = false
  ) throws(Diagnostic) {
    let input = Array(input)
    let rank = input.count
    let strides = try Self.checked(strides, "strides", rank: rank)
    let dilations = try Self.checked(dilations, "dilations", rank: rank)
    let kernel = try Self.checked(kernel, "kernel_shape", rank: rank, default: nil)
    let explicit = try Self.checked(pads: pads, rank: rank)
    guard autoPad == .notSet || explicit.allSatisfy({ $0 == 0 }) else {
      throw Diagnostic("has both auto_pad: \(autoPad.rawValue) and pads: \(pads); remove one of them")
    }
    var axes: [WindowAxis] = []
    for axis in 0..<rank {
      var resolved = WindowAxis(
        input: input[axis], kernel: kernel[axis], stride: strides[axis], dilation: dilations[axis],
        padBegin: explicit[axis], padEnd: explicit[axis + rank], output: 0)
      try resolved.resolve(autoPad, ceilMode: ceilMode, axis: axis)
      axes.append(resolved)
    }
    self.axes = axes
  }

  /// The number of windows along each axis.
  public var outputShape: [Int] { axes.map(\.output) }
  /// The extent of the data along each axis.
  public var inputShape: [Int] { axes.map(\.input) }
  /// How many windows there are.
  public var outputCount: Int { Shape(outputShape).elementCount }
  /// How many elements the data have.
  public var inputCount: Int { Shape(inputShape).elementCount }
  /// How many taps a window has.
  public var tapCount: Int { Shape(axes.map(\.kernel)).elementCount }

  /// The elements of an attribute with one number from 1 on for each axis.
  static func checked(_ values: [Int], _ name: String, rank: Int, default: Int? = 1) throws(Diagnostic) -> [Int] {
    if let value = `default`, values.isEmpty { return [Int](repeating: value, count: rank) }
    try require(
      values.count == rank,
      "\(name) has \(values.count) elements, but the data have \(rank) spatial axes; give one for each")
    for value in values where value < 1 || value > maximum {
      throw Diagnostic("\(name) \(values) should have elements in 1...\(maximum)")
    }
    return values
  }

  /// The elements of the attribute `pads`.
  static func checked(pads: [Int], rank: Int) throws(Diagnostic) -> [Int] {
    if pads.isEmpty { return [Int](repeating: 0, count: 2 * rank) }
    try require(
      pads.count == 2 * rank,
      "pads has \(pads.count) elements, but for \(rank) spatial axes it needs \(2 * rank): all begins, then all ends")
    for pad in pads where pad < 0 || pad > maximum {
      throw Diagnostic("pads \(pads) should have elements in 0...\(maximum)")
    }
    return pads
  }
}

extension WindowAxis {
  /// Sets padding and the number of windows.
  fileprivate mutating func resolve(_ autoPad: AutoPad, ceilMode: Bool, axis: Int) throws(Diagnostic) {
    if autoPad == .sameUpper || autoPad == .sameLower {
      output = (input + stride - 1) / stride
      let padding = Swift.max(0, (output - 1) * stride + reach - input)
      padBegin = autoPad == .sameUpper ? padding / 2 : padding - padding / 2
      padEnd = padding - padBegin
      return
    }
    let room = input + padBegin + padEnd - reach
    output = room < 0 ? 0 : room / stride + 1
    if ceilMode, room > -stride, room % stride != 0 {
      let last = room < 0 ? 0 : room / stride + 1
      if start(of: last) < input { output = last + 1 }
    }
    try require(
      output > 0,
      "a kernel of \(kernel) elements" + (dilation > 1 ? " at distances of \(dilation)" : "")
        + " does not fit into spatial axis \(axis) of extent \(input) with padding \(padBegin) and \(padEnd)")
  }
}

extension Window {
  /// Throws unless each window has at least one tap in the data, as pools need.
  public func requireDataInEachWindow() throws(Diagnostic) {
    for (index, axis) in axes.enumerated() where axis.output > 0 {
      // Where the data are not shorter than the distance of the taps, only the ends can go wrong; elsewhere a window
      // can step over the data, but only one that starts before them.
      let suspects = axis.input >= axis.dilation ? 1 : Swift.min(axis.output, axis.padBegin / axis.stride + 1)
      let isFilled = (0..<suspects).allSatisfy { !axis.taps(of: $0).isEmpty } && !axis.taps(of: axis.output - 1).isEmpty
      try require(
        isFilled,
        "a window along spatial axis \(index) has nothing but padding: kernel \(axis.kernel), pads \(axis.padBegin) "
          + "and \(axis.padEnd), extent \(axis.input); make pads smaller than the kernel")
    }
  }

  /// Calls `body` for each window in order, with its index and, for each of its taps, the index of the element of the
  /// data that it takes, or -1 in the padding.
  public func forEachPosition(_ body: (_ position: Int, _ taps: [Int]) -> Void) {
    let strides = Shape(inputShape).strides
    let tables = zip(axes, strides).map { axis, stride in
      (0..<axis.output).map { index in
        let (first, inside) = (axis.start(of: index), axis.taps(of: index))
        return (0..<axis.kernel).map { inside.contains($0) ? (first + $0 * axis.dilation) * stride : -1 }
      }
    }
    var position = 0
    func visit(_ axis: Int, _ outer: [Int]) {
      if axis == axes.count {
        body(position, outer)
        position += 1
        return
      }
      for inner in tables[axis] {
        visit(axis + 1, outer.flatMap { base in inner.map { base < 0 || $0 < 0 ? -1 : base + $0 } })
      }
    }
    visit(0, [0])
  }
}
