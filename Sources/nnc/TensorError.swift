import IR

/// How far a tensor is from what it should be.
package struct TensorError {
  /// The largest difference; infinite where one is a number and the other is not.
  package private(set) var absolute = 0.0
  /// The largest difference counted in numbers of the type that lie between; 0 for integers.
  package private(set) var ulps: UInt64 = 0
  /// The largest difference relative to the largest element that should be there.
  package private(set) var relative = 0.0
  /// Where the largest difference is, and what is there.
  package private(set) var worst: (index: Int, found: Double, expected: Double)?

  /// Measures `found` by `expected`, which is of the same type.
  package init(_ found: Tensor, _ expected: Tensor) {
    let (a, b) = (found.reals, expected.reals)
    let scale = b.lazy.filter(\.isFinite).map(abs).max() ?? 0
    for index in b.indices {
      let difference = a[index] == b[index] || (a[index].isNaN && b[index].isNaN) ? 0 : abs(a[index] - b[index])
      let distance = difference.isNaN ? .infinity : difference
      if distance > absolute {
        absolute = distance
        worst = (index, a[index], b[index])
      }
    }
    // Integers wider than a double are compared as what they are.
    if absolute == 0, !expected.element.isFloat,
      let index = zip(found.integers, expected.integers).enumerated().first(where: { $1.0 != $1.1 })?.offset
    {
      absolute = 1
      worst = (index, a[index], b[index])
    }
    relative = absolute == 0 ? 0 : absolute / max(scale, Double(Float.leastNormalMagnitude))
    if expected.element.isFloat { ulps = Self.ulps(found, expected) }
  }

  /// The larger of each error of two.
  mutating func formUnion(_ other: TensorError) {
    if other.absolute > absolute { (absolute, worst) = (other.absolute, other.worst) }
    ulps = max(ulps, other.ulps)
    relative = max(relative, other.relative)
  }

  private static func ulps(_ found: Tensor, _ expected: Tensor) -> UInt64 {
    zip(found.orderedBits, expected.orderedBits).reduce(0) { largest, pair in
      guard let a = pair.0, let b = pair.1 else { return pair.0 == pair.1 ? largest : .max }
      // The difference of two 64-bit numbers fits 64 bits without a sign.
      return max(largest, UInt64(bitPattern: a > b ? a &- b : b &- a))
    }
  }
}

extension Tensor {
  /// For each float an integer that is larger for larger floats, and the next one for the next float; nil for a NaN.
  fileprivate var orderedBits: [Int64?] {
    switch element {
    case .f64: elements(as: Double.self).map { $0.isNaN ? nil : Self.ordered(Int64(bitPattern: $0.bitPattern), 64) }
    case .f32: elements(as: Float.self).map { $0.isNaN ? nil : Self.ordered(Int64($0.bitPattern), 32) }
    case .f16: elements(as: Float16.self).map { $0.isNaN ? nil : Self.ordered(Int64($0.bitPattern), 16) }
    case .bf16: elements(as: BFloat16.self).map { $0.real.isNaN ? nil : Self.ordered(Int64($0.bits), 16) }
    case .f8e4m3fn: narrowBits(Float8E4M3FN.self)
    case .f8e4m3fnuz: narrowBits(Float8E4M3FNUZ.self)
    case .f8e5m2: narrowBits(Float8E5M2.self)
    case .f8e5m2fnuz: narrowBits(Float8E5M2FNUZ.self)
    case .f4e2m1: narrowBits(Float4E2M1.self)
    case .f8e8m0: elements(as: Float8E8M0.self).map { $0.bits == 0xff ? nil : Int64($0.bits) }
    default: []
    }
  }

  private func narrowBits<T: NarrowFloat>(_: T.Type) -> [Int64?] {
    elements(as: T.self).map { $0.real.isNaN ? nil : Self.ordered(Int64($0.bits), Int64(element.bitWidth)) }
  }

  private static func ordered(_ bits: Int64, _ width: Int64) -> Int64 {
    let magnitude = bits & ((1 << (width - 1)) &- 1)
    return magnitude == bits ? magnitude : -magnitude
  }
}
