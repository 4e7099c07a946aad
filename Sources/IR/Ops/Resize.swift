/// X with some axes resized by interpolation, to `scales` or `sizes`, one of which is given.
///
/// Linear and cubic interpolation are separable: axis after axis is resized, by weights that
/// `interpolation(of:)` gives.
public struct Resize: Operation {
  public static let name = "Resize"
  public static let operands: Signature = ["X", "roi?", "scales?", "sizes?"]

  /// Whether the filters of linear and cubic interpolation are stretched where an axis shrinks.
  public var antialias = false
  /// The axes that roi, scales and sizes are about; all where none.
  public var axes: [Int]?
  public var coordinateTransformationMode = CoordinateTransformation.halfPixel
  /// The parameter of cubic interpolation.
  public var cubicCoeffA: Float = -0.75
  /// Whether elements outside X have no weight; otherwise the elements at the border are repeated.
  public var excludeOutside = false
  /// What elements are whose coordinates in `tf_crop_and_resize` are outside X.
  public var extrapolationValue: Float = 0
  public var keepAspectRatioPolicy = AspectRatioPolicy.stretch
  public var mode = InterpolationMode.nearest
  public var nearestMode = NearestMode.roundPreferFloor

  /// How `sizes` are understood.
  public enum AspectRatioPolicy: String, CaseIterable, Codable, Hashable, Sendable {
    /// As they are.
    case stretch
    /// As bounds: all axes are scaled alike, so that none is larger.
    case notLarger = "not_larger"
    /// As bounds: all axes are scaled alike, so that none is smaller.
    case notSmaller = "not_smaller"
  }

  // The name of cubic_coeff_a does not follow the rule that takes properties to attributes.
  private enum CodingKeys: String, CodingKey {
    case antialias, axes, coordinateTransformationMode
    case cubicCoeffA = "cubic_coeff_a"
    case excludeOutside, extrapolationValue, keepAspectRatioPolicy, mode, nearestMode
  }

  public init() {}

  /// How each axis is resized, for operands that are known.
  public func geometry(_ operands: Operands<Operand>) throws -> [AxisResize] {
    try geometry(operands.first.shape) { index, name in try operands[index]?.requireKnown(name) }
  }

  private func geometry(_ x: Shape, _ operand: (Int, String) throws -> Tensor?) throws -> [AxisResize] {
    let axes = try resizedAxes(of: x)
    var result = x.map { AxisResize(input: $0, output: $0, scale: 1, length: Double($0)) }
    // Exporters give empty tensors for operands that are left out.
    func vector(_ index: Int, _ name: String, count: Int) throws -> Tensor? {
      guard let tensor = try operand(index, name), tensor.type.elementCount > 0 else { return nil }
      try require(
        tensor.shape.rank == 1 && tensor.shape[0] == count,
        "\(name) has shape [\(tensor.shape)], but should have [\(count)] for \(axes.count) axes")
      return tensor
    }
    let (scales, sizes) = (try vector(2, "scales", count: axes.count), try vector(3, "sizes", count: axes.count))
    if let scales, sizes == nil {
      try setScales(scales.reals, axes, &result)
    } else if let sizes, scales == nil {
      try setSizes(sizes.ints, axes, &result)
    } else {
      try require(axes.isEmpty, "takes either scales or sizes, but has \(scales == nil ? "neither" : "both")")
    }
    for axis in result where axis.output > 0 {
      try require(axis.input > 0, "an axis of extent 0 cannot be resized to \(axis.output)")
    }
    if coordinateTransformationMode == .tfCropAndResize {
      guard let roi = try vector(1, "roi", count: 2 * axes.count)?.reals else {
        throw Diagnostic("operand roi is missing, which coordinate_transformation_mode: tf_crop_and_resize needs")
      }
      for (index, axis) in axes.enumerated() { result[axis].region = (roi[index], roi[index + axes.count]) }
    }
    return result
  }

  private func resizedAxes(of x: Shape) throws -> [Int] {
    guard let axes else { return Array(x.indices) }
    let resolved = try axes.map { try x.axis($0) }
    for (index, axis) in resolved.enumerated() {
      try require(!resolved[..<index].contains(axis), "axes \(axes) has axis \(axis) twice")
      try require(axis < x.rank, "X is a scalar, which has no axis \(axis)")
    }
    return resolved
  }

