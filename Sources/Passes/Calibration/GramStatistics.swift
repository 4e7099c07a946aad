/// What of the rows of data that a layer takes decides how well other weights serve: sums of products of their columns.
///
/// The last column is 1, for the bias. The rows come twice: as the model has them, and as they are after the layers before
/// have been changed, which the new weights will meet.
struct GramStatistics {
  /// How many columns there are, with that of ones.
  let size: Int
  /// For each pair of columns, the sum of products of the changed rows.
  private(set) var changed: [Double]
  /// The same of changed rows with rows of the model; nil where they are the same.
  private(set) var mixed: [Double]?
  /// The same of rows of the model; nil where they are the same.
  private(set) var original: [Double]?
  /// How many rows there are.
  private(set) var rowCount = 0

  /// Creates sums over no rows.
  ///
  /// - Parameter length: How many elements a row has.
  /// - Parameter isChanged: Whether changed rows differ from those of the model.
  init(length: Int, isChanged: Bool) {
    size = length + 1
    changed = [Double](repeating: 0, count: size * size)
    if isChanged { (mixed, original) = (changed, changed) }
  }

  /// The sums for targets: of changed rows with those of the model.
  var target: [Double] { mixed ?? changed }
  /// The sums for the size of targets.
  var targetSquare: [Double] { original ?? changed }

  /// Adds rows of `size` elements, the last of which is 1.
  mutating func add(original rows: [Double], changed newRows: [Double]) {
    let count = newRows.count / size
    rowCount += count
    Self.addProducts(newRows, newRows, count, size, isSymmetric: true, to: &changed)
    guard mixed != nil else { return }
    Self.addProducts(newRows, rows, count, size, isSymmetric: false, to: &mixed!)
    Self.addProducts(rows, rows, count, size, isSymmetric: true, to: &original!)
  }

  /// Completes the sums after the last rows: those of symmetric matrices have been added up on one side only.
  mutating func finish() {
    Self.mirror(&changed, size)
    if original != nil { Self.mirror(&original!, size) }
  }

  private static func mirror(_ sums: inout [Double], _ size: Int) {
    for row in 1..<size {
      for column in 0..<row { sums[row * size + column] = sums[column * size + row] }
    }
  }

  /// sums += the products of each column of `a` with each of `b`, four rows at a time so that sums are read less often.
  private static func addProducts(
    _ a: [Double], _ b: [Double], _ count: Int, _ size: Int, isSymmetric: Bool, to sums: inout [Double]
  ) {
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        sums.withUnsafeMutableBufferPointer { sums in
          var row = 0
          while row + 4 <= count {
            let (p, q) = (a.baseAddress! + row * size, b.baseAddress! + row * size)
            for i in 0..<size {
              let (x0, x1, x2, x3) = (p[i], p[size + i], p[2 * size + i], p[3 * size + i])
              // Data behind an activation have many zeros.
              if x0 == 0, x1 == 0, x2 == 0, x3 == 0 { continue }
              let line = sums.baseAddress! + i * size
              for j in (isSymmetric ? i : 0)..<size {
                line[j] += x0 * q[j] + x1 * q[size + j] + (x2 * q[2 * size + j] + x3 * q[3 * size + j])
              }
            }
            row += 4
          }
          while row < count {
            let (p, q) = (a.baseAddress! + row * size, b.baseAddress! + row * size)
            for i in 0..<size where p[i] != 0 {
              let (x, line) = (p[i], sums.baseAddress! + i * size)
              for j in (isSymmetric ? i : 0)..<size { line[j] += x * q[j] }
            }
            row += 1
          }
        }
      }
    }
  }
}

/// What decides how well weights of one channel serve on calibration data: the squared error of its results is
/// `square - 2 * (right * q) + q * matrix * q` for new weights q, the last of which is the bias.
struct ChannelObjective {
  let size: Int
  /// Shared by all channels.
  let matrix: [Double]
  let right: [Double]
  let square: Double

  /// matrix * vector.
  func product(_ vector: [Double]) -> [Double] { multiply(matrix, vector, size) }

  /// The squared error of the results with weights `vector`, the bias last.
  func squaredError(_ vector: [Double]) -> Double {
    let product = product(vector)
    var sum = square
    for index in 0..<size { sum += vector[index] * (product[index] - 2 * right[index]) }
    return max(sum, 0)
  }
}

/// The product of a square matrix with a vector.
func multiply(_ matrix: [Double], _ vector: [Double], _ size: Int) -> [Double] {
  var result = [Double](repeating: 0, count: size)
  matrix.withUnsafeBufferPointer { matrix in
    vector.withUnsafeBufferPointer { vector in
      result.withUnsafeMutableBufferPointer { result in
        // The matrix is read by rows: of symmetric ones this is as good as by columns, and others are given as they are.
        for row in 0..<size {
          let line = matrix.baseAddress! + row * size
          var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
          var column = 0
          while column + 4 <= size {
            a += line[column] * vector[column]
            b += line[column + 1] * vector[column + 1]
            c += line[column + 2] * vector[column + 2]
            d += line[column + 3] * vector[column + 3]
            column += 4
          }
          while column < size {
            a += line[column] * vector[column]
            column += 1
          }
          result[row] = (a + b) + (c + d)
        }
      }
    }
  }
  return result
}

extension ChannelObjective {
  /// The results of the model are the target.
  init(_ vector: [Double], _ statistics: GramStatistics) {
    let square = dot(vector, multiply(statistics.targetSquare, vector, statistics.size))
    self.init(
      size: statistics.size, matrix: statistics.changed, right: multiply(statistics.target, vector, statistics.size),
      square: square)
  }
}
