/// The places to which an affine map of each sample takes the places of an image, as `GridSample` reads them.
///
/// Places go from -1 to 1 along each axis, which are the centers of the first and last pixels if `align_corners`, else
/// their outer edges. `theta` has the rows of the map for x, y and perhaps z; `size` is the shape of the image.
public struct AffineGrid: CompositeOperation {
  public static let name = "AffineGrid"
  public static let operands: Signature = ["theta", "size"]
  /// Whether -1 and 1 are the centers of pixels.
  public var alignCorners = false
  public init() {}

  public func expand(_ operands: Operands<Value>, in body: inout Expansion) throws -> [Value] {
    let size = try size(body.operands(operands))
    let (count, rank) = (size[0], size.count - 2)
    let element = body.type(operands.first).element
    var split = Split()
    split.axis = 2
    split.numOutputs = rank + 1
    let shape = try body.constant([count] + [Int](repeating: 1, count: rank) + [rank])
    let columns = try body.addAll(split, [operands.first]).map { try body.add(Reshape(), $0, shape) }
    // The axes one after the other, so that only the last sum is as large as the result.
    var places = columns[rank]
    for axis in 0..<rank {
      var extents = [Int](repeating: 1, count: rank + 2)
      extents[axis + 1] = size[axis + 2]
      let positions = Tensor(TensorType(element, Shape(extents)), reals: positions(size[axis + 2]))
      places = try body.add(Add(), places, body.add(Mul(), columns[rank - 1 - axis], body.constant(positions)))
    }
    return [places]
  }

  /// The places along an axis.
  private func positions(_ extent: Int) -> [Double] {
    (0..<extent).map { index in
      guard alignCorners else { return Double(2 * index + 1) / Double(extent) - 1 }
      return extent == 1 ? -1 : Double(2 * index) / Double(extent - 1) - 1
    }
  }

  private func size(_ operands: Operands<Operand>) throws -> [Int] {
    let theta = operands.first
    try require(theta.element.isFloat, "is not defined for elements of type \(theta.element)")
    let size = try operands.knownIntegers(1, "size")!
    try require(
      size.count == 4 || size.count == 5,
      "operand 'size' is \(size), but should be the batch, channels and extents of an image with two or three axes")
    // The bound keeps a hostile size from taking all memory.
    try require(
      size.allSatisfy { (1...1 << 24).contains($0) }, "operand 'size' is \(size), but should be in 1...\(1 << 24)")
    try operands.requireShape(
      0, "operand 'theta'", is: [size[0], size.count - 2, size.count - 1],
      because: "there is a map for each sample of 'size' \(size)")
    return size
  }
}
