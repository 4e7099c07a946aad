import Glibc

/// The p-norm of each window: the p-th root of the sum of the p-th powers of the magnitudes.
public struct LpPool: PoolingOperation {
  public static let name = "LpPool"
  public static let operands: Signature = ["X"]

  public var autoPad = AutoPad.notSet
  public var ceilMode = false
  public var dilations: [Int] = []
  public var kernelShape: [Int] = []
  /// The power.
  public var p = 2
  public var pads: [Int] = []
  public var strides: [Int] = []

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    try require(p >= 1, "p is \(p), but should be at least 1")
    return [TensorType(try operands.commonElement(), try resultShape(operands.first.shape))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first
    let data = x.reals
    let norms = try window(x.shape).reducePlanes(x.shape[0] * x.shape[1], filling: 0) { _, plane, taps in
      norm(taps.lazy.map { data[plane + $0] }, p)
    }
    return [Tensor(results[0], reals: norms)]
  }
}

/// The p-norm of `values`.
func norm(_ values: some Sequence<Double>, _ p: Int) -> Double {
  switch p {
  case 1: values.reduce(0) { $0 + abs($1) }
  case 2: values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  default: pow(values.reduce(0) { $0 + pow(abs($1), Double(p)) }, 1 / Double(p))
  }
}
