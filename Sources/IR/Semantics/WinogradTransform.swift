/// The transformations by which a convolution with windows of 3x3 becomes products of single elements: F(4x4, 3x3) of Lavin and
/// Gray, "Fast Algorithms for Convolutional Neural Networks" (CVPR 2016), section 4.
///
/// A tile of 6x6 elements of the data gives 4x4 elements of the result: Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A, with 36 products in the place
/// of 144.
public enum WinogradTransform {
  /// The extents of a tile of the data, of the kernel, and of a tile of the result.
  public static let (data, kernel, result) = (6, 3, 4)
  /// How many elements a transformed tile has.
  public static let places = data * data

  /// Bᵀ, which transforms data.
  static let ofData: [[Double]] = [
    [4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0], [0, -2, -1, 2, 1, 0], [0, 2, -1, -2, 1, 0],
    [0, 4, 0, -5, 0, 1],
  ]

  /// G, which transforms a kernel.
  static let ofKernel: [[Double]] = {
    let (fourth, sixth, twelfth, small) = (0.25, 1.0 / 6, 1.0 / 12, 1.0 / 24)
    return [
      [fourth, 0, 0], [-sixth, -sixth, -sixth], [-sixth, sixth, -sixth], [small, twelfth, sixth],
      [small, -twelfth, sixth], [0, 0, 1],
    ]
  }()

  /// Aᵀ, which makes a tile of the result of sums.
  static let ofSums: [[Double]] = [
    [1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1],
  ]

  /// Returns M t Mᵀ, row by row, for a square tile t.
  static func apply(_ matrix: [[Double]], to tile: [Double]) -> [Double] {
    transposedProduct(matrix, transposedProduct(matrix, tile))
  }

  /// Returns (M t)ᵀ, row by row.
  private static func transposedProduct(_ matrix: [[Double]], _ tile: [Double]) -> [Double] {
    let columns = tile.count / matrix[0].count
    var result: [Double] = []
    for column in 0..<columns {
      for factors in matrix {
        var sum = 0.0
        for (row, factor) in factors.enumerated() { sum += factor * tile[row * columns + column] }
        result.append(sum)
      }
    }
    return result
  }
}
