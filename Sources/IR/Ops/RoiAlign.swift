/// Regions [R, 4] of images X [N, C, H, W], each divided into equal bins [R, C, output_height, output_width] in which X
/// is sampled by linear interpolation. `batch_indices` [R] says which image each region is of.
///
/// A region is the coordinates x and y of a corner and of the opposite one. The mean of the samples of a bin, or the
/// greatest product of an element and its weight in one of them, is the result. Coordinates are computed in single
/// precision unless the operands have double, because how many samples there are, and which of them lie outside X,
/// depends on their last bits.
public struct RoiAlign: Operation {
  public static let name = "RoiAlign"
  public static let operands: Signature = ["X", "rois", "batch_indices"]

  /// How coordinates are understood.
  public enum CoordinateTransformationMode: String, CaseIterable, Codable, Sendable {
    /// Coordinates of the edges of elements, which are half an element before their centers.
    case halfPixel = "half_pixel"
    /// Coordinates of the centers of elements; regions have at least the extent of one.
    case outputHalfPixel = "output_half_pixel"
  }

  /// What samples are reduced to.
  public enum Mode: String, CaseIterable, Codable, Sendable {
    /// The mean.
    case avg
    /// The greatest product.
    case max
  }

  public var coordinateTransformationMode = CoordinateTransformationMode.halfPixel
  public var mode = Mode.avg
  public var outputHeight = 1
  public var outputWidth = 1
  /// How many samples there are along each axis of a bin; 0 for as many as elements in it, rounded up.
  public var samplingRatio = 0
  /// The factor from coordinates of regions to those of X.
  public var spatialScale: Float = 1
  public init() {}

  /// The largest number of samples along an axis of a bin.
  public static let maximumSampleCount = 1 << 14

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try operands.requireSameElement(0, 1, Self.operands)
    _ = try operands.requireElement(2, "batch_indices", oneOf: [.i64])
    let (x, rois, indices) = (operands.first.type, operands.required(1).type, operands.required(2).type)
    try require(x.element.isFloat, "is not defined for elements of type \(x.element)")
    try require(
      x.shape.rank == 4 && ![x.shape[0], x.shape[2], x.shape[3]].contains(0),
      "X should be images [N, C, H, W] that have elements, but is \(x)")
    try require(
      indices.shape.rank == 1 && rois.shape == [indices.shape[0], 4],
      "rois is \(rois) and batch_indices is \(indices), but should have shapes [R, 4] and [R]")
    try require(
      (0...Self.maximumSampleCount).contains(samplingRatio),
      "sampling_ratio is \(samplingRatio), but should be in 0...\(Self.maximumSampleCount)")
    try require(
      outputHeight >= 1 && outputWidth >= 1,
      "output_height \(outputHeight) and output_width \(outputWidth) should be at least 1")
    return [TensorType(x.element, [rois.shape[0], x.shape[1], outputHeight, outputWidth])]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, rois) = (operands.first, operands.required(1).reals)
    let (shape, data, bins) = (x.shape, x.reals, outputHeight * outputWidth)
    var result = [Double](repeating: 0, count: results[0].elementCount)
    for (roi, index) in operands.required(2).ints.enumerated() {
      let image = try shape.position(index, along: 0)
      let region = rois[roi * 4..<(roi + 1) * 4].map { $0 }
      for bin in 0..<bins {
        let rows = taps(region[1], region[3], bin / outputWidth, of: outputHeight, shape[2], x.element)
        let columns = taps(region[0], region[2], bin % outputWidth, of: outputWidth, shape[3], x.element)
        for channel in 0..<shape[1] {
          let plane = (image * shape[1] + channel) * shape[2] * shape[3]
          result[(roi * shape[1] + channel) * bins + bin] =
            reduce(rows, columns) { data[plane + $0 * shape[3] + $1] }
        }
      }
    }
    return [Tensor(results[0], reals: result)]
  }

  private func reduce(_ rows: [AxisTaps], _ columns: [AxisTaps], _ element: (Int, Int) -> Double) -> Double {
    var (sum, greatest) = (0.0, -Double.infinity)
    for row in rows {
      for column in columns {
        if row.taps.isEmpty || column.taps.isEmpty { greatest = max(greatest, 0) }
        for (y, weight) in row.taps {
          for (x, other) in column.taps {
            let product = weight * other * element(y, x)
            sum += product
            greatest = max(greatest, product)
          }
        }
      }
    }
    let count = rows.count * columns.count
    return count == 0 ? 0 : mode == .max ? greatest : sum / Double(count)
  }

  /// The elements of each sample in one of the bins along an axis.
  private func taps(
    _ start: Double, _ end: Double, _ bin: Int, of bins: Int, _ extent: Int, _ element: ElementType
  ) -> [AxisTaps] {
    element == .f64
      ? samples(start, end, bin, of: bins).map { AxisTaps(near: $0, extent: extent) }
      : samples(Float(start), Float(end), bin, of: bins).map { AxisTaps(near: $0, extent: extent) }
  }

  /// The coordinates of the samples in one of the bins along an axis.
  private func samples<Real: BinaryFloatingPoint>(_ start: Real, _ end: Real, _ bin: Int, of bins: Int) -> [Real] {
    let isHalf = coordinateTransformationMode == .halfPixel
    let first = start * Real(spatialScale) - (isHalf ? 0.5 : 0)
    let length = end * Real(spatialScale) - (isHalf ? 0.5 : 0) - first
    // Written so that it holds for NaN too.
    let extent = (isHalf || length > 1 ? length : 1) / Real(bins)
    let limit = Real(Self.maximumSampleCount)
    let adaptive = (extent > 0 ? (extent < limit ? extent : limit) : 0).rounded(.up)
    let count = samplingRatio > 0 ? samplingRatio : Int(adaptive)
    return (0..<count).map { first + Real(bin) * extent + (Real($0) + 0.5) * extent / Real(count) }
  }
}
