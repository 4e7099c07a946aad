/// Zeros with the elements of X where they were before a `MaxPool` with these attributes, as its `Indices` I tell.
///
/// Indices count the elements of all channels of all samples in the shape that follows from the attributes, and
/// `output_shape` only adds zeros behind each axis. Of several elements with one index the last remains. A negative index
/// counts from the end. An index out of range is an error.
public struct MaxUnpool: Operation {
  public static let name = "MaxUnpool"
  public static let operands: Signature = ["X", "I", "output_shape?"]

  /// The extents of the window.
  public var kernelShape: [Int] = []
  /// Padding before the data along each axis, then behind; 0 where empty.
  public var pads: [Int] = []
  /// The distances between windows; 1 where empty.
  public var strides: [Int] = []

  public init() {}

  /// The shape that follows from the attributes, which `I` is about.
  public func unpooledShape(_ x: Shape) throws(Diagnostic) -> Shape {
    try require(x.rank >= 3, "X should have a batch axis, channels and spatial axes, but has shape [\(x)]")
    try require(!kernelShape.isEmpty, "attribute kernel_shape is missing")
    // The window moves over the result, as that of a transposed convolution does.
    let given = TransposedWindowAttributes(kernel: kernelShape, strides: strides, pads: pads)
    return Shape(x[..<2] + (try Window(transposing: x[2...], given).inputShape))
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let (x, indices) = (operands.first.type, operands.required(1).type)
    try require(ElementClass.numbers.contains(x.element), "is not defined for elements of type \(x.element)")
    _ = try operands.requireElement(1, "I", oneOf: [.i64])
    try require(indices.shape == x.shape, "I is \(indices), but should have the shape of X, [\(x.shape)]")
    let shape = try unpooledShape(x.shape)
    guard let wanted = try operands.knownIntegers(2, "output_shape") else { return [TensorType(x.element, shape)] }
    try require(
      wanted.count == shape.rank && wanted[..<2] == shape.extents[..<2] && zip(wanted, shape).allSatisfy { $0 >= $1 },
      "output_shape is \(wanted), but should be [\(shape)] or greater along spatial axes")
    return [TensorType(x.element, Shape(wanted))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let shape = try unpooledShape(operands.first.shape)
    let all = Shape([shape.elementCount])
    let offsets = shape.offsets(strides: results[0].shape.strides)
    var sources = [Int?](repeating: nil, count: results[0].elementCount)
    for (source, index) in operands.required(1).ints.enumerated() {
      sources[offsets[try all.position(index, along: 0)]] = source
    }
    return [operands.first.gathering(sources, shape: results[0].shape)]
  }
}
