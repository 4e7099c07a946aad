import Foundation
import IR
import Testing

/// docs/operators.md, which is made of the comments in Sources/IR/Ops.
@Suite struct OperatorTableTests {
  @Test func tableIsUpToDate() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..").standardized
    let summaries = try Self.summaries(in: root.appendingPathComponent("Sources/IR/Ops"))
    var text = """
      # Operators

      What each operator computes; the names, attributes and meanings are those of ONNX except where it says that the operator
      is nnc's own. Made from the comments in Sources/IR/Ops by `make bless`.

      | operator | computes |
      | --- | --- |

      """
    for name in allOperations.map({ $0.name }).sorted() {
      let summary = try #require(summaries[name], "\(name) has no comment that says what it computes")
      text += "| \(name) | \(summary.replacingOccurrences(of: "|", with: "\\|")) |\n"
    }
    let file = root.appendingPathComponent("docs/operators.md")
    if GoldenFile.isBlessing { try text.write(to: file, atomically: true, encoding: .utf8) }
    #expect(try String(contentsOf: file, encoding: .utf8) == text, "run make bless")
  }

  /// The first paragraph of the comment before each operation, by the name of the operation.
  private static func summaries(in folder: URL) throws -> [String: String] {
    var summaries: [String: String] = [:]
    for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
      var comment: [Substring] = []
      var current: [Substring] = []
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
      {
        if line.hasPrefix("///") {
          comment.append(line.dropFirst(3).drop { $0 == " " })
        } else {
          if line.hasPrefix("public struct") { current = comment }
          if let name = line.firstMatch(of: /static let name = "([\w.]+)"/)?.1, !current.isEmpty {
            let paragraph = current.prefix { !$0.isEmpty }
            summaries[String(name)] = paragraph.joined(separator: " ")
          }
          comment = []
        }
      }
    }
    return summaries
  }
}
