import IR

/// Channels of weights as integers of 4 or 8 bits times scales: one for each channel, or one for each so many weights of it.
struct ScaledIntegers {
  /// The type of the integers: i4 or i8.
  let element: ElementType
  /// How many weights of a channel have a scale in common.
  let partLength: Int
  /// The scales, part by part of each channel: [channels, parts].
  let scales: [Float]
  /// How many channels there are, and how many parts each has.
  let channels: Int, parts: Int

  /// How many weights may have a scale in common, where that is not a channel.
  static let partLengths = [128, 64, 32, 16]

  /// Finds the form with the fewest bytes; nil where there is none with fewer than floats take.
  ///
  /// - Parameter weights: The weights, [channels, length].
  init?(_ weights: [Float], length: Int) {
    guard length > 0, !weights.isEmpty else { return nil }
    let (count, lengths) = (weights.count, [length] + Self.partLengths.filter { $0 < length && length % $0 == 0 })
    var best: (element: ElementType, partLength: Int, scales: [Float], bytes: Int)?
    for (element, limit) in [(ElementType.i4, 7), (.i8, 127)] {
      for partLength in lengths {
        let bytes = count * element.bitWidth / 8 + 4 * count / partLength
        guard bytes < best?.bytes ?? 4 * count else { continue }
        guard let scales = Self.scales(of: weights, each: partLength, limit: limit) else { continue }
        best = (element, partLength, scales, bytes)
      }
    }
    guard let best else { return nil }
    (element, partLength, scales) = (best.element, best.partLength, best.scales)
    (channels, parts) = (count / length, length / best.partLength)
  }

  /// Whether some weights, which are fewer than may have a scale in common, are integers times one.
  static func canStore(_ weights: [Float]) -> Bool { scale(of: weights[...], limit: 127) != nil }

  /// The bytes of integers and scales.
  var byteCount: Int { scales.count * partLength * element.bitWidth / 8 + 4 * scales.count }

  /// The scales as a tensor [parts, channels].
  var scaleTensor: Tensor {
    let order = Shape([parts, channels]).offsets(strides: [1, parts])
    return Tensor(scales, shape: [channels, parts]).gathering(order, shape: [parts, channels])
  }

  /// The integers of the weights in the order in which they are stored.
  ///
  /// - Parameter order: For each, its place in `weights`.
  func integers(_ weights: [Float], order: some Sequence<Int>, shape: Shape) -> Tensor {
    let integers = order.map { Int128((weights[$0] / scales[$0 / partLength]).rounded()) }
    return Tensor(TensorType(element, shape), integers: integers)
  }

  /// For each so many weights, the number of which all are multiples by integers; nil where some have none.
  private static func scales(of weights: [Float], each count: Int, limit: Int) -> [Float]? {
    var scales: [Float] = []
    for start in stride(from: 0, to: weights.count, by: count) {
      guard let scale = scale(of: weights[start..<start + count], limit: limit) else { return nil }
      scales.append(scale)
    }
    return scales
  }

  /// The largest number of which all weights are multiples, up to rounding, by integers that are at most `limit`.
  private static func scale(of weights: ArraySlice<Float>, limit: Int) -> Float? {
    let largest = weights.reduce(0) { max($0, $1.magnitude) }
    if largest == 0 { return weights.allSatisfy { $0 == 0 } ? 1 : nil }
    // Nothing smaller can be told from a rounded number.
    guard largest.isFinite, largest > 1e-30 else { return nil }
    for divisor in 1...limit {
      let scale = largest / Float(divisor)
      let isScale = weights.allSatisfy { weight in
        let quotient = weight / scale
        return (quotient - quotient.rounded()).magnitude <= tolerance * quotient.magnitude
      }
      if isScale { return scale }
    }
    return nil
  }

  /// How far a weight may be from the product, relative to it: some units in the last place, from rounding it and the scale.
  private static let tolerance: Float = 4e-7
}
