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

  /// Returns the matrices whose elements `packed` has in the order `order`.
  static func unpack<Number>(_ packed: [Number], _ order: [Int]) -> [Number] {
    var result = packed
    for (position, index) in order.enumerated() { result[index] = packed[position] }
    return result
  }
}
