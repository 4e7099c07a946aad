import Glibc

/// A function with which a part of a signal is multiplied before a Fourier transform.
public protocol WindowFunction: KnownOperation {
  /// The type of the result's elements.
  var outputDatatype: ElementType { get }
  /// Whether the window is one period of the function, so that its last element is not its first one again.
  var periodic: Bool { get }
  /// The function of an angle, of which one period goes from 0 to 2 pi.
  func value(_ angle: Double) -> Double
}

extension WindowFunction {
  public static var operands: Signature { ["size"] }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let size = try operands.knownInteger(0, "size")!
    try require(size >= 0, "operand 'size' is \(size), but should not be negative")
    try require(
      ElementClass.numbers.contains(outputDatatype) && !outputDatatype.isPacked,
      "attribute 'output_datatype' is \(outputDatatype), of which there are no windows")
    return [TensorType(outputDatatype, [size])]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let count = results[0].elementCount
    // A symmetric window of one element has no period; it is the middle of any other.
    if count == 1 && !periodic { return [Tensor(results[0], reals: [value(Double.pi)])] }
    let period = Double(periodic ? count : count - 1)
    return [Tensor(results[0], reals: (0..<count).map { value(2 * Double.pi * Double($0) / period) })]
  }
}

/// A Hann window of `size` elements: the square of the sine of half the angle.
public struct HannWindow: WindowFunction {
  public static let name = "HannWindow"
  public var outputDatatype = ElementType.f32
  public var periodic = true
  public init() {}
  public func value(_ angle: Double) -> Double { sin(angle / 2) * sin(angle / 2) }
}

/// A Hamming window of `size` elements: 25/46 minus 21/46 times the cosine of the angle.
public struct HammingWindow: WindowFunction {
  public static let name = "HammingWindow"
  public var outputDatatype = ElementType.f32
  public var periodic = true
  public init() {}
  public func value(_ angle: Double) -> Double { 25.0 / 46 - 21.0 / 46 * cos(angle) }
}

/// A Blackman window of `size` elements: `0.42 - 0.5 * cos(angle) + 0.08 * cos(2 * angle)`.
public struct BlackmanWindow: WindowFunction {
  public static let name = "BlackmanWindow"
  public var outputDatatype = ElementType.f32
  public var periodic = true
  public init() {}
  public func value(_ angle: Double) -> Double { 0.42 - 0.5 * cos(angle) + 0.08 * cos(2 * angle) }
}
