import Glibc

/// The discrete Fourier transforms of several signals that lie in one tensor.
///
/// Numbers are real, or complex with the real part first. Signal (o, i) starts at `o * outer + i * inner`, and its
/// samples lie `sample` elements apart; so do the results.
public struct FourierTransform: Hashable, Sendable {
  /// How far signals and their samples lie apart, in elements.
  public struct Layout: Hashable, Sendable {
    public var outer, inner, sample: Int
    /// 1 for real numbers, 2 for complex ones.
    public var parts: Int
  }

  /// What is computed of each signal.
  public struct Kind: Hashable, Sendable {
    /// Whether samples are computed from frequencies.
    public var inverse: Bool
    /// Whether there is only one of two frequencies that are conjugates: in the operand if `inverse`, else in the
    /// result. An inverse transform then gives real numbers.
    public var onesided: Bool
  }

  /// How many signals there are.
  public let outer, inner: Int
  /// The length of the transform.
  public let length: Int
  /// How many samples there are; what is missing to the length is 0.
  public let given: Int
  public let kind: Kind
  public let x: Layout
  public let y: Layout

  /// How many numbers the result has for each signal.
  public var count: Int { Self.count(length, kind) }
  /// Whether the operand has only half of the frequencies.
  public var isMirrored: Bool { kind.inverse && kind.onesided }
  /// Whether a real signal of even length is analysed, for which a transform of half the length is enough.
  public var isRealAnalysis: Bool { x.parts == 1 && !kind.inverse && length % 2 == 0 }

  /// How many numbers the result of a transform has.
  public static func count(_ length: Int, _ kind: Kind) -> Int {
    kind.onesided && !kind.inverse ? length / 2 + 1 : length
  }

  /// Creates transforms of signals of `extent` samples.
  public init(_ signals: (outer: Int, inner: Int), length: Int, extent: Int, kind: Kind, x: Layout, y: Layout) {
    (outer, inner) = signals
    self.length = length
    given = min(extent, kind.inverse && kind.onesided ? length / 2 + 1 : length)
    self.kind = kind
    self.x = x
    self.y = y
  }

  /// The cosines and sines of the angles `-2 * pi * i / length` in turn.
  public static func rotations(_ length: Int) -> [Double] {
    let quarters: [[Double]] = [[1, 0], [0, -1], [-1, 0], [0, 1]]
    return (0..<length).flatMap { index in
      // Exact where the library's functions of a rounded pi are not.
      if 4 * index % length == 0 { return quarters[4 * index / length] }
      let angle = -2 * Double.pi * Double(index) / Double(length)
      return [cos(angle), sin(angle)]
    }
  }

  /// Throws unless a transform of `length` is one that ends in reasonable time.
  static func check(length: Int) throws(Diagnostic) {
    try require(length > 0, "a transform of length \(length) does not exist; the length should be positive")
    try require(length <= 1 << 20, "the length of the transform is \(length), but at most \(1 << 20) is possible")
    // A prime factor takes as many steps as the square of it.
    var (rest, factor) = (length, 2)
    while factor * factor <= rest { if rest % factor == 0 { rest /= factor } else { factor += 1 } }
    try require(
      length * rest <= 1 << 30,
      "the length of the transform is \(length), which has the prime factor \(rest); choose one with smaller factors")
  }
}

extension FourierTransform {
  private typealias Complex = (re: Double, im: Double)

  /// Returns all results for samples that may be multiplied by a window, in a tensor of `type`.
  func evaluate(_ samples: [Double], window: [Double]?, _ type: TensorType) -> Tensor {
    var result = [Double](repeating: 0, count: type.elementCount)
    let rotations = Self.rotations(length)
    for signal in 0..<outer * inner {
      let (o, i) = signal.quotientAndRemainder(dividingBy: inner)
      let start = o * x.outer + i * x.inner
      let signal = complete { sample in
        let (place, factor) = (start + sample * x.sample, window?[sample] ?? 1)
        return (samples[place] * factor, x.parts == 2 ? samples[place + 1] * factor : 0)
      }
      let transformed = transform(signal, rotations)
      for number in 0..<count {
        let place = o * y.outer + i * y.inner + number * y.sample
        let (re, im) = transformed[number]
        result[place] = kind.inverse ? re / Double(length) : re
        if y.parts == 2 { result[place + 1] = kind.inverse ? im / Double(length) : im }
      }
    }
    return Tensor(type, reals: result)
  }

  /// The signal in full length.
  private func complete(_ sample: (Int) -> Complex) -> [Complex] {
    (0..<length).map { index in
      let isConjugate = isMirrored && 2 * index > length
      let source = isConjugate ? length - index : index
      guard source < given else { return (0, 0) }
      let (re, im) = sample(source)
      // A frequency that is its own conjugate is real.
      let isReal = isMirrored && (index == 0 || 2 * index == length)
      return (re, isReal ? 0 : isConjugate ? -im : im)
    }
  }

  /// The transform of `x`: from the transforms of its parts, each of which has every nth sample.
  private func transform(_ x: [Complex], _ rotations: [Double]) -> [Complex] {
    let count = x.count
    guard count > 1 else { return x }
    let step = rotations.count / 2 / count
    let radix = (2...count).first { count % $0 == 0 }!
    let parts = (0..<radix).map { part in
      transform(stride(from: part, to: count, by: radix).map { x[$0] }, rotations)
    }
    return (0..<count).map { frequency in
      var sum: Complex = (0, 0)
      for (part, values) in parts.enumerated() {
        let angle = 2 * (part * frequency % count * step)
        let (c, s) = (rotations[angle], kind.inverse ? -rotations[angle + 1] : rotations[angle + 1])
        let (re, im) = values[frequency % values.count]
        sum = (sum.re + re * c - im * s, sum.im + re * s + im * c)
      }
      return sum
    }
  }
}
