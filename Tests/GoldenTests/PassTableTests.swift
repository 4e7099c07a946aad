import Foundation
import Passes
import Testing

/// docs/passes.md, which is made of the comments in Sources/Passes and the tables in docs/measured.
@Suite struct PassTableTests {
  @Test func tableIsUpToDate() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..").standardized
    let comments = try Self.comments(in: root.appendingPathComponent("Sources/Passes"))
    func list(_ pipeline: Pipeline) -> String { pipeline.passes.map(\.name).joined(separator: ", ") }
    var text = """
      # Passes

      What nnc does to a model between import and C. `nnc passes` lists the passes, `nnc opt MODEL --passes a,b` prints what they
      make of a model, and `nnc build MODEL --dump-passes DIR` writes the graph after each pass. Made from the comments in
      Sources/Passes and the tables in docs/measured by `make bless`.

      Every build runs first: \(list(.canonicalize)); then the passes that `--passes` names; then: \(list(.lower)).

      """
    for pass in allPasses.sorted(by: { $0.name < $1.name }) {
      let comment = try #require(comments[pass.name], "\(pass.name) has no comment")
      text += "\n## \(pass.name)\n\nKeeps the function \(pass.preserves.rawValue).\n\n\(comment)\n"
      let measured = root.appendingPathComponent("docs/measured/\(pass.name).md")
      if let table = try? String(contentsOf: measured, encoding: .utf8) { text += "\n\(table)" }
    }
    let file = root.appendingPathComponent("docs/passes.md")
    if GoldenFile.isBlessing { try text.write(to: file, atomically: true, encoding: .utf8) }
    #expect(try String(contentsOf: file, encoding: .utf8) == text, "run make bless")
  }

  /// The comment before each pass, by its name.
  private static func comments(in folder: URL) throws -> [String: String] {
    var comments: [String: String] = [:]
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)!.compactMap { $0 as? URL }
    for file in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /((?:\/\/\/.*\n)+)let \w+ = Pass\(\s*"([a-z-]+)"/) {
        let lines = match.1.split(separator: "\n").map { $0.dropFirst($0.hasPrefix("/// ") ? 4 : 3) }
        comments[String(match.2)] = lines.joined(separator: "\n")
      }
    }
    return comments
  }
}