  private func setScales(_ scales: [Double], _ axes: [Int], _ result: inout [AxisResize]) throws {
    for (scale, axis) in zip(scales, axes) {
      // In single precision, as other implementations compute extents: 10 times 0.7 is 7.
      let extent = (Float(result[axis].input) * Float(scale)).rounded(.down)
      guard scale > 0, extent <= Float(TensorType.maximumByteCount) else {
        throw Diagnostic(
          "scale \(scale) of axis \(axis) of extent \(result[axis].input) should be positive and not too large")
      }
      result[axis].output = Int(extent)
      result[axis].scale = scale
      result[axis].length = Double(result[axis].input) * scale
    }
  }

  private func setSizes(_ sizes: [Int], _ axes: [Int], _ result: inout [AxisResize]) throws {
    for size in sizes where size < 0 || size > TensorType.maximumByteCount {
      throw Diagnostic("sizes \(sizes) should have elements from 0 on that are not too large")
    }
    var scales = zip(sizes, axes).map { Double($0) / Double(result[$1].input) }
    let common = keepAspectRatioPolicy == .notLarger ? scales.min() : scales.max()
    if keepAspectRatioPolicy != .stretch, let common { scales = scales.map { _ in common } }
    for (index, axis) in axes.enumerated() where result[axis].input > 0 {
      let isStretched = keepAspectRatioPolicy == .stretch
      let length = isStretched ? Double(sizes[index]) : Double(result[axis].input) * scales[index]
      try require(length <= Double(TensorType.maximumByteCount), "axis \(axis) would be resized to \(length) elements")
      result[axis].output = isStretched ? sizes[index] : Int((length + 0.5).rounded(.down))
      result[axis].scale = scales[index]
      // Corners are aligned by extents as they are; only `scales` leave fractions, as the published cases show.
      result[axis].length = coordinateTransformationMode == .alignCorners ? Double(result[axis].output) : length
    }
    for (index, axis) in axes.enumerated() where result[axis].input == 0 { result[axis].output = sizes[index] }
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let x = operands.first
    let isDefined =
      (mode == .nearest ? ElementClass.everything : .numbers).contains(x.element)
    try require(isDefined, "is not defined for elements of type \(x.element) in mode \(mode.rawValue)")
    return [TensorType(x.element, Shape(try geometry(operands).map(\.output)))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first
    guard results[0].elementCount > 0 else { return [Tensor(results[0], reals: [])] }
    let tables = try geometry(x.shape) { index, _ in operands[index] }.map(interpolation)
    if tables.allSatisfy({ $0.isSelection && !$0.hasOutside }) { return [select(x, tables, results[0])] }
    var (reals, shape) = (x.reals, x.shape)
    for (axis, table) in tables.enumerated() {
      (reals, shape[axis]) = (resize(reals, shape, axis, table), table.samples.count)
    }
    return [Tensor(results[0], reals: reals)]
  }

  /// The result where each of its elements is one of X, whatever their type.
  private func select(_ x: Tensor, _ tables: [Interpolation], _ type: TensorType) -> Tensor {
    let indices = zip(tables, x.shape.strides).reduce([0]) { bases, axis in
      bases.flatMap { base in axis.0.samples.map { base + $0.first * axis.1 } }
    }
    return x.gathering(indices.map { $0 }, shape: type.shape)
  }

  private func resize(_ reals: [Double], _ shape: Shape, _ axis: Int, _ table: Interpolation) -> [Double] {
    let inner = shape.elementCount(of: axis + 1..<shape.rank)
    var result: [Double] = []
    for outer in 0..<shape.elementCount(of: 0..<axis) {
      for sample in table.samples {
        var row = [Double](repeating: sample.weights.isEmpty ? Double(extrapolationValue) : 0, count: inner)
        for (tap, weight) in sample.weights.enumerated() {
          let source = (outer * shape[axis] + sample.first + tap) * inner
          for index in 0..<inner { row[index] += weight * reals[source + index] }
        }
        result += row
      }
    }
    return result
  }
}
