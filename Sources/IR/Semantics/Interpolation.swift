import Glibc

/// From which elements along one axis each element of a resized axis is computed.
public struct Interpolation: Hashable, Sendable {
  /// How one element of the result is computed: as the sum of elements times weights.
  public struct Sample: Hashable, Sendable {
    /// The index of the first element that is used; the others follow it.
    public var first: Int
    /// The weight of each element; empty where the element of the result is the extrapolation value.
    public var weights: [Double]
  }

  /// One sample for each element of the result.
  public var samples: [Sample]

  /// Whether each element of the result is one element of the operand, or the extrapolation value.
  public var isSelection: Bool { samples.allSatisfy { $0.weights.isEmpty || $0.weights == [1] } }
  /// Whether some element of the result is the extrapolation value.
  public var hasOutside: Bool { samples.contains { $0.weights.isEmpty } }
}

/// How coordinates of a resized axis are taken to coordinates of the operand; named as in ONNX.
public enum CoordinateTransformation: String, CaseIterable, Codable, Hashable, Sendable {
  case halfPixel = "half_pixel"
  case halfPixelSymmetric = "half_pixel_symmetric"
  case pytorchHalfPixel = "pytorch_half_pixel"
  case alignCorners = "align_corners"
  case asymmetric
  case tfCropAndResize = "tf_crop_and_resize"
  /// Of older versions of ONNX: `half_pixel` without the last subtraction.
  case tfHalfPixelForNN = "tf_half_pixel_for_nn"
}

/// How elements between those of the operand are computed; named as in ONNX.
public enum InterpolationMode: String, CaseIterable, Codable, Hashable, Sendable {
  case nearest, linear, cubic

  /// The weight of an element at a distance from the coordinate, by linear interpolation or cubic convolution.
  func weight(at distance: Double, cubicCoefficient a: Double) -> Double {
    let x = abs(distance)
    if self == .linear { return max(0, 1 - x) }
    if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0
  }
}

/// Which element is nearest; named as in ONNX.
public enum NearestMode: String, CaseIterable, Codable, Hashable, Sendable {
  case roundPreferFloor = "round_prefer_floor"
  case roundPreferCeil = "round_prefer_ceil"
  case floor, ceil
}

/// How one axis is resized.
public struct AxisResize: Hashable, Sendable {
  /// The extents before and after.
  public var input: Int, output: Int
  /// The factor between them, which the extents round.
  public var scale: Double
  /// The product of `input` and `scale`, which need not be an integer.
  public var length: Double
  /// The region of interest, in units of the extent.
  public var region: (start: Double, end: Double) = (0, 1)

  public static func == (a: AxisResize, b: AxisResize) -> Bool {
    (a.input, a.output, a.scale, a.length) == (b.input, b.output, b.scale, b.length) && a.region == b.region
  }
  public func hash(into hasher: inout Hasher) {
    hasher.combine([input, output])
    hasher.combine([scale, length, region.start, region.end])
  }

  /// Whether the axis remains as it is, whatever the mode.
  public var isIdentity: Bool { input == output && scale == 1 && region == (0, 1) }

  /// The coordinate in the operand of the element `index` of the result.
  ///
  /// - Parameter Real: The precision. onnxruntime computes in single precision, on which it depends which element is
  ///   nearest; a weight is better computed in double precision.
  func coordinate<Real: BinaryFloatingPoint>(
    _ index: Int, _ transformation: CoordinateTransformation, as _: Real.Type
  ) -> Double {
    let (x, scale, length, extent) = (Real(index), Real(scale), Real(length), Real(input))
    let (start, end) = (Real(region.start), Real(region.end))
    let coordinate: Real =
      switch transformation {
      case .halfPixel: (x + 0.5) / scale - 0.5
      case .halfPixelSymmetric: extent / 2 * (1 - Real(output) / length) + (x + 0.5) / scale - 0.5
      case .pytorchHalfPixel: output > 1 ? (x + 0.5) / scale - 0.5 : 0
      case .alignCorners: length == 1 ? 0 : x * (extent - 1) / (length - 1)
      case .asymmetric: x / scale
      case .tfCropAndResize:
        output > 1
          ? start * (extent - 1) + x * (end - start) * (extent - 1) / Real(output - 1)
          : (start + end) * (extent - 1) / 2
      case .tfHalfPixelForNN: (x + 0.5) / scale
      }
    return Double(coordinate)
  }
}

extension Resize {
  /// Returns how each element of a resized axis is computed. Axes are independent of each other.
  public func interpolation(of axis: AxisResize) -> Interpolation {
    if axis.isIdentity {
      return Interpolation(samples: (0..<axis.output).map { Interpolation.Sample(first: $0, weights: [1]) })
    }
    return Interpolation(
      samples: (0..<axis.output).map { index in
        let x =
          mode == .nearest
          ? axis.coordinate(index, coordinateTransformationMode, as: Float.self)
          : axis.coordinate(index, coordinateTransformationMode, as: Double.self)
        // Written so that it holds for NaN too, which an infinite region gives.
        let isInside = x >= 0 && x <= Double(axis.input - 1)
        if coordinateTransformationMode == .tfCropAndResize && !isInside {
          return Interpolation.Sample(first: 0, weights: [])
        }
        return sample(at: max(-0x1p50, min(0x1p50, x)), axis)
      })
  }

  private func sample(at x: Double, _ axis: AxisResize) -> Interpolation.Sample {
    if mode == .nearest {
      let nearest: Double =
        switch nearestMode {
        case .roundPreferFloor: (x - 0.5).rounded(.up)
        case .roundPreferCeil: (x + 0.5).rounded(.down)
        case .floor: x.rounded(.down)
        case .ceil: x.rounded(.up)
        }
      return Interpolation.Sample(first: max(0, min(axis.input - 1, Int(nearest))), weights: [1])
    }
    // Antialiasing stretches the filter where the axis shrinks.
    let stretch = antialias ? min(axis.scale, 1) : 1
    let radius = mode == .linear ? 1.0 : 2.0
    // The last element before the coordinate; so the elements of the filter are the same whichever way it is rounded.
    let base = Int(x.rounded(.up)) - 1
    let before = min(Int(min(-(-radius / stretch).rounded(.down), 0x1p42)) - 1, axis.input + 4 + abs(base))
    var (first, weights) = (0, [Double]())
    for index in base - before...base + before + 1 {
      let isOutside = index < 0 || index >= axis.input
      let weight =
        excludeOutside && isOutside
        ? 0
        : mode.weight(
          at: (Double(index) - x) * stretch, cubicCoefficient: Double(cubicCoeffA))
      let element = max(0, min(axis.input - 1, index))
      if weights.isEmpty { first = element }
      if element - first < weights.count { weights[element - first] += weight } else { weights.append(weight) }
    }
    if antialias || excludeOutside {
      let sum = weights.reduce(0, +)
      weights = weights.map { $0 / sum }
    }
    while weights.count > 1, weights.last == 0 { weights.removeLast() }
    while weights.count > 1, weights.first == 0 {
      weights.removeFirst()
      first += 1
    }
    return Interpolation.Sample(first: first, weights: weights)
  }
}
