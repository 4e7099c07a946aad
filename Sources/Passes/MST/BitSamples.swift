import IR

/// Rows of bits that a layer takes from samples of its data, one for each place of its result that was looked at.
struct BitSamples {
  /// How many bits a row has.
  let length: Int
  /// How many words of 64 bits a row takes.
  let wordCount: Int
  private(set) var rows: [[UInt64]] = []

  /// Creates an empty list of rows.
  init(length: Int) { (self.length, wordCount) = (length, (length + 63) / 64) }

  /// Adds what a layer takes from bits [N, H, W, C] at some of its places, numbered [n][y][x]. Windows must lie inside.
  mutating func add(_ x: Tensor, _ window: Window, at places: [Int]) {
    let (codes, shape, axes) = (x.codes, x.shape, window.axes)
    for place in places {
      let (image, pixel) = (place / window.outputCount, place % window.outputCount)
      let (y, column) = (pixel / axes[1].output, pixel % axes[1].output)
      var row = [UInt64](repeating: 0, count: wordCount)
      var index = 0
      for ky in 0..<axes[0].kernel {
        for kx in 0..<axes[1].kernel {
          let inputY = axes[0].start(of: y) + ky * axes[0].dilation
          let inputX = axes[1].start(of: column) + kx * axes[1].dilation
          let first = ((image * shape[1] + inputY) * shape[2] + inputX) * shape[3]
          for code in codes[first..<first + shape[3]] {
            row[index / 64] |= UInt64(code) << UInt64(index % 64)
            index += 1
          }
        }
      }
      rows.append(row)
    }
  }

  /// The sum of products of each row with weights of +1 and -1.
  func sums(_ weights: [UInt64]) -> [Int] {
    rows.map { length - 2 * $0.span.differenceCount(weights.span) }
  }

  /// The covariances [length][length] of the columns, as numbers +1 and -1, with those of as many other rows.
  func covariances(with other: BitSamples) -> [Float] {
    let (columns, others) = (transposed(), other.transposed())
    func means(_ columns: [[UInt64]]) -> [Float] {
      columns.map { 2 * Float($0.reduce(0) { $0 + $1.nonzeroBitCount }) / Float(rows.count) - 1 }
    }
    let (columnMeans, otherMeans) = (means(columns), means(others))
    var result = [Float](repeating: 0, count: length * length)
    for i in 0..<length {
      for j in 0..<length {
        let (column, other) = (columns[i], others[j])
        let share = Float(column.span.differenceCount(other.span)) / Float(rows.count)
        result[i * length + j] = 1 - 2 * share - columnMeans[i] * otherMeans[j]
      }
    }
    return result
  }

  /// The bits of each column, in words.
  private func transposed() -> [[UInt64]] {
    var columns = [[UInt64]](repeating: [UInt64](repeating: 0, count: (rows.count + 63) / 64), count: length)
    for (number, row) in rows.enumerated() {
      for column in 0..<length where row[column / 64] >> UInt64(column % 64) & 1 == 1 {
        columns[column][number / 64] |= 1 << UInt64(number % 64)
      }
    }
    return columns
  }
}
