/// The largest element of each window, and optionally where it lies.
///
/// `Indices` are those of the elements of X as a whole, flattened. Of equal elements the first counts.
public struct MaxPool: PoolingOperation {
  public static let name = "MaxPool"
  public static let operands: Signature = ["X"]

  public var autoPad = AutoPad.notSet
  public var ceilMode = false
  public var dilations: [Int] = []
  public var kernelShape: [Int] = []
  public var pads: [Int] = []
  /// How `Indices` count the spatial axes: 0 with the last axis fastest, 1 with the first.
  public var storageOrder = 0
  public var strides: [Int] = []

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let element = try operands.commonElement(.numbers)
    try require(element.isFloat || element.bitWidth <= 32, "is not defined for elements of type \(element)")
    try require(storageOrder == 0 || storageOrder == 1, "storage_order is \(storageOrder), but should be 0 or 1")
    let shape = try resultShape(operands.first.shape)
    return [TensorType(element, shape), TensorType(.i64, shape)]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let x = operands.first
    let (data, window) = (x.reals, try window(x.shape))
    let largest = window.reducePlanes(x.shape[0] * x.shape[1], filling: 0) { _, plane, taps in
      taps.dropFirst().reduce(plane + taps[0]) { data[plane + $1] > data[$0] ? plane + $1 : $0 }
    }
    return [
      Tensor(results[0], reals: largest.map { data[$0] }),
      Tensor(results[1], integers: largest.map { Int128(storageOrder == 0 ? $0 : columnMajor($0, window)) }),
    ]
  }

  /// The index of the element `index`, if the first spatial axis were the fastest.
  private func columnMajor(_ index: Int, _ window: Window) -> Int {
    var rest = index % window.inputCount
    var coordinates: [Int] = []
    for stride in Shape(window.inputShape).strides {
      coordinates.append(rest / stride)
      rest %= stride
    }
    let strides = Shape(window.inputShape.reversed()).strides.reversed()
    return index - index % window.inputCount + zip(coordinates, strides).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
