/// Rows of numbers with mean 0 and variance 1, and what they were before.
struct Standardization {
  /// The rows, one after the other.
  var values: [Double]
  /// The mean of each row.
  var means: [Double] = []
  /// One over the square root of the variance of each row plus epsilon.
  var inverseDeviations: [Double] = []

  /// Standardizes the `count` rows of `values`.
  init(_ values: [Double], rows count: Int, epsilon: Float) {
    self.values = values
    let length = count == 0 ? 0 : values.count / count
    for row in 0..<count {
      let indices = row * length..<(row + 1) * length
      let mean = values[indices].reduce(0, +) / Double(length)
      let variance = values[indices].reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(length)
      let factor = 1 / (variance + Double(epsilon)).squareRoot()
      for index in indices { self.values[index] = (values[index] - mean) * factor }
      means.append(mean)
      inverseDeviations.append(factor)
    }
  }
}

extension [Double] {
  /// Multiplies and adds to each channel its element of `scale` and `bias`, for data [N, channels, inner].
  func scaled(_ scale: [Double], _ bias: [Double], inner: Int) -> [Double] {
    indices.map { index in
      let channel = index / inner % scale.count
      return self[index] * scale[channel] + bias[channel]
    }
  }

  /// Replaces each line of elements along an axis by what `transform` makes of it.
  func mapLines(_ shape: Shape, axis: Int, _ transform: ([Double]) -> [Double]) -> [Double] {
    let axes = shape.rank == 0 ? 0..<0 : axis..<axis + 1
    let (extent, inner) = (shape.elementCount(of: axes), shape.elementCount(of: axes.upperBound..<shape.rank))
    var result = self
    guard !isEmpty else { return result }
    for outer in stride(from: 0, to: count, by: extent * inner) {
      for first in outer..<outer + inner {
        let line = transform((0..<extent).map { self[first + $0 * inner] })
        for (position, value) in line.enumerated() { result[first + position * inner] = value }
      }
    }
    return result
  }
}

/// The element type that the attribute `stash_type` names by its number in ONNX.
func stashType(_ number: Int) throws(Diagnostic) -> ElementType {
  switch number {
  case 1: .f32
  case 10: .f16
  case 11: .f64
  case 16: .bf16
  default: throw Diagnostic("stash_type is \(number), but should be 1 (f32), 10 (f16), 11 (f64) or 16 (bf16)")
  }
}
