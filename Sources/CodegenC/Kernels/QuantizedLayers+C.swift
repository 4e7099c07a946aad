import IR

extension QuantizedOperation {
  /// The zero point and range of the result, as kernels take them.
  fileprivate var resultArguments: [String] { [yZero, low, high].map(String.init) }

  /// What changes the highest bit of unsigned numbers, so that kernels for signed ones can take them; 0 for signed ones.
  fileprivate func flip(_ x: ElementType) -> Int { x.isUnsigned ? 0x80 : 0 }
}

extension QuantizedLayer {
  /// Adds the struct that says how sums become results.
  ///
  /// - Parameters:
  ///   - channels: The output channel of each weight, in the order of memory.
  ///   - xZero: The zero point of the numbers that the kernel multiplies.
  fileprivate func output(_ site: Site, channels: [Int], xZero: Int, into c: inout CWriter) throws {
    guard let weights = site.constant(1), let bias = site.constant(2) else {
      throw Diagnostic("there is no C for weights or a bias that are no constants")
    }
    // Instead of taking the zero point from each number, the bias takes it from each sum.
    var folded = bias.elements(as: Int32.self)
    for (weight, channel) in zip(weights.elements(as: Int8.self), channels) {
      folded[channel] &-= Int32(xZero) &* Int32(weight)
    }
    c.table("int32_t", "bias", Tensor(folded).cLiterals, width: 4)
    c.structure(
      "nnc_quantized_output", "output",
      [
        ("bias", "bias"), ("multipliers", site.operand(3).name), ("multiplier_step", "\(site.parameterStep(3))"),
        ("zero", "\(yZero)"), ("low", "\(low)"), ("high", "\(high)"),
      ])
  }
}

extension Panels {
  /// The output channel of each weight in the order of `dotOrder`.
  fileprivate static func dotChannels(count: Int = 1, rows: Int, columns: Int) -> [Int] {
    dotOrder(count: count, rows: rows, columns: columns).map { $0 / (rows * columns) * columns + $0 % columns }
  }
}

extension ChannelsLastConvolution {
  /// Whether a window of X may have taps in the padding.
  fileprivate func reachesPadding(_ x: Shape) throws -> Bool {
    try window(x).axes.contains { $0.padBegin > 0 || $0.start(of: $0.output - 1) + $0.reach > $0.input }
  }
}

extension QuantizedConv2D: Emittable {
  /// The products of one result.
  private func depth(_ x: Shape) -> Int { kernelShape[0] * kernelShape[1] * (x[3] / group) }

  /// Whether the kernel can read a window where it lies in X: the numbers of each of its rows are neighbours, as those
  /// of the weights are, which lie in blocks of 16.
  private func readsInPlace(_ x: TensorType) throws -> Bool {
    let (window, channels) = (try window(x.shape), x.shape[3])
    let rowsAreNeighbours = kernelShape[1] == 1 || window.axes[1].dilation == 1
    return !x.element.isUnsigned && group == 1 && rowsAreNeighbours
      && (kernelShape[0] == 1 || kernelShape[1] * channels % 16 == 0)
  }

  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) throws -> Int {
    let x = operands.first.type
    return try readsInPlace(x) && !reachesPadding(x.shape) ? 0 : depth(x.shape)
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let x = site.type(0)
    let flip = flip(x.element)
    let channels = Panels.dotChannels(count: group, rows: depth(x.shape), columns: outputChannels / group)
    try output(site, channels: channels, xZero: xZero - flip, into: &c)
    let patch = site.scratch.map { "(uint8_t *)\($0)" } ?? "NULL"
    let arguments = [
      "&output", site.bytes(0), site.operand(1).name, site.resultBytes(), patch, "\((xZero ^ flip) & 0xff)",
      "\(flip)", try readsInPlace(x) ? "1" : "0",
    ]
    let fields = try fields(site, group: group, panel: min(4, outputChannels / group))
    c.call("nnc_quantized_conv2d", arguments, shape: "nnc_conv2d_shape", fields)
  }
}

extension QuantizedDepthwiseConv2D: Emittable {
  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) throws -> Int {
    let x = operands.first.shape
    return try reachesPadding(x) ? kernelShape[0] * kernelShape[1] * x[3] : 0
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let channels = site.type(0).shape[3]
    try output(
      site, channels: (0..<site.type(1).elementCount).map { $0 % channels }, xZero: xZero, into: &c)
    let patch = site.scratch.map { "(uint8_t *)\($0)" } ?? "NULL"
    let arguments = [
      "&output", site.bytes(0), site.operand(1).name, site.resultBytes(), patch, "\(xZero & 0xff)", site.isSigned(0),
    ]
    let fields = try fields(site, group: channels, panel: min(4, channels))
    c.call("nnc_quantized_depthwise_conv2d", arguments, shape: "nnc_conv2d_shape", fields)
  }
}

extension QuantizedDense: Emittable {
  public func scratchByteCount(_ node: Node, _ operands: Operands<Operand>) -> Int {
    operands.first.element.isUnsigned ? operands.first.shape.last! : 0
  }

  public func emit(_ site: Site, into c: inout CWriter) throws {
    let shape = site.type(0).shape
    let (depth, flip) = (shape.last!, flip(site.type(0).element))
    let channels = Panels.dotChannels(rows: depth, columns: outputFeatures)
    try output(site, channels: channels, xZero: xZero - flip, into: &c)
    let row = site.scratch.map { "(uint8_t *)\($0)" } ?? "NULL"
    let sizes = [shape.elementCount(of: 0..<shape.rank - 1), depth, outputFeatures, flip].map(String.init)
    c.call(
      "nnc_quantized_dense",
      ["&output", site.bytes(0), site.operand(1).name, site.resultBytes(), row] + sizes)
  }
}

extension QuantizedAveragePool2D: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let arguments =
      [site.bytes(0), site.resultBytes(), site.isSigned(0), "\(xZero)", cLiteral(Double(scale), .f32)]
      + resultArguments
    c.call("nnc_quantized_average_pool2d", arguments, shape: "nnc_pool2d_shape", try pool.fields(site))
  }
}

extension QuantizedAdd: ElementExpressing {
  func expression(_ x: [ElementExpression], _ result: ElementType, _ c: inout CWriter) -> String {
    let numbers = [xZero, bZero, aMultiplier, bMultiplier, shift].map(String.init)
    let arguments = (x.map(\.text) + numbers + resultArguments).joined(separator: ", ")
    return "(\(result.cType))\(c.kernel("nnc_quantized_add"))(\(arguments))"
  }
}
