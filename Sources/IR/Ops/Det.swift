/// The determinant of each square matrix along the last two axes.
public struct Det: Operation {
  public static let name = "Det"
  public static let operands: Signature = ["X"]
  public init() {}

  public func resultTypes(_ operands: Operands<Operand>) throws -> [TensorType] {
    let element = try operands.commonElement()
    let x = operands.first.type
    guard let (rows, columns) = x.shape.matrix, rows == columns else {
      throw Diagnostic("takes square matrices, but X is \(x)")
    }
    return [TensorType(element, Shape(x.shape.dropLast(2)))]
  }

  public func evaluate(_ operands: Operands<Tensor>, _ results: [TensorType]) throws -> [Tensor] {
    let (x, size) = (operands.first.reals, operands.first.shape.matrix!.rows)
    let matrices = (0..<results[0].elementCount).map { x[$0 * size * size..<($0 + 1) * size * size] }
    return [Tensor(results[0], reals: matrices.map { determinant(of: Array($0), size: size) })]
  }

  /// By elimination, with the element of the largest magnitude of each column as the pivot.
  private func determinant(of matrix: [Double], size: Int) -> Double {
    var (m, product) = (matrix, 1.0)
    for column in 0..<size {
      let pivot = (column + 1..<size).reduce(column) {
        m[$1 * size + column].magnitude > m[$0 * size + column].magnitude ? $1 : $0
      }
      if pivot != column {
        for index in column..<size { m.swapAt(pivot * size + index, column * size + index) }
        product = -product
      }
      let first = m[column * size + column]
      product *= first
      if first == 0 { break }
      for row in column + 1..<size {
        let factor = m[row * size + column] / first
        for index in column + 1..<size { m[row * size + index] -= factor * m[column * size + index] }
      }
    }
    return product
  }
}

extension Shape {
  /// The extents of the last two axes, if there are so many.
  public var matrix: (rows: Int, columns: Int)? { rank >= 2 ? (self[rank - 2], self[rank - 1]) : nil }
}
