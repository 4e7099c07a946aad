/// A matrix of which most elements are zero: the others row by row, and their places.
///
/// Places are either a bit for each element, or gaps in bytes: how many zeros lie before the next value, where 255 stands for
/// as many zeros and no value. Rows lie one behind the other, so gaps reach from one into the next; the last leads to the end
/// of the matrix. Gaps take less where fewer than one element in eight is a value.
public struct SparseMatrix: Sendable {
  /// The extents.
  public let rows: Int, columns: Int
  /// The values.
  public let values: [Float]
  /// The place of each value in the matrix, row by row: ascending.
  public let places: [Int]

  /// Takes the values out of the elements of a matrix, row by row. A negative zero is a value: elements come back to the bit.
  public init(_ elements: [Float], rows: Int, columns: Int) {
    precondition(elements.count == rows * columns, "\(elements.count) elements are no \(rows) x \(columns) matrix")
    (self.rows, self.columns) = (rows, columns)
    places = elements.indices.filter { elements[$0].bitPattern != 0 }
    values = places.map { elements[$0] }
  }

  /// All elements, row by row.
  public var elements: [Float] {
    var result = [Float](repeating: 0, count: rows * columns)
    for (place, value) in zip(places, values) { result[place] = value }
    return result
  }
}

extension SparseMatrix {
  /// The values as a tensor [n].
  public var valueTensor: Tensor { Tensor(values) }

  /// The places as a tensor of bits [rows, columns].
  public var bits: Tensor {
    var codes = [UInt8](repeating: 0, count: rows * columns)
    for place in places { codes[place] = 1 }
    return Tensor(TensorType(.bit, [rows, columns]), codes: codes)
  }

  /// The most zeros between two values that gaps state: a sum of 16 bits holds them.
  private static let longestGap = 0x7f00

  /// The places as gaps, a tensor u8 [m]; nil where there are too many zeros in a row.
  public var gaps: Tensor? {
    var bytes: [UInt8] = []
    var next = 0
    for place in places + [rows * columns] {
      let gap = place - next
      guard gap <= Self.longestGap else { return nil }
      bytes += [UInt8](repeating: 255, count: gap / 255) + [UInt8(gap % 255)]
      next = place + 1
    }
    return Tensor(bytes)
  }

  /// The places in the form that takes fewer bytes.
  public var smallestPlaces: Tensor {
    guard let gaps, gaps.type.byteCount < bitByteCount else { return bits }
    return gaps
  }

  /// The bytes of bits, each row of which is words of 32.
  private var bitByteCount: Int { rows * 4 * Shape.wordCount(ofBits: columns) }

  /// The bytes of values and places, in the form that takes fewer.
  public var byteCount: Int {
    4 * values.count + min(bitByteCount, gaps?.type.byteCount ?? .max)
  }
}

extension SparseMatrix {
  /// Reads values and places, which are the operands from `first` on.
  ///
  /// - Throws: A diagnostic unless they are constants that belong together and make a matrix of the given extents.
  init(_ operands: Operands<Operand>, first: Int, rows: Int, columns: Int) throws {
    let (values, places) = (operands.required(first).type, operands.required(first + 1).type)
    try require(values.element == .f32, "values have elements of type \(values.element), but should have f32")
    try require(
      values.shape.rank == 1 && values.elementCount > 0,
      "values should be a list of at least one, but have shape [\(values.shape)]")
    switch places.element {
    case .bit:
      try operands.requireShape(
        first + 1, "places", is: [rows, columns], because: "there is a bit for each weight of each channel")
    case .u8: try require(places.shape.rank == 1, "gaps should be a list, but have shape [\(places.shape)]")
    default:
      throw Diagnostic("places have elements of type \(places.element), but should be bits, or gaps of type u8")
    }
    let known = try operands.required(first + 1).requireKnown("places")
    // The number of elements may be one that no memory holds.
    guard let found = Self.places(known, count: Shape([rows, columns]).elementCount) else {
      throw Diagnostic("the gaps do not lead to the end of a matrix of \(rows) x \(columns)")
    }
    try require(
      found.count == values.elementCount, "there are \(values.elementCount) values, but \(found.count) places")
    (self.rows, self.columns, self.places) = (rows, columns, found)
    self.values = try operands.required(first).requireKnown("values").elements()
  }

  /// The same for operands that are known to belong together.
  init(_ operands: Operands<Tensor>, first: Int, rows: Int, columns: Int) {
    (self.rows, self.columns) = (rows, columns)
    values = operands.required(first).elements()
    places = Self.places(operands.required(first + 1), count: rows * columns)!
  }

  /// The places that bits or gaps state; nil where gaps do not lead to the end of `count` elements.
  private static func places(_ tensor: Tensor, count: Int) -> [Int]? {
    if tensor.element == .bit { return tensor.codes.indices(where: { $0 == 1 }) }
    var (places, next) = ([Int](), 0)
    let bytes: [UInt8] = tensor.elements()
    for (index, byte) in bytes.enumerated() {
      next += Int(byte)
      guard byte != 255 else { continue }
      if next == count { return index == bytes.count - 1 ? places : nil }
      guard next < count else { return nil }
      places.append(next)
      next += 1
    }
    return nil
  }
}

extension [UInt8] {
  /// The indices of the elements for which a condition holds.
  fileprivate func indices(where isIncluded: (UInt8) -> Bool) -> [Int] { indices.filter { isIncluded(self[$0]) } }
}

/// The copy of the data that a sparse convolution takes for some rows of its result, in which neighbours are what
/// neighbouring pixels of the result meet: planes for each channel and each distance of a tap from the strides.
public struct SparsePlanes {
  /// How many floats they have.
  public let elementCount: Int
  /// How many pixels are computed for a channel, those at the ends of rows that are none included.
  public let pixelCount: Int

  /// Creates the planes for windows that move over rows and columns.
  ///
  /// - Parameter band: How many rows of the result are computed.
  public init(_ axes: [WindowAxis], channels: Int, band: Int) {
    let phases = axes.map { $0.kernel == 1 || $0.dilation % $0.stride == 0 ? 1 : $0.stride }
    let beyond = axes.map { ($0.kernel - 1) * $0.dilation / $0.stride }
    let width = axes[1].output + beyond[1]
    elementCount = Shape(phases + [channels, band + beyond[0], width]).elementCount
    pixelCount = (band - 1) * width + axes[1].output
  }
}
