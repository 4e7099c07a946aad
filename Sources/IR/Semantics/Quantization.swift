import Glibc

/// How numbers become elements of a quantized type: rounded, moved by a zero point, and held within its range.
struct Quantizer {
  private let low: Int32, high: Int32

  /// Creates a quantizer to one of the integer types of at most 16 bits.
  init(_ element: ElementType) {
    let count = Int32(1) << Int32(element.bitWidth)
    (low, high) = element.isUnsigned ? (0, count - 1) : (-count / 2, count / 2 - 1)
  }

  /// The element for a number in units of the scale: the nearest integer, of two the even one, plus the zero point. NaN
  /// counts as 0.
  func callAsFunction(_ number: Float, zero: Int32) -> Int128 {
    if number.isNaN { return Int128(zero) }
    let limited = min(max(number, Float(low - zero)), Float(high - zero))
    return Int128(Int32(limited.rounded(.toNearestOrEven)) + zero)
  }
}

extension ElementType {
  /// A number as a float of this type, of 16 or 32 bits, has it.
  func rounded(_ number: Float) -> Float {
    switch self {
    case .f16: Float(Float16(number))
    case .bf16: Float(BFloat16(rounding: Double(number)).real)
    default: number
    }
  }
}

/// Which scale and zero point each element of a tensor has.
public struct QuantizationGrid: Hashable, Sendable {
  /// The tensor as three axes: all before the one along which scales differ, that one, and all behind it.
  public let outer: Int, extent: Int, inner: Int
  /// How many neighbours along the middle axis share a scale.
  public let block: Int
  /// How far the scales of neighbours along the outer axis, of neighbouring blocks, and along the inner axis lie apart.
  public let scaleStrides: [Int]

  /// The grid for elements of shape `x` with scales of shape `scale`: one for all elements, one for each place along
  /// `axis`, or, where `blockSize` is not 0, one for each block of so many neighbours along `axis`.
  ///
  /// - Throws: A diagnostic if the shapes do not fit.
  public init(_ x: Shape, scale: Shape, axis: Int, blockSize: Int) throws(Diagnostic) {
    try require(blockSize >= 0, "block_size is \(blockSize), but should be 0 for none, or the length of a block")
    if blockSize == 0, scale.elementCount == 1, scale.rank <= 1 {
      (outer, extent, inner, block, scaleStrides) = (1, 1, x.elementCount, 1, [0, 0, 0])
      return
    }
    let axis = try x.existingAxis(axis)
    (outer, extent) = (x.elementCount(of: 0..<axis), x[axis])
    inner = x.elementCount(of: axis + 1..<x.rank)
    guard blockSize > 0 else {
      try require(
        scale == [x[axis]],
        "the scale has shape [\(scale)], but should have one element, or one for each of the \(x[axis]) places along "
          + "axis \(axis) of shape [\(x)]")
      (block, scaleStrides) = (1, [0, 1, 0])
      return
    }
    block = Swift.max(1, Swift.min(blockSize, x[axis]))
    let blocks = extent == 0 ? 0 : (extent - 1) / block + 1
    var expected = x
    expected[axis] = blocks
    try require(
      scale == expected,
      "the scale has shape [\(scale)], but should have [\(expected)] for blocks of \(blockSize) along axis \(axis) of "
        + "shape [\(x)]")
    scaleStrides = [blocks * inner, inner, 1]
  }

  /// For each element of the tensor, in order, which scale it has.
  var scaleIndices: [Int] {
    var indices: [Int] = []
    indices.reserveCapacity(outer * extent * inner)
    for row in 0..<outer {
      for place in 0..<extent {
        let start = row * scaleStrides[0] + place / block * scaleStrides[1]
        for column in 0..<inner { indices.append(start + column * scaleStrides[2]) }
      }
    }
    return indices
  }
}

extension Operands where Item == Operand {
  /// The element type of the operand at `index`.
  ///
  /// - Throws: A diagnostic unless it is one of `accepted`.
  func requireElement(_ index: Int, _ name: String, oneOf accepted: [ElementType]) throws(Diagnostic) -> ElementType {
    let element = required(index).element
    try require(
      accepted.contains(element),
      "\(name) has elements of type \(element), but should have \(accepted.map(\.rawValue).joined(separator: " or "))")
    return element
  }

  /// Throws unless the zero point at `index`, if it is there, has elements of type `element`.
  func requireZeroPoint(_ index: Int, _ name: String, of element: ElementType) throws(Diagnostic) {
    guard let found = self[index]?.element, found != element else { return }
    throw Diagnostic("\(name) has elements of type \(found), but should have \(element), as what it belongs to")
  }

  /// Throws unless the scale or zero point at `index`, if it is there, has one element.
  func requireSingle(_ index: Int, _ name: String) throws(Diagnostic) {
    guard let shape = self[index]?.shape, shape.elementCount != 1 else { return }
    throw Diagnostic("\(name) has shape [\(shape)], but should have one element")
  }

  /// Throws unless the scale or zero point at `index`, if it is there, has one element, or one for each of the `count`
  /// things that `axis` counts, from the end, in the tensor it belongs to.
  func requireSingle(_ index: Int, _ name: String, orOneFor count: Int, _ things: String, axis: Int) throws(Diagnostic)
  {
    guard let shape = self[index]?.shape, shape.elementCount != 1, shape != [count] else { return }
    try require(
      shape.rank >= 2 && shape.elementCount == count && shape[shape.rank - axis] == count,
      "\(name) has shape [\(shape)], but should have one element, or one for each of the \(count) \(things)")
  }
}

extension Operands where Item == Tensor {
  /// The elements of a zero point; 0 where it is left out.
  func zeroPoints(_ index: Int) -> [Int32] { self[index]?.integers.map { Int32(truncatingIfNeeded: $0) } ?? [0] }
}

extension Array {
  /// The element that belongs to `index`, where one may stand for all.
  func shared(_ index: Int) -> Element { self[count == 1 ? 0 : index] }
}
