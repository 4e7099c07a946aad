import Glibc

/// A symmetric positive definite matrix as the product of a lower triangle L and its transposition.
struct CholeskyFactor {
  /// The number of rows.
  let size: Int
  /// The rows of L, of which what lies above the diagonal is not used.
  private var rows: [Double]

  /// Factors a matrix; nil where it is not positive definite, or nearly not.
  init?(_ matrix: [Double], size: Int) {
    self.size = size
    rows = matrix
    let least = (0..<size).map { 1e-10 * matrix[$0 * size + $0] }
    let isDefinite = rows.withUnsafeMutableBufferPointer { buffer -> Bool in
      var column = [Double](repeating: 0, count: size)
      return column.withUnsafeMutableBufferPointer { column in
        for pivot in 0..<size {
          guard buffer[pivot * size + pivot] > max(0, least[pivot]) else { return false }
          Self.eliminate(buffer, column, pivot, size)
        }
        return true
      }
    }
    if !isDefinite { return nil }
  }

  /// Computes a column of L, and takes its products out of what is left of the matrix.
  private static func eliminate(
    _ matrix: UnsafeMutableBufferPointer<Double>, _ column: UnsafeMutableBufferPointer<Double>, _ pivot: Int,
    _ size: Int
  ) {
    let root = matrix[pivot * size + pivot].squareRoot()
    matrix[pivot * size + pivot] = root
    for row in pivot + 1..<max(size, pivot + 1) {
      let line = matrix.baseAddress! + row * size
      let factor = line[pivot] / root
      line[pivot] = factor
      // A copy of the column side by side lets the processor take several at once.
      column[row] = factor
      if factor == 0 { continue }
      for other in pivot + 1...row { line[other] -= factor * column[other] }
    }
  }

  /// The vector that the matrix makes `right` of.
  func solve(_ right: [Double]) -> [Double] {
    var result = right
    rows.withUnsafeBufferPointer { buffer in
      result.withUnsafeMutableBufferPointer { x in
        for row in 0..<size {
          let line = buffer.baseAddress! + row * size
          var sum = x[row]
          for index in 0..<row { sum -= line[index] * x[index] }
          x[row] = sum / line[row]
        }
        for row in (0..<size).reversed() {
          // By rows of L, which are columns of its transposition.
          let line = buffer.baseAddress! + row * size
          let value = x[row] / line[row]
          x[row] = value
          for index in 0..<row { x[index] -= line[index] * value }
        }
      }
    }
    return result
  }

  /// The inverse of the matrix.
  var inverse: [Double] {
    var result: [Double] = []
    result.reserveCapacity(size * size)
    for row in 0..<size {
      var unit = [Double](repeating: 0, count: size)
      unit[row] = 1
      result += solve(unit)
    }
    return result
  }

  /// The transposition of L, with zeros below the diagonal.
  var upperTriangle: [Double] {
    var result = [Double](repeating: 0, count: size * size)
    for row in 0..<size {
      for column in 0...row { result[column * size + row] = rows[row * size + column] }
    }
    return result
  }
}
