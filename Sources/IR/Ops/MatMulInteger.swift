/// The matrix product of quantized numbers, A minus its zero points times B minus its zero points, as sums of type i32,
/// which wrap. Shapes are those of `MatMul`.
///
/// A and B have elements of type i8 or u8. There is one zero point of A for all or for each row, and one of B for all or
/// for each column.
public struct MatMulInteger: Operation {
  public static let name = "MatMulInteger"
  public static let operands: Signature = ["A", "B", "a_zero_point?", "b_zero_point?"]

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    for (index, name) in ["A", "B"].enumerated() {
      let element = try operands.requireElement(index, name, oneOf: [.i8, .u8])
      let parameter = Self.operands.name(at: index + 2)
      try operands.requireZeroPoint(index + 2, parameter, of: element)
    }
    let geometry = try MatMul.Geometry(operands.first.shape, operands.required(1).shape)
    try operands.requireSingle(2, "a_zero_point", orOneFor: geometry.rows, "rows of A", axis: 2)
    try operands.requireSingle(3, "b_zero_point", orOneFor: geometry.columns, "columns of B", axis: 1)
    return [TensorType(.i32, geometry.resultShape(operands.first.shape, operands.required(1).shape))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let sums = try integerProduct(
      operands.first, operands.required(1), zeros: operands.zeroPoints(2), operands.zeroPoints(3))
    return [Tensor(sums, shape: results[0].shape)]
  }
}

/// The matrix product of quantized numbers, itself quantized: the sums of `MatMulInteger` times a_scale · b_scale /
/// y_scale, rounded to the nearest integer (of two the even one), plus the zero point of y, held within its range.
///
/// All are of type i8 or u8. There is one scale and zero point of a and y for all or for each row, and one of b for all
/// or for each column. The scales, which may be half-precision floats, are multiplied and divided as f32 numbers, in this
/// order, and so are the sums.
public struct QLinearMatMul: Operation {
  public static let name = "QLinearMatMul"
  public static let operands: Signature = [
    "a", "a_scale", "a_zero_point", "b", "b_scale", "b_zero_point", "y_scale", "y_zero_point",
  ]

  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let (a, b) = (operands.first.shape, operands.required(3).shape)
    for (index, name) in [(0, "a"), (3, "b")] {
      let element = try operands.requireElement(index, name, oneOf: [.i8, .u8])
      try operands.requireZeroPoint(index + 2, "\(name)_zero_point", of: element)
    }
    let result = try operands.requireElement(7, "y_zero_point", oneOf: [.i8, .u8])
    let scale = try operands.requireElement(1, "a_scale", oneOf: [.f32, .f16, .bf16])
    for index in [4, 6] { _ = try operands.requireElement(index, Self.operands.name(at: index), oneOf: [scale]) }
    let geometry = try MatMul.Geometry(a, b)
    for index in [1, 2, 6, 7] {
      try operands.requireSingle(
        index, Self.operands.name(at: index), orOneFor: geometry.rows, "rows of a", axis: 2)
    }
    for index in [4, 5] {
      try operands.requireSingle(
        index, Self.operands.name(at: index), orOneFor: geometry.columns, "columns of b", axis: 1)
    }
    return [TensorType(result, geometry.resultShape(a, b))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (a, b) = (operands.first, operands.required(3))
    let geometry = try MatMul.Geometry(a.shape, b.shape)
    let sums = try integerProduct(a, b, zeros: operands.zeroPoints(2), operands.zeroPoints(5))
    let scales = [1, 4, 6].map { operands.required($0).reals.map { Float($0) } }
    let (zeros, quantize) = (operands.zeroPoints(7), Quantizer(results[0].element))
    let quantized = sums.enumerated().map { index, sum in
      let (row, column) = (index / geometry.columns % geometry.rows, index % geometry.columns)
      let factor = scales[0].shared(row) * scales[1].shared(column) / scales[2].shared(row)
      return quantize(Float(sum) * factor, zero: zeros.shared(row))
    }
    return [Tensor(results[0], integers: quantized)]
  }
}

extension MatMul.Geometry {
  /// The shape of the product of operands of the given shapes, of which those with one axis have none in it.
  func resultShape(_ a: Shape, _ b: Shape) -> Shape {
    Shape(batch.extents + (a.rank == 1 ? [] : [rows]) + (b.rank == 1 ? [] : [columns]))
  }
}

/// The sums of the product of `a` minus its zero points, one for all or for each row, and `b` minus its zero points, one
/// for all or for each column.
private func integerProduct(_ a: Tensor, _ b: Tensor, zeros aZeros: [Int32], _ bZeros: [Int32]) throws -> [Int32] {
  let geometry = try MatMul.Geometry(a.shape, b.shape)
  let (rows, depth, columns) = (geometry.rows, geometry.depth, geometry.columns)
  guard depth > 0, rows > 0, columns > 0 else {
    return [Int32](repeating: 0, count: geometry.batch.elementCount * rows * columns)
  }
  let left = a.wrappedIntegers.enumerated().map { $1 - Int64(aZeros.shared($0 / depth % rows)) }
  let right = b.wrappedIntegers.enumerated().map { $1 - Int64(bZeros.shared($0 % columns)) }
  return zip(geometry.left, geometry.right).flatMap { leftIndex, rightIndex in
    let (first, second) = (leftIndex * rows * depth, rightIndex * depth * columns)
    return matrixProduct(left[first..<first + rows * depth], right[second..<second + depth * columns], columns: columns)
      .map { Int32(truncatingIfNeeded: $0) }
  }
}
