import CodegenC
import Host
import IR

/// How much of the device a model may take.
///
/// Where the C was compiled for its target, all RAM and flash that the model takes count, else what nnc knows by itself:
/// arena and weights.
struct Budget {
  /// The most bytes of RAM.
  var ram: Int?
  /// The most bytes of flash.
  var flash: Int?

  /// Throws a diagnostic that names the largest contributors if `report` exceeds the budget.
  func check(_ report: Report) throws(Diagnostic) {
    var faults: [String] = []
    if let flash { faults += Self.flashFault(report, limit: flash).map { [$0] } ?? [] }
    if let ram { faults += Self.memoryFault(report, limit: ram).map { [$0] } ?? [] }
    if !faults.isEmpty { throw Diagnostic("the model exceeds its budget: " + faults.joined(separator: "\n")) }
  }

  private static func flashFault(_ report: Report, limit: Int) -> String? {
    guard let footprint = report.footprint else {
      guard report.flashBytes > limit else { return nil }
      let constants = report.constants.filter { $0.form != .external }.map { ("\($0.name) \($0.type)", $0.bytes) }
      return excess("the weights take", report.flashBytes, "--flash", limit) + uncounted("code", report)
        + list("the largest are", constants) + "\n  fewer channels or features in these layers make them smaller"
    }
    guard footprint.flashBytes > limit else { return nil }
    let steps = report.steps.map { step in
      let weights = report.weights.form == .external ? 0 : step.weightBytes
      let code = (step.codeBytes ?? 0) + (step.tableBytes ?? 0)
      return ("\(step.name): \(weights) of weights, \(code) of code", weights + code)
    }
    let others = report.otherFunctions.map { ("\($0.name): code", $0.codeBytes) }
    return excess("code and weights, as compiled for \(report.target), take", footprint.flashBytes, "--flash", limit)
      + list("the largest are", steps + others) + "\n  fewer channels or features in these layers make them smaller"
      + smallerCode(footprint)
  }

  private static func memoryFault(_ report: Report, limit: Int) -> String? {
    guard report.ramBytes > limit else { return nil }
    let step = report.steps.indices.max { report.steps[$0].liveBytes < report.steps[$1].liveBytes } ?? 0
    let live = report.memoryMap.filter { ($0.firstStep...$0.lastStep).contains(step + 1) }
    let name = report.steps.isEmpty ? "" : report.steps[step].name
    var contributors = live.map { ($0.values.joined(separator: ", "), $0.bytes) }
    let names = report.ramParts.map(\.name)
    var what = names.count > 1 ? names.dropLast().joined(separator: ", ") + " and \(names.last!)" : "the \(names[0])"
    if let footprint = report.footprint {
      what += ", as compiled for \(report.target),"
      contributors.append(("stack of \(footprint.deepestCalls.joined(separator: " > "))", footprint.stackBytes))
    }
    contributors += report.ramParts.filter { $0.name != "arena" && $0.name != "stack" }
    var fault = excess("\(what) take\(names.count > 1 ? "" : "s")", report.ramBytes, "--ram", limit)
    if report.footprint == nil { fault += uncounted("stack", report) }
    fault += list("most is live at step \(step + 1), '\(name)'", contributors)
    fault += "\n  smaller inputs, a smaller batch or fewer channels around this step make them smaller"
    if report.ramBytes - report.arenaBytes + report.arenaLowerBound <= limit {
      fault += "\n  the live bytes alone, \(report.arenaLowerBound), would fit: a little less at other steps may do"
    }
    return fault
  }

  /// Options that make the compiled code smaller, as far as they were not given.
  private static func smallerCode(_ footprint: Footprint) -> String {
    var options: [String] = []
    if !footprint.command.contains("-Os") { options.append("--optimize size") }
    if !footprint.command.contains("-DNNC_INLINE=static") { options.append("--cflags \"-Os -DNNC_INLINE=static\"") }
    return options.isEmpty ? "" : "\n  \(options.joined(separator: " and ")) may make the code smaller, and slower"
  }

  /// Says what a sum lacks, and why.
  private static func uncounted(_ part: String, _ report: Report) -> String {
    report.footprintUnknown.map { ", and the \(part) is unknown for \(report.target): \($0)" } ?? ""
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
