import IR
import Passes

/// The feed-forward blocks of a model as text, for `nnc inspect --ffn`.
struct FeedForwardTable {
  let text: String

  init(_ graph: Graph, _ calibration: CalibrationArguments) throws {
    let canonical = try PassRunner().run(Pipeline.canonicalize, on: graph)
    let blocks = try canonical.feedForwardSummaries(calibration.context(for: graph))
    guard !blocks.isEmpty else {
      text = "there are no feed-forward blocks: two products with constant matrices and an activation between them\n"
      return
    }
    let isMeasured = blocks[0].measured != nil
    let head =
      ["  block", "activation", "sizes", "products", "of MACs"]
      + (isMeasured ? ["zeros", "small", "heavy", "rank"] : [])
    let all = Double(max(1, graph.multiplyAccumulates))
    let rows = blocks.map { block in
      let macs = block.rows * block.productCount
      return [
        "  " + block.name, (block.isGated ? "gated " : "") + block.activation,
        "\(block.depth) -> \(block.neurons) -> \(block.columns)", "\(block.productCount)",
        Self.percent(Double(macs) / all),
      ]
        + (block.measured.map {
          [Self.percent($0.zeros), Self.percent($0.small), Self.percent($0.heavy), "\(($0.rank * 10).rounded() / 10)"]
        } ?? [])
    }
    var text = "feed-forward blocks\n" + alignedTable([head] + rows, numbers: Set(3..<head.count))
    if let measured = blocks[0].measured {
      text += """

        On \(measured.rowCount) rows: zeros are values of neurons that are 0, small those that add less than a
        hundredth of what the largest of the row adds; heavy is the share of neurons that add half of all; rank is the
        participation ratio.

        """
    }
    self.text = text
  }

  private static func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
}
