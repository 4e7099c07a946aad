import Foundation
import IR
import Passes

/// A folder with the IR after every pass that changed something, and an index of all passes.
final class PassDump {
  private let folder: String
  private var before: Graph?
  private var count = 0
  private var index = ""

  /// Creates the folder, without files that an earlier dump left there.
  init(folder: String) throws {
    self.folder = folder
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() where Self.isOwn(name) {
        try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
      }
    } catch {
      throw Diagnostic("cannot use '\(folder)' for --dump-passes: \(error.localizedDescription)")
    }
  }

  private static func isOwn(_ name: String) -> Bool {
    guard let match = name.wholeMatch(of: /[0-9]{2,}-(.+)\.nnc/) else { return false }
    return match.1 == "import" || allPasses.contains { $0.name == match.1 }
  }

  /// Writes the graph before all passes, unless some have run already.
  func begin(_ graph: Graph) throws {
    guard before == nil else { return }
    before = graph
    try write("import", graph, note: "\(graph.operationCount) operations")
  }

  /// Notes what a pass did.
  func add(_ step: Pipeline.Step) throws {
    count += 1
    let time = "\(Self.milliseconds(step.duration)) ms"
    if step.isUnchanged {
      try note("\(prefix)-\(step.pass.name): \(time); unchanged")
    } else {
      try write(step.pass.name, step.graph, note: "\(time); \(Self.summary(before!, step.graph))", step.notes)
    }
    for line in step.notes { try note("    \(line)") }
    before = step.graph
  }

  private var prefix: String { count < 10 ? "0\(count)" : "\(count)" }

  private func write(_ name: String, _ graph: Graph, note text: String, _ notes: [String] = []) throws {
    let comments = notes.map { "# \($0)\n" }.joined()
    let content = "# \(name): \(text)\n\(comments)\(graph.text(constants: .digest))"
    try OutputFile.write(to: "\(folder)/\(prefix)-\(name).nnc") { try $0.append(Array(content.utf8)) }
    try note("\(prefix)-\(name): \(text)")
  }

  private func note(_ line: String) throws {
    index += line + "\n"
    try OutputFile.write(to: "\(folder)/index.txt") { try $0.append(Array(index.utf8)) }
  }

  private static func milliseconds(_ duration: Duration) -> String {
    let microseconds = duration.components.attoseconds / 1_000_000_000_000 + duration.components.seconds * 1_000_000
    return "\(microseconds / 1000).\(microseconds / 100 % 10)"
  }

  /// Which operations came and went.
  private static func summary(_ before: Graph, _ after: Graph) -> String {
    let (old, new) = (before.operationCounts, after.operationCounts)
    func list(_ counts: [(name: String, count: Int)], without other: [(name: String, count: Int)]) -> String {
      counts.compactMap { name, count in
        let more = count - (other.first { $0.name == name }?.count ?? 0)
        return more > 0 ? "\(more) \(name)" : nil
      }.joined(separator: ", ")
    }
    let (removed, added) = (list(old, without: new), list(new, without: old))
    var text = "\(before.operationCount) -> \(after.operationCount) operations"
    if !removed.isEmpty { text += "; removed \(removed)" }
    if !added.isEmpty { text += "; added \(added)" }
    return text
  }
}

extension Graph {
  /// How many live nodes compute something.
  var operationCount: Int {
    zip(nodes, liveNodes).filter { node, isLive in isLive && !(node.op is Input) && !(node.op is Constant) }.count
  }

  /// How many live nodes there are of each operation, constants included and inputs not, by name.
  var operationCounts: [(name: String, count: Int)] {
    var counts: [String: Int] = [:]
    for (node, isLive) in zip(nodes, liveNodes) where isLive && !(node.op is Input) {
      counts[node.op.opName, default: 0] += 1
    }
    return counts.keys.sorted().map { ($0, counts[$0]!) }
  }
}
