/// X [N, C, D1, …] sampled at places between its elements, which a grid [N, P1, …, r] gives, by interpolation.
///
/// Each of the r coordinates, that of the last axis first, is -1 at the beginning of an axis and 1 at its end. Which
/// element is nearest is computed in the precision of the grid.
public struct GridSample: Operation {
  public static let name = "GridSample"
  public static let operands: Signature = ["X", "grid"]

  /// What lies outside X.
  public enum PaddingMode: String, CaseIterable, Codable, Sendable {
    /// Zeros.
    case zeros
    /// The elements at the border.
    case border
    /// X reflected at its border.
    case reflection
  }

  /// Whether -1 and 1 are the centers of the first and the last element; otherwise they are the outer edges.
  public var alignCorners = false
  public var mode = InterpolationMode.linear
  public var paddingMode = PaddingMode.zeros
  public init() {}

  /// What lies outside X. The axes end at the centers or at the edges of their last elements; where there is the border,
  /// only cubic interpolation makes a difference between the two.
  public var padding: GridPadding {
    switch paddingMode {
    case .zeros: .zeros
    case .border: alignCorners || mode != .cubic ? .border : .edges
    case .reflection: alignCorners ? .reflection : .mirror
    }
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let (x, grid) = (operands.first.type, operands.required(1).type)
    try require(
      !x.element.isPacked && (mode == .nearest || x.element.isFloat),
      "is not defined for elements of type \(x.element) in mode \(mode.rawValue)")
    try require(grid.element.isFloat, "operand 'grid' has elements of type \(grid.element), but should have floats")
    try require(x.shape.rank >= 3, "X should have a batch axis, channels and spatial axes, but is \(x)")
    let axes = x.shape.rank - 2
    try require(
      grid.shape.rank == x.shape.rank && grid.shape[0] == x.shape[0] && grid.shape.last == axes,
      "operand 'grid' is \(grid), but for X of shape [\(x.shape)] should have \(x.shape.rank) axes, of which the first has "
        + "extent \(x.shape[0]) and the last \(axes)")
    try require(!x.shape[2...].contains(0), "X has shape [\(x.shape)], so that there is nothing to sample")
    return [TensorType(x.element, Shape(x.shape.extents[..<2] + grid.shape.extents[1...axes]))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, grid) = (operands.first, operands.required(1))
    let (extents, shape) = (Array(x.shape[2...]), results[0].shape)
    let (volume, strides) = (Shape(extents).elementCount, Shape(extents).strides)
    let (channels, points, coordinates) = (shape[1], shape.elementCount(of: 2..<shape.rank), grid.reals)
    // For each point of each sample, the elements of each axis.
    let samples = (0..<shape[0] * points).map { point in
      extents.indices.map { axis in
        taps(coordinates[(point + 1) * extents.count - 1 - axis], extent: extents[axis], precision: grid.element)
      }
    }
    let planes = (0..<shape[0] * channels).lazy.map { plane in (plane * volume, plane / channels * points) }
    if mode == .nearest {
      let sources = planes.flatMap { start, first in
        (0..<points).map { point -> Int? in
          let taps = samples[first + point]
          if taps.contains(where: { $0.taps.isEmpty }) { return nil }
          return zip(taps, strides).reduce(start) { $0 + $1.0.taps[0].place * $1.1 }
        }
      }
      return [x.gathering(sources, shape: shape)]
    }
    let data = x.reals
    let reals = planes.flatMap { start, first in
      (0..<points).map { point in interpolate(samples[first + point], strides: strides) { data[start + $0] } }
    }
    return [Tensor(results[0], reals: reals)]
  }

  /// The elements along an axis at the coordinate `x` of the grid.
  private func taps(_ x: Double, extent: Int, precision: ElementType) -> AxisTaps {
    if mode != .nearest {
      let place = padding.held(coordinate(x, extent: extent), extent: extent)
      return AxisTaps(around: place, extent: extent, mode, padding, cubicCoefficient: -0.75)
    }
    let nearest =
      precision == .f64
      ? padding.held(coordinate(x, extent: extent).rounded(.toNearestOrEven), extent: extent)
      : Double(padding.held(coordinate(Float(x), extent: extent).rounded(.toNearestOrEven), extent: extent))
    return AxisTaps(at: Int(nearest), extent: extent, padding)
  }

  /// The coordinate in elements along an axis, of the coordinate in a grid.
  private func coordinate<Real: BinaryFloatingPoint>(_ x: Real, extent: Int) -> Real {
    alignCorners ? (x + 1) / 2 * Real(extent - 1) : ((x + 1) * Real(extent) - 1) / 2
  }
}
