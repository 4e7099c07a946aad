import Glibc

/// A matrix that makes the frequencies of a Fourier transform, up to half its length, bands of the mel scale.
///
/// Each column is a triangle around its band, with a peak of 1. The mel of a frequency is `2595 * log10(1 + f / 700)`.
public struct MelWeightMatrix: KnownOperation {
  public static let name = "MelWeightMatrix"
  public static let operands: Signature = [
    "num_mel_bins", "dft_length", "sample_rate", "lower_edge_hertz", "upper_edge_hertz",
  ]
  /// The type of the result's elements.
  public var outputDatatype = ElementType.f32
  public init() {}

  /// The corners of the triangles, each of which begins at one corner, has its peak at the next and ends at the third.
  private struct Bands {
    var count: Int
    var length: Int
    var rate: Double
    var lower: Double
    var upper: Double

    /// The row of the matrix where a corner is.
    func corner(_ index: Int) -> Double {
      func mel(_ hertz: Double) -> Double { 2595 * log10(1 + hertz / 700) }
      let step = (mel(upper) - mel(lower)) / Double(count + 2)
      let hertz = 700 * (pow(10, (mel(lower) + Double(index) * step) / 2595) - 1)
      return max(0, (Double(length + 1) * hertz / rate).rounded(.down))
    }
  }

  private func bands(_ operands: Operands<Operand>) throws -> Bands {
    let integers = try (0..<3).map { index in
      let name = Self.operands.name(at: index)
      let integer = try operands.knownInteger(index, name)!
      try require((1...1 << 30).contains(integer), "operand '\(name)' is \(integer), but should be in 1...\(1 << 30)")
      return integer
    }
    let edges = try (3..<5).map { index in
      let (name, operand) = (Self.operands.name(at: index), operands.required(index))
      try require(
        operand.element.isFloat && operand.type.elementCount == 1,
        "operand '\(name)' is \(operand.type), but should be one float")
      return try operand.requireKnown(name).reals[0]
    }
    try require(
      edges[0] >= 0 && edges[0] <= edges[1] && edges[1].isFinite,
      "the edges \(edges[0]) and \(edges[1]) of the spectrum should be frequencies, the lower one first")
    return Bands(
      count: integers[0], length: integers[1], rate: Double(integers[2]), lower: edges[0], upper: edges[1])
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try require(
      ElementClass.numbers.contains(outputDatatype) && !outputDatatype.isPacked,
      "attribute 'output_datatype' is \(outputDatatype), of which there are no matrices")
    let bands = try bands(operands)
    let rows = bands.length / 2 + 1
    try require(
      bands.corner(bands.count) < Double(rows) && bands.corner(bands.count + 1) <= Double(rows),
      "the bands go beyond the highest frequency; 'upper_edge_hertz' is \(bands.upper), but should be at most half of "
        + "'sample_rate', which is \(Int(bands.rate))")
    return [TensorType(outputDatatype, [rows, bands.count])]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let bands = try bands(operands.asKnown)
    var matrix = [Double](repeating: 0, count: results[0].elementCount)
    for band in 0..<bands.count {
      let (start, peak, end) = (
        Int(bands.corner(band)), Int(bands.corner(band + 1)), Int(bands.corner(band + 2))
      )
      for row in start..<max(start, peak) {
        matrix[row * bands.count + band] = Double(row - start) / Double(peak - start)
      }
      matrix[peak * bands.count + band] = 1
      for row in peak..<max(peak, end) { matrix[row * bands.count + band] = Double(end - row) / Double(end - peak) }
    }
    return [Tensor(results[0], reals: matrix)]
  }
}
