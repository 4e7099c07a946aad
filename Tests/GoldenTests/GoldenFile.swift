import Foundation
import IR
import Testing

/// A file with cases, each of which is text and what is expected of it.
///
/// Cases are separated, and the text of a case from what is expected, by lines `# ----`. Comments before a graph say what it
/// shows; `# range NAME LOW HIGH` gives the numbers that an input takes, and `# samples COUNT` makes calibration data. With
/// the environment variable NNC_BLESS=1 the tests write what they got into the files instead of comparing.
struct GoldenFile: CustomTestStringConvertible, Sendable {
  struct Case {
    var input: String
    var expected: String
  }

  let url: URL
  var cases: [Case]

  var name: String { url.deletingPathExtension().lastPathComponent }
  var testDescription: String { name }

  static let isBlessing = ProcessInfo.processInfo.environment["NNC_BLESS"] == "1"

  /// All files of a folder beside this one, in order.
  static func all(in folder: String) -> [GoldenFile] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(folder)
    let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    return files.filter { $0.pathExtension == "nnc" }.sorted { $0.path < $1.path }.map { GoldenFile(url: $0) }
  }

  private init(url: URL) {
    self.url = url
    let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
    let sections = text.components(separatedBy: "# ----\n")
    cases = stride(from: 0, to: sections.count, by: 2).map { index in
      Case(input: sections[index], expected: index + 1 < sections.count ? sections[index + 1] : "")
    }
  }

  /// The graph of a case.
  func graph(_ golden: Case) throws -> Graph { try Graph(parsing: golden.input, file: url.lastPathComponent) }

  /// Compares what the cases gave with what is expected of them, or writes it into the file.
  func check(_ results: [String]) throws {
    if Self.isBlessing {
      let sections = zip(cases, results).flatMap { [$0.input, $1] }
      try sections.joined(separator: "# ----\n").write(to: url, atomically: true, encoding: .utf8)
      return
    }
    for (golden, result) in zip(cases, results) where golden.expected != result {
      Issue.record("\(name): NNC_BLESS=1 accepts the changed lines:\n\(lineDifference(golden.expected, result))")
    }
  }

  /// The inputs of some runs, where a case asks for them.
  func samples(_ golden: Case, _ graph: Graph) throws -> [[String: Tensor]]? {
    let lines = golden.input.split(separator: "\n")
    guard let line = lines.first(where: { $0.hasPrefix("# samples ") }) else { return nil }
    let count = try #require(UInt64(line.split(separator: " ")[2]))
    return try (1...count).map { try inputs(golden, graph, seed: 1000 * $0) }
  }

  /// Tensors for the inputs of a graph, the same in every run.
  func inputs(_ golden: Case, _ graph: Graph, seed: UInt64 = 1) throws -> [String: Tensor] {
    var ranges: [String: (Double, Double)] = [:]
    for line in golden.input.split(separator: "\n") where line.hasPrefix("# range ") {
      let words = line.split(separator: " ")
      ranges[String(words[2])] = (try #require(Double(words[3])), try #require(Double(words[4])))
    }
    var tensors: [String: Tensor] = [:]
    for (index, input) in graph.inputs.enumerated() {
      let type = graph.type(of: input.value)
      let random = Tensor(random: type, seed: UInt64(index) + seed)
      guard let (low, high) = ranges[input.name] else {
        tensors[input.name] = random
        continue
      }
      let units = Tensor(random: TensorType(.f64, type.shape), seed: UInt64(index) + seed).reals
      let scaled = units.map { low + ($0 + 1) / 2 * (high - low) }
      tensors[input.name] = Tensor(type, reals: type.element.isFloat ? scaled : scaled.map { $0.rounded() })
    }
    return tensors
  }
}

/// The lines by which two texts differ.
private func lineDifference(_ old: String, _ new: String) -> String {
  let difference = new.split(separator: "\n").difference(from: old.split(separator: "\n"))
  return difference.map { change in
    switch change {
    case .remove(let line, let text, _): "-\(line + 1) \(text)"
    case .insert(let line, let text, _): "+\(line + 1) \(text)"
    }
  }.joined(separator: "\n")
}
