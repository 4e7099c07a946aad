/// The sums of a matrix product, `left` [rows, depth] times `right` [depth, columns].
///
/// It walks along rows of `right`, so that the inner loop reads and writes neighbours.
func matrixProduct(_ left: ArraySlice<Double>, _ right: ArraySlice<Double>, columns: Int) -> [Double] {
  product(left, right, columns: columns, zero: 0) { $0 += $1 * $2 }
}

/// The sums of a matrix product of integers, wrapped to 64 bits, and so to any narrower width.
func matrixProduct(_ left: ArraySlice<Int64>, _ right: ArraySlice<Int64>, columns: Int) -> [Int64] {
  product(left, right, columns: columns, zero: 0) { $0 &+= $1 &* $2 }
}

@inline(__always)
private func product<Number: BitwiseCopyable>(
  _ left: ArraySlice<Number>, _ right: ArraySlice<Number>, columns: Int, zero: Number,
  _ addProduct: (inout Number, Number, Number) -> Void
) -> [Number] {
  let depth = columns == 0 ? 0 : right.count / columns
  let rows = depth == 0 ? 0 : left.count / depth
  var sums = [Number](repeating: zero, count: rows * columns)
  left.withUnsafeBufferPointer { left in
    right.withUnsafeBufferPointer { right in
      sums.withUnsafeMutableBufferPointer { sums in
        for row in 0..<rows {
          let sum = UnsafeMutableBufferPointer(rebasing: sums[row * columns..<(row + 1) * columns])
          for index in 0..<depth {
            let factor = left[row * depth + index]
            let line = UnsafeBufferPointer(rebasing: right[index * columns..<(index + 1) * columns])
            for column in 0..<columns { addProduct(&sum[column], factor, line[column]) }
          }
        }
      }
    }
  }
  return sums
}

extension Tensor {
  /// The elements as 64-bit integers; those of u64 wrap.
  var wrappedIntegers: [Int64] { integers.map { Int64(truncatingIfNeeded: $0) } }
}
