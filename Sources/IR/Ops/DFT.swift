/// The discrete Fourier transform of the signals along an axis.
///
/// The last axis has one element for a real number, or two for the real and imaginary parts of a complex one.
public struct DFT: Operation {
  public static let name = "DFT"
  public static let operands: Signature = ["input", "dft_length?", "axis?"]
  /// Whether samples are computed from frequencies, and divided by their number.
  public var inverse = false
  /// Whether there are only the frequencies up to half the length, of which the others are conjugates. The result is real
  /// if `inverse`.
  public var onesided = false
  public init() {}

  /// The transforms of the signals in the operand.
  public func transform(_ operands: Operands<Operand>) throws -> FourierTransform {
    let shape = operands.first.shape
    let parts = try complexParts(operands.first, "input")
    let axis = try shape.existingAxis(try operands.knownInteger(2, "axis") ?? -2)
    try require(axis < shape.rank - 1, "the last axis of 'input' holds the parts of a number and cannot be transformed")
    let kind = FourierTransform.Kind(inverse: inverse, onesided: onesided)
    let extent = shape[axis]
    let length = try operands.knownInteger(1, "dft_length") ?? (inverse && onesided ? 2 * (extent - 1) : extent)
    try FourierTransform.check(length: length)
    let (outer, inner) = (shape.elementCount(of: 0..<axis), shape.elementCount(of: axis + 1..<shape.rank - 1))
    func layout(_ extent: Int, _ parts: Int) -> FourierTransform.Layout {
      .init(outer: extent * inner * parts, inner: parts, sample: inner * parts, parts: parts)
    }
    return FourierTransform(
      (outer, inner), length: length, extent: extent, kind: kind, x: layout(extent, parts),
      y: layout(FourierTransform.count(length, kind), inverse && onesided ? 1 : 2))
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let transform = try transform(operands)
    var shape = operands.first.shape
    shape[try shape.existingAxis(try operands.knownInteger(2, "axis") ?? -2)] = transform.count
    shape[shape.rank - 1] = transform.y.parts
    return [TensorType(operands.first.element, shape)]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    [try transform(operands.asKnown).evaluate(operands.first.reals, window: nil, results[0])]
  }
}

/// The Fourier transforms of parts of a signal: of the frames of `frame_length` samples that start every `frame_step`
/// samples, multiplied by a window.
///
/// The signal has the axes batch, samples and parts of a number, of which there are two if it is complex; that axis may
/// be left out if it is real. The result has the axes batch, frames, frequencies and parts.
public struct STFT: Operation {
  public static let name = "STFT"
  public static let operands: Signature = ["signal", "frame_step", "window?", "frame_length?"]
  /// Whether there are only the frequencies up to half the length, of which the others of a real signal are conjugates.
  public var onesided = true
  public init() {}

  /// The transforms of all frames.
  public func transform(_ operands: Operands<Operand>) throws -> FourierTransform {
    let shape = operands.first.shape
    try require(
      (2...3).contains(shape.rank),
      "operand 'signal' is \(operands.first.type), but should have axes for batch, samples and perhaps parts")
    try requireFloats(operands.first)
    // Exporters leave the axis of the parts out where numbers are real, and onnxruntime takes that.
    let parts = shape.rank == 2 ? 1 : try complexParts(operands.first, "signal")
    let window = operands[2]
    let step = try operands.knownInteger(1, "frame_step")!
    let length = try operands.knownInteger(3, "frame_length") ?? window?.type.elementCount ?? shape[1]
    try FourierTransform.check(length: length)
    try operands.requireSameElement(0, 2, Self.operands)
    try operands.requireShape(2, "operand 'window'", is: [length], because: "frames have \(length) samples")
    try require(step > 0, "operand 'frame_step' is \(step), but should be positive")
    try require(length <= shape[1], "a frame has \(length) samples, but the signal only \(shape[1])")
    let frames = 1 + (shape[1] - length) / step
    let kind = FourierTransform.Kind(inverse: false, onesided: onesided)
    let count = FourierTransform.count(length, kind)
    return FourierTransform(
      (shape[0], frames), length: length, extent: length, kind: kind,
      // A step that is never taken may be of any size.
      x: .init(outer: shape[1] * parts, inner: frames == 1 ? 0 : step * parts, sample: parts, parts: parts),
      y: .init(outer: frames * count * 2, inner: count * 2, sample: 2, parts: 2))
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let transform = try transform(operands)
    return [TensorType(operands.first.element, [transform.outer, transform.inner, transform.count, 2])]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let transform = try transform(operands.asKnown)
    return [transform.evaluate(operands.first.reals, window: operands[2]?.reals, results[0])]
  }
}

/// The number of parts of the numbers in an operand, which its last axis holds.
private func complexParts(_ operand: Operand, _ name: String) throws(Diagnostic) -> Int {
  try requireFloats(operand)
  guard operand.shape.rank >= 2, let parts = operand.shape.last, (1...2).contains(parts) else {
    throw Diagnostic(
      "operand '\(name)' is \(operand.type), but its last axis should have extent 1 for real numbers or 2 for complex")
  }
  return parts
}

private func requireFloats(_ operand: Operand) throws(Diagnostic) {
  try require(operand.element.isFloat, "is not defined for elements of type \(operand.element)")
}
