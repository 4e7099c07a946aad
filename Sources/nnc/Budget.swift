import IR

/// How much of the device a model may take.
struct Budget {
  /// The largest arena, in bytes.
  var ram: Int?
  /// The most bytes of weights.
  var flash: Int?

  /// Throws a diagnostic that names the largest contributors if `report` exceeds the budget.
  func check(_ report: Report) throws(Diagnostic) {
    var faults: [String] = []
    if let flash, report.flashBytes > flash {
      faults.append(
        Self.excess("the weights take", report.flashBytes, "--flash", flash)
          + Self.list("the largest are", report.constants.map { ("\($0.name) \($0.type)", $0.bytes) })
          + "\n  fewer channels or features in these layers make them smaller")
    }
    if let ram, report.arenaBytes > ram {
      let step = report.steps.indices.max { report.steps[$0].liveBytes < report.steps[$1].liveBytes } ?? 0
      let live = report.memoryMap.filter { ($0.firstStep...$0.lastStep).contains(step + 1) }
      let name = report.steps.isEmpty ? "" : report.steps[step].name
      var fault = Self.excess("the arena takes", report.arenaBytes, "--ram", ram)
      fault += Self.list(
        "most is live at step \(step + 1), '\(name)'", live.map { ($0.values.joined(separator: ", "), $0.bytes) })
      fault += "\n  smaller inputs, a smaller batch or fewer channels around this step make them smaller"
      if report.arenaLowerBound <= ram {
        fault += "\n  the live bytes alone, \(report.arenaLowerBound), would fit: a little less at other steps may do"
      }
      faults.append(fault)
    }
    if !faults.isEmpty { throw Diagnostic("the model exceeds its budget: " + faults.joined(separator: "\n")) }
  }

  private static func excess(_ what: String, _ bytes: Int, _ option: String, _ limit: Int) -> String {
    "\(what) \(bytes) bytes, \(bytes - limit) more than \(option) allows (\(limit))"
  }

  /// The three largest of some contributors.
  private static func list(_ title: String, _ contributors: [(name: String, bytes: Int)]) -> String {
    let order = contributors.indices.sorted { (contributors[$1].bytes, $0) < (contributors[$0].bytes, $1) }
    let largest = order.prefix(3).map { "\n    \(contributors[$0].bytes) bytes  \(contributors[$0].name)" }
    return largest.isEmpty ? "" : "\n  \(title):" + largest.joined()
  }
}
