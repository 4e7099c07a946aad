import IR
import Targets

/// What a layer is expected to cost with all of its weights and without the zeros among them, in the unit of the target's costs.
struct SparseLayerCosts {
  /// With all of them.
  private(set) var dense: Double
  /// Without the zeros.
  let sparse: Double
  /// How many rows of the result are computed at once.
  let band: Int
}

extension SparseLayerCosts {
  /// The same beside a dense convolution by tiles, where that is faster than by windows.
  func beside(_ winograd: WinogradCosts?) -> SparseLayerCosts {
    var costs = self
    if let winograd, winograd.windows > 0 { costs.dense *= min(1, winograd.tiles / winograd.windows) }
    return costs
  }

  /// Estimates a convolution.
  ///
  /// - Parameter axes: How its window moves.
  init(_ weights: SparseMatrix, axes: [WindowAxis], images: Int, channels: Int, on target: Target) {
    let costs = target.sparseCosts
    func planes(_ band: Int) -> SparsePlanes { SparsePlanes(axes, channels: channels, band: band) }
    let rows = axes[0].output
    let limit = (1...max(1, rows)).last { 4 * planes($0).elementCount <= target.bandBytes } ?? 1
    let bandCount = (rows + limit - 1) / limit
    let band = max(1, (rows + bandCount - 1) / max(1, bandCount))
    let copy = planes(band)
    let (values, outputs) = (Double(weights.values.count), Double(weights.rows))
    let pixels = Double(images * rows * axes[1].output)
    let eights = Double((copy.pixelCount + 7) / 8)
    let perBand =
      Double(copy.elementCount) * costs.copy + values * (costs.list + eights * costs.value)
      + outputs * (costs.channel + eights * costs.eight)
    self.init(
      dense: pixels * outputs * (Double(weights.columns) * costs.product + costs.sum),
      sparse: Double(images * bandCount) * perBand + pixels * outputs * costs.store, band: band)
  }

  /// Estimates the product of some rows with a matrix.
  init(_ weights: SparseMatrix, rows: Int, on target: Target) {
    guard rows == 1 else {
      // Rows are pixels side by side.
      var columns = WindowAxis.single
      (columns.input, columns.output) = (rows, rows)
      self.init(weights, axes: [.single, columns], images: 1, channels: weights.columns, on: target)
      return
    }
    let (costs, outputs) = (target.sparseCosts, Double(weights.rows))
    self.init(
      dense: outputs * (Double(weights.columns) * costs.rowProduct + costs.sum),
      sparse: Double(weights.values.count) * costs.rowValue + outputs * costs.channel, band: 1)
  }
}
