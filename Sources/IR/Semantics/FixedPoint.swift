/// Sums of products in fixed point: how a layer with integer weights computes on processors without floating point.
///
/// Data are integers times a power of two, the smallest that keeps all of an image, or of a row of a matrix, within
/// `dataBits` bits. Weights are integers times a power of two for each output channel, and their magnitudes add up to at
/// most 2^`weightBits`. So a sum is exact in 64 bits: the result differs from that in real numbers by what rounding took
/// from data and weights, which is at most 2^-(dataBits - 1) times the largest datum times the sum of the magnitudes of the
/// weights, and by its own rounding to f32.
public struct FixedPoint: Hashable, Sendable {
  /// The bits of a datum.
  public let dataBits: Int
  /// The bits of the sum of the magnitudes of the weights of a channel.
  var weightBits: Int { 62 - dataBits }

  /// The format for sums of so many products.
  public init(productCount: Int) {
    // Rounding the weights counts for every product, so they get more bits where there are many.
    let countBits = Int.bitWidth - max(productCount - 1, 0).leadingZeroBitCount
    dataBits = min(30, (62 - countBits) / 2)
  }

  /// Returns weights as integers and the exponents of their channels, or nil if they are out of range.
  ///
  /// - Parameter channels: The channel of each weight.
  public func quantize(_ weights: [Double], channels: [Int], count: Int) -> (integers: [Int32], exponents: [Int16])? {
    guard weights.allSatisfy(\.isFinite) else { return nil }
    var exponents: [Int] = Array(repeating: -weightBits, count: count)
    for (channel, sum) in magnitudes(weights, channels, count).enumerated() where sum > 0 {
      exponents[channel] = Int(sum.exponent) - weightBits
    }
    while true {
      let integers = zip(weights, channels).map { ($0 * powerOfTwo(-exponents[$1])).rounded() }
      let sums = magnitudes(integers, channels, count)
      var largest = [Double](repeating: 0, count: count)
      for (integer, channel) in zip(integers, channels) { largest[channel] = max(largest[channel], integer.magnitude) }
      let excessive = (0..<count).filter { sums[$0] > powerOfTwo(weightBits) || largest[$0] > Double(Int32.max) }
      if excessive.isEmpty { return (integers.map { Int32($0) }, exponents.map { Int16($0) }) }
      for channel in excessive { exponents[channel] += 1 }
    }
  }

  /// Throws unless sums with these weights fit into 64 bits.
  func check(_ weights: Tensor, channels: [Int], count: Int) throws(Diagnostic) {
    let sums = magnitudes(weights.reals, channels, count)
    guard let channel = sums.firstIndex(where: { $0 > powerOfTwo(weightBits) }) else { return }
    throw Diagnostic(
      "the magnitudes of the weights of channel \(channel) add up to \(sums[channel]), but should to at most "
        + "2^\(weightBits), so that sums fit into 64 bits")
  }

  /// The data of so many images as integers times 2^exponent. One with an infinity or NaN has no exponent.
  func images(_ data: Tensor, count: Int) -> [(integers: [Int64], exponent: Int?)] {
    let numbers: [Float] = data.elements()
    let size = count == 0 ? 0 : numbers.count / count
    return (0..<count).map { image in
      let part = numbers[image * size..<(image + 1) * size]
      guard part.allSatisfy(\.isFinite) else { return ([Int64](repeating: 0, count: size), nil) }
      // Subnormal numbers have the least exponent of the others.
      let largest = part.reduce(Float.leastNormalMagnitude) { max($0, $1.magnitude) }
      let exponent = Int(largest.exponent) + 1 - dataBits
      return (part.map { Int64((Double($0) * powerOfTwo(-exponent)).rounded(.toNearestOrAwayFromZero)) }, exponent)
    }
  }

  private func magnitudes(_ weights: [Double], _ channels: [Int], _ count: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: count)
    for (weight, channel) in zip(weights, channels) { sums[channel] += weight.magnitude }
    return sums
  }
}

/// 2 to a power that a Double can have.
private func powerOfTwo(_ exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: 1) }

extension Float {
  /// The float nearest to `sum` * 2^exponent + `bias`, for a sum of at most 2^62.
  ///
  /// Where the sum has lower bits than the bias those of the bias are cut off, and the other way round where the bias is
  /// beyond what 64 bits hold; either is less than the sum or the bias loses by being rounded.
  init(fixedPoint sum: Int64, exponent: Int, bias: Float) {
    let (mantissa, left) = bias.integer
    let shift = left - exponent
    if shift < 38 || mantissa == 0 {
      let magnitude = shift < 0 ? mantissa.magnitude >> -shift : mantissa.magnitude << shift
      self.init(nearest: sum + (mantissa < 0 ? -Int64(magnitude) : Int64(magnitude)), exponent: exponent)
    } else {
      let rest = shift < 99 ? sum / (1 << (shift - 37)) : 0
      self.init(nearest: rest + mantissa << 37, exponent: left - 37)
    }
  }

  /// The number, which is finite, as an integer times 2 to the power of another.
  private var integer: (mantissa: Int64, exponent: Int) {
    let field = exponentBitPattern
    let magnitude = Int64(significandBitPattern) + (field == 0 ? 0 : 1 << 23)
    return (sign == .minus ? -magnitude : magnitude, Int(max(field, 1)) - 150)
  }

  /// The float nearest to `integer` * 2^exponent, of two the even one.
  private init(nearest integer: Int64, exponent: Int) {
    let magnitude = integer.magnitude
    // The lowest bits for which there is no room: beyond 24, or below the least subnormal number.
    let drop = max(UInt64.bitWidth - magnitude.leadingZeroBitCount - 24, -149 - exponent, 0)
    let kept = magnitude >> drop
    let rest = magnitude - kept << drop
    let half: UInt64 = drop > 0 ? 1 << (drop - 1) : .max
    // A shift by 64 or more leaves 0, so such a rest is below one half.
    let isUp = drop <= 64 && (rest > half || (rest == half && kept & 1 == 1))
    let result = Float(sign: .plus, exponent: exponent + drop, significand: Float(kept + (isUp ? 1 : 0)))
    self = integer < 0 ? -result : result
  }
}
