/// The extents of a tensor, outermost first.
public struct Shape: Hashable, Sendable {
  /// The extent of each axis.
  public var extents: [Int]

  /// Creates a shape with the given extents.
  public init(_ extents: some Sequence<Int>) { self.extents = Array(extents) }

  /// How many axes there are.
  public var rank: Int { extents.count }

  /// How many elements there are, or `Int.max` where that number does not fit.
  public var elementCount: Int {
    extents.reduce(1) { product, extent in
      let (result, overflow) = product.multipliedReportingOverflow(by: extent)
      return overflow ? Int.max : result
    }
  }

  /// How many elements lie between neighbours along each axis, in row-major order.
  public var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    // A tensor without elements may have any extents beside the 0, so the product may be too large to be meant.
    for axis in stride(from: rank - 2, through: 0, by: -1) { strides[axis] = strides[axis + 1] &* extents[axis + 1] }
    return strides
  }

  /// How many words of 32 bits a row of bits takes.
  public static func wordCount(ofBits count: Int) -> Int { (count + 31) / 32 }

  /// The product of the extents of some neighbouring axes.
  public func elementCount(of axes: Range<Int>) -> Int { Shape(extents[axes]).elementCount }
}

extension Shape: ExpressibleByArrayLiteral {
  /// Creates a shape from its extents.
  public init(arrayLiteral elements: Int...) { self.init(elements) }
}

extension Shape: RandomAccessCollection, MutableCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { extents.count }
  public subscript(axis: Int) -> Int {
    get { extents[axis] }
    set { extents[axis] = newValue }
  }
}

extension Shape: CustomStringConvertible {
  /// The extents, as in `1x3x8`.
  public var description: String { extents.map(String.init).joined(separator: "x") }
}

/// The type of a tensor: what its elements are, and how many there are along each axis.
///
/// Scales, zero points and layouts are no part of it; they are operands, attributes and operations.
public struct TensorType: Hashable, Sendable {
  /// The type of each element.
  public var element: ElementType
  /// The extents.
  public var shape: Shape

  /// Creates the type of tensors with the given elements and extents.
  public init(_ element: ElementType, _ shape: Shape) {
    self.element = element
    self.shape = shape
  }

  /// How many elements a tensor has.
  public var elementCount: Int { shape.elementCount }

  /// How many bytes a tensor takes, or `Int.max` where that number does not fit.
  public var byteCount: Int {
    let (bits, overflow) = elementCount.multipliedReportingOverflow(by: element.bitWidth)
    return overflow ? Int.max : (bits + 7) / 8
  }

  /// The largest tensor that nnc handles, in bytes: enough for any edge device, and small enough for exact arithmetic.
  public static let maximumByteCount = 1 << 40

  /// Throws unless extents are not negative and the tensor is of a size that nnc handles.
  ///
  /// A tensor without elements has strides too, so its other extents are held to the same bound.
  public func validate() throws(Diagnostic) {
    if let extent = shape.first(where: { $0 < 0 }) { throw Diagnostic("extent \(extent) of \(self) is negative") }
    // Empty axes count as 1, so that the strides of an empty tensor cannot overflow either.
    let extents = Shape(shape.map { max($0, 1) })
    try require(
      TensorType(element, extents).byteCount <= Self.maximumByteCount,
      "\(self) is too large: at most \(Self.maximumByteCount) bytes are possible")
  }
}

extension TensorType: CustomStringConvertible {
  /// The type as text, as in `f32[1x3x8]`.
  public var description: String { "\(element)[\(shape)]" }
}
