import IR

/// Measures how far the outputs of a changed model are from those of the model, on calibration data.
struct OutputMeter {
  /// What was measured.
  struct Measurement {
    /// How many samples there were.
    let count: Int
    /// For each output, the norm of the difference relative to that of the output.
    let errors: [(name: String, error: Double)]
    /// The share of labels that are recognised, in per cent.
    let accuracy: (before: Double, after: Double)?

    /// By how many points the accuracy has fallen.
    var accuracyLoss: Double? { accuracy.map { $0.before - $0.after } }
  }

  private let calibration: Calibration
  private let context: PassContext
  private let expected: [[Tensor]]
  private let names: [String]

  /// Runs the model on all samples.
  init(_ model: Graph, _ calibration: Calibration, _ context: PassContext) throws {
    (self.calibration, self.context) = (calibration, context)
    names = model.outputs.map(\.name)
    let run = try context.prepare(model)
    expected = try calibration.samples.map(run)
    guard let labels = calibration.labels, let scores = expected.first?.first else { return }
    let rows = scores.shape.elementCount(of: 0..<max(0, scores.shape.rank - 1)) * expected.count
    guard labels.count == rows else {
      throw PassRefusal(
        "the calibration data have \(labels.count) labels, but the output '\(names[0])' has \(rows) rows in all samples"
      )
    }
  }

  /// Runs a changed model on all samples.
  func measure(_ graph: Graph) throws -> Measurement {
    let run = try context.prepare(graph)
    let found = try calibration.samples.map(run)
    let errors = names.indices.map { output -> (name: String, error: Double) in
      var (error, square) = (0.0, 0.0)
      for (found, expected) in zip(found, expected) {
        for (a, b) in zip(found[output].reals, expected[output].reals) {
          error += (a - b) * (a - b)
          square += b * b
        }
      }
      return (names[output], square > 0 ? (error / square).squareRoot() : error > 0 ? Double.infinity : 0)
    }
    return Measurement(
      count: expected.count, errors: errors,
      accuracy: calibration.labels.map { labels in (before: share(expected, labels), after: share(found, labels)) })
  }

  /// The share of rows whose greatest element is the one that the label says, in per cent.
  private func share(_ outputs: [[Tensor]], _ labels: [Int]) -> Double {
    let rows = outputs.flatMap { outputs -> [Int] in
      let (scores, count) = (outputs[0].reals, max(1, outputs[0].shape.last ?? 1))
      return stride(from: 0, to: scores.count, by: count).map { start in
        let row = scores[start..<start + count]
        return row.firstIndex(of: row.max()!).map { $0 - start } ?? 0
      }
    }
    return 100 * Double(zip(rows, labels).count { $0 == $1 }) / Double(max(1, labels.count))
  }
}

extension OutputMeter.Measurement: CustomStringConvertible {
  /// The measurement in words.
  var description: String {
    var words = errors.map { "output '\($0.name)' error \($0.error.inThreeDigits)" }
    if let accuracy {
      words.append("accuracy \(accuracy.before.inThreeDigits) % -> \(accuracy.after.inThreeDigits) %")
    }
    return words.joined(separator: ", ") + (count == 1 ? " on 1 sample" : " on \(count) samples")
  }
}

extension Double {
  /// The number to three digits behind the point, without zeros at its end.
  var inThreeDigits: String {
    guard magnitude < 1e12 else { return "\(self)" }
    let rounded = (self * 1000).rounded() / 1000
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }
}
