import FoundationEssentials

/// docs/conformance.md: how many of the published cases pass, for each operator, and why the others do not.
struct ConformanceReport {
  private let results: [ConformanceResult]

  init(_ results: [ConformanceResult]) { self.results = results }

  /// Writes the report, if NNC_BLESS=1 asks for it.
  func write() throws {
    guard ProcessInfo.processInfo.environment["NNC_BLESS"] == "1" else { return }
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    try Data(text.utf8).write(to: root.appending(path: "docs/conformance.md"))
  }

  private var text: String {
    var text = """
      # Conformance

      The cases that the ONNX project publishes for backends (onnx 1.22.0), with its tolerances, in nnc's interpreter and in
      compiled C. `make bless` rewrites this page; a test fails if fewer pass, or if one computes something wrong.

      **\(results.count { $0.passed }) of \(results.count) pass.** The others are refused with a message that names the cause.

      | operator | pass | of |
      | --- | ---: | ---: |

      """
    for name in Set(results.map(\.operatorName)).sorted() {
      let cases = results.filter { $0.operatorName == name }
      text += "| \(name) | \(cases.count { $0.passed }) | \(cases.count) |\n"
    }
    text += "\n## Refused\n\n"
    for result in results where !result.passed {
      text += "- \(result.operatorName), \(result.name): \(reason(result))\n"
    }
    return text
  }

  /// The first line of what is said of a case.
  private func reason(_ result: ConformanceResult) -> String {
    for (engine, outcome) in [("", result.interpreted), ("C: ", result.compiled)] {
      switch outcome {
      case .passed: continue
      case .wrong(let difference): return engine + "wrong: " + difference
      case .refused(let message):
        let words = message.replacing("\n", with: " ").split(separator: " ").joined(separator: " ")
        return engine + words.replacing("/model.onnx:", with: "").prefix(160)
      }
    }
    return ""
  }
}
