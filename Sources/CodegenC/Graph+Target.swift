import IR
import Targets

extension Graph {
  /// Throws a diagnostic that lists what a target has no room or no type for.
  func check(for target: Target) throws(Diagnostic) {
    let (names, live) = (displayNames, liveNodes)
    var faults: [String] = []
    for (index, node) in nodes.enumerated() where live[index] {
      if let op = node.op as? PlaneConv2D, op.lanes < target.laneBits {
        faults.append("\n  \(names[index][0]) has memory for \(op.lanes) lanes; there are up to \(target.laneBits)")
      }
      for (result, type) in node.types.enumerated() {
        let subject = "\n  \(names[index][result]) : \(type)"
        if type.cByteCount > target.largestIndex {
          faults.append("\(subject) takes \(type.cByteCount) bytes; an array may have \(target.largestIndex)")
        }
        if type.element == .f64 && !target.hasDouble {
          faults.append("\(subject) is of f64, but double has 32 bits there")
        }
      }
    }
    if !faults.isEmpty { throw Diagnostic("the model does not fit the target \(target.name):" + faults.joined()) }
  }
}
