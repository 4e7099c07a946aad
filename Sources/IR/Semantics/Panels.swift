/// The order in which packed weights lie in memory.
///
/// The columns of a matrix [rows, columns] are divided into panels of `width` neighbours, the last one narrower if need
/// be: [panel][row][lane]. So a kernel that computes `width` results at a time reads weights one after the other.
public enum Panels {
  /// For each packed element, its index in `count` matrices [rows, columns] that lie one after the other.
  public static func order(count: Int = 1, rows: Int, columns: Int, width: Int) -> [Int] {
    // So that a width beyond all columns cannot overflow.
    let width = min(width, max(columns, 1))
    var order: [Int] = []
    for matrix in 0..<count {
      for first in stride(from: 0, to: columns, by: width) {
        for row in 0..<rows {
          let start = (matrix * rows + row) * columns
          order += (start + first)..<(start + min(first + width, columns))
        }
      }
    }
    return order
  }

  /// How many columns make a panel of weights of 8 bits, and how many rows a block; kernels count on both.
  static let (dotLanes, dotBlock) = (4, 16)

  /// The same for weights of 8 bits, whose kernels take neighbours in a column at once: [panel][block][lane][row], where
  /// the last block of each panel has fewer rows if need be.
  public static func dotOrder(count: Int = 1, rows: Int, columns: Int) -> [Int] {
    var order: [Int] = []
    for matrix in 0..<count {
      for first in stride(from: 0, to: columns, by: dotLanes) {
        for block in stride(from: 0, to: rows, by: dotBlock) {
          for column in first..<min(first + dotLanes, columns) {
            for row in block..<min(block + dotBlock, rows) { order.append((matrix * rows + row) * columns + column) }
          }
        }
      }
    }
    return order
  }

  /// Returns filters [outputs, inputs / group, kh, kw] in the order `order` of matrices
  /// [group][tap, input][output].
  static func pack(filters: Tensor, group: Int, _ order: [Int]) -> Tensor {
    let shape = filters.shape
    let (fanOut, fanIn, taps) = (shape[0] / group, shape[1], shape[2] * shape[3])
    let indices = order.map { index in
      let (filter, channel) = (index % fanOut, index / fanOut % fanIn)
      let (tap, group) = (index / (fanOut * fanIn) % taps, index / (fanOut * fanIn * taps))
      return ((group * fanOut + filter) * fanIn + channel) * taps + tap
    }
    return filters.gathering(indices, shape: [order.count])
  }

  /// Returns the matrices whose elements `packed` has in the order `order`.
  public static func unpack<Number>(_ packed: [Number], _ order: [Int]) -> [Number] {
    var result = packed
    for (position, index) in order.enumerated() { result[index] = packed[position] }
    return result
  }
}
