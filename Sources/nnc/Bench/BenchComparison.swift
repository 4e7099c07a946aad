import IR

/// What became slower and faster since an earlier run.
package struct BenchComparison {
  /// Something that both runs timed.
  struct Change {
    let name: String
    let before: Double
    let now: Double

    /// How much slower or faster it became; by which part, where it took any time.
    var text: String {
      let direction = now < before ? "faster" : "slower"
      return before > 0 ? "\(percent(abs(now / before - 1))) \(direction)" : direction
    }
  }

  /// The model as a whole.
  let whole: Change
  /// Whether that is slower by more than the threshold.
  let isSlower: Bool
  /// The steps that are slower by more than the threshold, and those that are faster, in their order.
  let slowerSteps: [Change]
  let fasterSteps: [Change]
  /// The steps that only one of the runs timed.
  let newSteps: [String]
  let goneSteps: [String]
  /// In what the runs differ besides the model.
  let differences: [String]
  private let threshold: Double

  /// Compares two runs. A change counts where it is more than `threshold`, a part of the earlier time, and where the middle halves of
  /// the samples do not overlap; for a step also where it is more than a few times what it takes to tell the time.
  package init(_ earlier: BenchReport, _ later: BenchReport, threshold: Double) {
    self.threshold = threshold
    whole = Change(name: "the model", before: earlier.time.median, now: later.time.median)
    isSlower = Self.exceeds(threshold, earlier.time, earlier.time.median, later.time, later.time.median)
    differences = [
      ("machine", earlier.machine, later.machine), ("target", earlier.target, later.target),
      ("compiler", earlier.build.compiler, later.build.compiler),
      ("command", earlier.build.command, later.build.command),
      ("model", earlier.model, later.model),
    ].filter { $0.1 != $0.2 }.map { "the \($0.0) was \($0.1), and is \($0.2) now" }
    guard earlier.rest != nil, later.rest != nil else {
      (slowerSteps, fasterSteps, newSteps, goneSteps) = ([], [], [], [])
      return
    }
    let (before, now) = (Self.named(earlier.steps), Self.named(later.steps))
    let olds = Dictionary(before.map { ($0.name, $0.step) }, uniquingKeysWith: { first, _ in first })
    let names = Set(now.map(\.name))
    let least = 4 * max(earlier.clock, later.clock)
    let common = now.compactMap { entry in olds[entry.name].map { (entry.name, $0.time, entry.step.time) } }
    func changes(_ isChange: (BenchReport.Times, BenchReport.Times) -> Bool) -> [Change] {
      common.filter { abs($1.middle - $2.middle) > least && isChange($1, $2) }.map {
        Change(name: $0, before: $1.middle, now: $2.middle)
      }
    }
    slowerSteps = changes { Self.exceeds(threshold, $0, $0.middle, $1, $1.middle) }
    fasterSteps = changes { Self.exceeds(threshold, $1, $1.middle, $0, $0.middle) }
    newSteps = now.map(\.name).filter { olds[$0] == nil }
    goneSteps = before.map(\.name).filter { !names.contains($0) }
  }

  /// Whether something takes longer than before by more than the threshold, and more than by chance.
  private static func exceeds(
    _ threshold: Double, _ before: BenchReport.Times, _ old: Double, _ now: BenchReport.Times, _ new: Double
  ) -> Bool { new > old * (1 + threshold) && now.lowerQuartile > before.upperQuartile }

  /// The steps with names that differ: those of the same name and operation are counted.
  private static func named(_ steps: [BenchReport.Step]) -> [(name: String, step: BenchReport.Step)] {
    var counts: [String: Int] = [:]
    return steps.map { step in
      let name = "\(step.name) (\(step.operation))"
      counts[name, default: 0] += 1
      return (counts[name] == 1 ? name : "\(name) #\(counts[name]!)", step)
    }
  }

  /// The comparison for people who read it in a terminal.
  ///
  /// - Parameter path: What the earlier report is called.
  package func text(earlier path: String) -> String {
    var text = "Compared with \(path)\n\n"
    for difference in differences { text += "  note: \(difference)\n" }
    let changes = [whole] + slowerSteps + fasterSteps
    let rows = changes.map { ["  " + $0.name, decimal($0.before), decimal($0.now), $0.text] }
    text += alignedTable([["  what", "µs before", "now", ""]] + rows, numbers: [1, 2])
    if !newSteps.isEmpty { text += "  steps that were not there before: \(newSteps.joined(separator: ", "))\n" }
    if !goneSteps.isEmpty { text += "  steps that are gone: \(goneSteps.joined(separator: ", "))\n" }
    return text
  }

  /// What to say where something became slower.
  package func fault(earlier path: String) -> Diagnostic? {
    let slower = (isSlower ? [whole] : []) + slowerSteps
    guard !slower.isEmpty else { return nil }
    let list = slower.map {
      "\n  \($0.name): \(decimal($0.before)) µs before, \(decimal($0.now)) now, \($0.text)"
    }
    return Diagnostic("slower than in \(path) by more than \(percent(threshold)):" + list.joined())
  }
}
