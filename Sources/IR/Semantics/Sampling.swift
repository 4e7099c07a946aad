import Glibc

/// From which elements along one axis an element between them is computed, and with which weights.
struct AxisTaps {
  /// The place and the weight of each.
  var taps: [(place: Int, weight: Double)]

  /// The element at a place, alone; none where it lies outside and `padding` gives zeros there.
  init(at place: Int, extent: Int, _ padding: GridPadding) {
    taps = padding.place(place, extent: extent).map { [($0, 1)] } ?? []
  }

  /// The two neighbours of the coordinate `x` as `RoiAlign` takes them: within a distance of 1 the element at the border
  /// counts, and farther outside none.
  init<Real: BinaryFloatingPoint>(near x: Real, extent: Int) {
    taps = []
    guard x >= -1 && x <= Real(extent) else { return }
    let inside = min(max(x, 0), Real(extent - 1))
    let first = Int(inside)
    let rest = Double(inside) - Double(first)
    taps = [(first, 1 - rest), (min(first + 1, extent - 1), rest)]
  }

  /// The neighbours of the coordinate `x`, by linear or cubic interpolation. `x` is not far outside the axis.
  init(around x: Double, extent: Int, _ mode: InterpolationMode, _ padding: GridPadding, cubicCoefficient: Double = 0) {
    let first = Int(x.rounded(.down))
    let neighbours = mode == .cubic ? first - 1...first + 2 : first...first + 1
    taps = neighbours.compactMap { neighbour in
      guard let place = padding.place(neighbour, extent: extent) else { return nil }
      return (place, mode.weight(at: Double(neighbour) - x, cubicCoefficient: cubicCoefficient))
    }
  }
}

/// What lies outside a tensor that is sampled at any coordinates: zeros, the border again, or a reflection.
public enum GridPadding: Sendable {
  case zeros, border
  /// The border, where coordinates up to the outer edges of the last elements remain as they are.
  case edges
  /// The elements mirrored at the first and the last one, which are not repeated.
  case reflection
  /// The elements mirrored before the first and behind the last one, which are repeated.
  case mirror

  /// The place in the axis that stands for `place`; nil where there are zeros.
  func place(_ place: Int, extent: Int) -> Int? {
    switch self {
    case .zeros: return (0..<extent).contains(place) ? place : nil
    case .border, .edges: return max(0, min(extent - 1, place))
    case .reflection, .mirror:
      let isRepeated = self == .mirror
      let period = isRepeated ? 2 * extent : max(1, 2 * (extent - 1))
      let phase = (place % period + period) % period
      return phase < extent ? phase : period - phase - (isRepeated ? 1 : 0)
    }
  }

  /// The coordinate in the axis that stands for `x`, or, where there are zeros, near it; so it is small and never NaN.
  func held<Real: BinaryFloatingPoint>(_ x: Real, extent: Int) -> Real {
    switch self {
    case .zeros: return Self.clamped(x, -3, Real(extent + 2))
    case .border: return Self.clamped(x, 0, Real(extent - 1))
    case .edges: return x >= -0.5 && x <= Real(extent) - 0.5 ? x : Self.border.held(x, extent: extent)
    case .reflection, .mirror:
      let low: Real = self == .mirror ? -0.5 : 0
      let length = Real(extent - 1) - 2 * low
      let rest = (x - low).truncatingRemainder(dividingBy: 2 * length).magnitude
      return Self.clamped(low + (rest > length ? 2 * length - rest : rest), low, low + length)
    }
  }

  /// The number held between two others; NaN becomes the lower one.
  private static func clamped<Real: BinaryFloatingPoint>(_ x: Real, _ low: Real, _ high: Real) -> Real {
    x > low ? (x < high ? x : high) : low
  }
}

/// The sum of the elements of a plane that is described by the taps along each of its axes, each times its weights.
///
/// - Parameter element: The element at an offset in the plane.
func interpolate(_ axes: [AxisTaps], strides: [Int], _ element: (Int) -> Double) -> Double {
  func sum(_ axis: Int, _ offset: Int) -> Double {
    guard axis < axes.count else { return element(offset) }
    return axes[axis].taps.reduce(0) { $0 + $1.weight * sum(axis + 1, offset + $1.place * strides[axis]) }
  }
  return sum(0, 0)
}
