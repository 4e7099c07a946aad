import Glibc

/// The sum; 0 of nothing.
public struct ReduceSum: Reduction {
  public static let name = "ReduceSum"
  public var keepdims = true
  public var noopWithEmptyAxes = false
  public init() {}
  public func real(_ x: [Double]) -> Double { x.reduce(0, +) }
  public func integer(_ x: [Int128], _ element: ElementType) -> Int128? { x.reduce(0, &+) }
}

/// The mean, cut towards zero for integers; NaN of nothing, which is 0 as an integer.
public struct ReduceMean: Reduction {
  public static let name = "ReduceMean"
  public var keepdims = true
  public var noopWithEmptyAxes = false
  public init() {}
  public func real(_ x: [Double]) -> Double { x.reduce(0, +) / Double(x.count) }
  public func integer(_ x: [Int128], _ element: ElementType) -> Int128? {
    x.isEmpty ? 0 : x.reduce(0, &+) / Int128(x.count)
  }
}

/// The product; 1 of nothing.
public struct ReduceProd: Reduction {
  public static let name = "ReduceProd"
  public var keepdims = true
  public var noopWithEmptyAxes = false
  public init() {}
  public func real(_ x: [Double]) -> Double { x.reduce(1, *) }
  public func integer(_ x: [Int128], _ element: ElementType) -> Int128? { x.reduce(1, &*) }
}

/// The greatest, NaN where one is NaN; of nothing, the least that there is.
public struct ReduceMax: Reduction {
  public static let name = "ReduceMax"
  public static let accepts = ElementClass.any
  public var keepdims = true
  public var noopWithEmptyAxes = false
  public init() {}
  public func real(_ x: [Double]) -> Double { x.reduce(-.infinity) { $0.isNaN || $0 > $1 ? $0 : $1 } }
  public func integer(_ x: [Int128], _ element: ElementType) -> Int128? { x.max() ?? element.integerRange.lowerBound }
}

/// The least, NaN where one is NaN; of nothing, the greatest that there is.
public struct ReduceMin: Reduction {
  public static let name = "ReduceMin"
  public static let accepts = ElementClass.any
  public var keepdims = true
  public var noopWithEmptyAxes = false
  public init() {}
  public func real(_ x: [Double]) -> Double { x.reduce(.infinity) { $0.isNaN || $0 < $1 ? $0 : $1 } }
  public func integer(_ x: [Int128], _ element: ElementType) -> Int128? { x.min() ?? element.integerRange.upperBound }
}

/// The sum of the absolute values; 0 of nothing.
public struct ReduceL1: Reduction {
  public static let name = "ReduceL1"
  public var keepdims = true
  public var noopWithEmptyAxes = false
  public init() {}
  public func real(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1.magnitude } }
  public func integer(_ x: [Int128], _ element: ElementType) -> Int128? { x.reduce(0) { $0 &+ abs($1) } }
}

/// The square root of the sum of the squares; 0 of nothing.
public struct ReduceL2: Reduction {
  public static let name = "ReduceL2"
  public var keepdims = true
  public var noopWithEmptyAxes = false
  public init() {}
  public func real(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}

/// The sum of the squares; 0 of nothing.
public struct ReduceSumSquare: Reduction {
  public static let name = "ReduceSumSquare"
  public var keepdims = true
  public var noopWithEmptyAxes = false
  public init() {}
  public func real(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 } }
  public func integer(_ x: [Int128], _ element: ElementType) -> Int128? { x.reduce(0) { $0 &+ $1 &* $1 } }
}

/// The logarithm of the sum; minus infinity of nothing.
public struct ReduceLogSum: Reduction {
  public static let name = "ReduceLogSum"
  public var keepdims = true
  public var noopWithEmptyAxes = false
  public init() {}
  public func real(_ x: [Double]) -> Double { log(x.reduce(0, +)) }
}

/// The logarithm of the sum of the exponentials, without overflow; minus infinity of nothing.
public struct ReduceLogSumExp: Reduction {
  public static let name = "ReduceLogSumExp"
  public var keepdims = true
  public var noopWithEmptyAxes = false
  public init() {}
  public func real(_ x: [Double]) -> Double {
    let greatest = x.reduce(-.infinity) { $0.isNaN || $0 > $1 ? $0 : $1 }
    if !greatest.isFinite { return greatest }
    return greatest + log(x.reduce(0) { $0 + exp($1 - greatest) })
  }
}
