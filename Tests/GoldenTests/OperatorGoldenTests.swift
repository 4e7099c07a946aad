import CodegenC
import Foundation
import Host
import IR
import Passes
import TestSupport
import Testing

/// What operators become in C: the text, and the values that it computes.
@Suite struct OperatorGoldenTests {
  @Test(arguments: GoldenFile.all(in: "Operators"))
  func golden(_ file: GoldenFile) throws {
    var batch = ModelBatch()
    var checks: [(inputs: [String: Tensor], expected: [Tensor])] = []
    for golden in file.cases {
      let graph = try file.graph(golden)
      // The text form is read back as it was written.
      #expect(
        try Graph(parsing: graph.text(constants: .exact), file: file.name).text(constants: .exact)
          == graph.text(constants: .exact))
      let inputs = try file.inputs(golden, graph)
      checks.append((inputs, try graph.evaluate(inputs)))
      _ = try batch.add(Pipeline(names: "expand-composites").run(graph), name: "model")
    }
    try file.check(file.cases.indices.map(batch.steps))
    for (index, model) in try batch.compiled().enumerated() {
      for (a, b) in zip(try model(checks[index].inputs), checks[index].expected) {
        #expect(isClose(a, b), "the C of case \(index) of \(file.name): \(a.reals) is not \(b.reals)")
      }
    }
  }

  @Test func compilersArePresent() {
    let missing = (CompilerMatrix.host.missing + CompilerMatrix.embedded.missing).sorted()
    if !missing.isEmpty { print("skipped: what \(missing.joined(separator: ", ")) would say of the C; not installed") }
    #expect(!missing.contains("clang"), "the Swift toolchain brings clang")
  }

  @Test func everyOperatorHasC() {
    let missing = allOperations.map { $0.name }.filter { !["Constant", "Input"].contains($0) && !hasC(named: $0) }
    #expect(missing.isEmpty)
  }

  @Test func everyOperatorHasAGoldenCase() {
    let texts = (GoldenFile.all(in: "Operators") + GoldenFile.all(in: "Passes")).flatMap { $0.cases.map(\.input) }
    let missing = allOperations.map { $0.name }.filter { name in
      !texts.contains { $0.contains("= \(name)(") || $0.contains("= \(name) ") }
    }
    #expect(missing.isEmpty)
  }
}
