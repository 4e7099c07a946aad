import Foundation
import Testing

import IR

/// The example of docs/model-spec.md is a model, and computes what it says.
@Suite struct SpecDocumentationTests {
  @Test func exampleIsRead() throws {
    let docs = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../docs/model-spec.md")
    let text = try String(contentsOf: docs, encoding: .utf8)
    let parts = text.components(separatedBy: "```")
    let json = try #require(parts.first { $0.hasPrefix("json\n") }).dropFirst(5)
    try withTemporaryFolder { folder in
      try Data(json.utf8).write(to: URL(fileURLWithPath: folder + "/bias.json"))
      try Safetensors.write([("layer.bias", Tensor([Float(1), -1, 2, -2]))], to: folder + "/bias.safetensors")
      let graph = try Graph(spec: folder + "/bias.json", bindings: ["batch": 1])
      let result = try graph.evaluate(["signal": Tensor([Float(0), 0, 1, 1], shape: [1, 4])])
      #expect(result == [Tensor([Float(1.5), 0, 3.5, 0], shape: [1, 4])])
    }
  }
}
