/// The matrix product over the last two axes, as in numpy: other axes are broadcast, an operand with one axis is a row
/// on the left and a column on the right. Integers wrap.
public struct MatMul: Operation {
  public static let name = "MatMul"
  public static let operands: Signature = ["A", "B"]

  public init() {}

  /// How many matrices of which extents are multiplied.
  public struct Geometry {
    /// How many products there are.
    public let batch: Shape
    /// The extents of the matrices: A [rows, depth] times B [depth, columns].
    public let rows: Int, depth: Int, columns: Int
    /// For each axis of `batch`, how many matrices of A and of B lie between neighbouring products.
    public var leftStrides: [Int] { leftBatch.broadcastStrides(to: batch) }
    /// See `leftStrides`.
    public var rightStrides: [Int] { rightBatch.broadcastStrides(to: batch) }
    /// For each product, which matrix of A and of B it takes.
    var left: [Int] { batch.offsets(strides: leftStrides) }
    var right: [Int] { batch.offsets(strides: rightStrides) }
    private let leftBatch: Shape, rightBatch: Shape

    /// The products of operands of the given shapes.
    ///
    /// - Throws: A diagnostic if they do not fit each other.
    public init(_ a: Shape, _ b: Shape) throws(Diagnostic) {
      try require(
        a.rank >= 1 && b.rank >= 1, "operands should have at least one axis, but have shapes [\(a)] and [\(b)]")
      let left = a.rank == 1 ? [1] + a.extents : a.extents
      let right = b.rank == 1 ? b.extents + [1] : b.extents
      (rows, depth, columns) = (left[left.count - 2], left[left.count - 1], right[right.count - 1])
      try require(
        right[right.count - 2] == depth,
        "cannot multiply [\(a)] by [\(b)]: A has rows of \(depth) elements, but B has \(right[right.count - 2]) rows")
      (leftBatch, rightBatch) = (Shape(left.dropLast(2)), Shape(right.dropLast(2)))
      batch = try Shape.broadcast([leftBatch, rightBatch])
    }
  }

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let element = try operands.commonElement(.numbers)
    let (a, b) = (operands.first.shape, operands.required(1).shape)
    let geometry = try Geometry(a, b)
    let matrix = (a.rank == 1 ? [] : [geometry.rows]) + (b.rank == 1 ? [] : [geometry.columns])
    return [TensorType(element, Shape(geometry.batch.extents + matrix))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (a, b) = (operands.first, operands.required(1))
    let geometry = try Geometry(a.shape, b.shape)
    guard geometry.depth > 0, results[0].elementCount > 0 else {
      return [Tensor(results[0], integers: repeatElement(0, count: results[0].elementCount))]
    }
    func products<Number>(
      _ a: [Number], _ b: [Number], _ product: (ArraySlice<Number>, ArraySlice<Number>, Int) -> [Number]
    ) -> [Number] {
      let (size, other) = (geometry.rows * geometry.depth, geometry.depth * geometry.columns)
      return zip(geometry.left, geometry.right).flatMap { left, right in
        product(a[left * size..<(left + 1) * size], b[right * other..<(right + 1) * other], geometry.columns)
      }
    }
    if a.element.isFloat {
      return [Tensor(results[0], reals: products(a.reals, b.reals) { matrixProduct($0, $1, columns: $2) })]
    }
    let sums = products(a.wrappedIntegers, b.wrappedIntegers) { matrixProduct($0, $1, columns: $2) }
    return [Tensor(results[0], integers: sums.map { Int128($0) })]
  }
}
