/// The mean of each window.
public struct AveragePool: PoolingOperation {
  public static let name = "AveragePool"
  public static let operands: Signature = ["X"]

  public var autoPad = AutoPad.notSet
  public var ceilMode = false
  /// Whether padding counts as zeros. What a last window in ceil mode has beyond the padding never counts.
  public var countIncludePad = false
  public var dilations: [Int] = []
  public var kernelShape: [Int] = []
  public var pads: [Int] = []
  public var strides: [Int] = []

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    [TensorType(try operands.commonElement(), try resultShape(operands.first.shape))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first
    guard results[0].elementCount > 0 else { return [Tensor(results[0], reals: [])] }
    let (data, window) = (x.reals, try window(x.shape))
    let counts = window.tapCounts(padded: countIncludePad)
    let means = window.reducePlanes(x.shape[0] * x.shape[1], filling: 0) { position, plane, taps in
      taps.reduce(0) { $0 + data[plane + $1] } / Double(counts[position])
    }
    return [Tensor(results[0], reals: means)]
  }
}
