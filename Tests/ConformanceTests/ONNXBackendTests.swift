import CodegenC
import FoundationEssentials
import Host
import IR
import Passes
import TestSupport
import Testing

/// The folder of the published cases, `onnx/backend/test/data` of the onnx package.
private let casesFolder: String? = {
  guard let folder = ProcessInfo.processInfo.environment["NNC_ONNX_CASES"], !folder.isEmpty else {
    print("skipped: the ONNX backend cases, because NNC_ONNX_CASES does not name their folder")
    return nil
  }
  guard FileManager.default.fileExists(atPath: folder + "/node") else {
    print("skipped: the ONNX backend cases, because '\(folder)' does not hold them")
    return nil
  }
  return folder
}()

/// The published cases, in the interpreter and in C.
@Suite struct ONNXBackendTests {
  /// How many of the cases of onnx 1.22.0 pass in both. To be raised with each new operator, never lowered.
  private let baseline = 1840

  @Test(.enabled(if: casesFolder != nil)) func publishedCases() async throws {
    let cases = try ONNXCase.all(in: try #require(casesFolder))
    // Many cases are compiled at once: to start a compiler for each would take longer than all else.
    let size = 60
    let batches = stride(from: 0, to: cases.count, by: size).map { Array(cases[$0..<min($0 + size, cases.count)]) }
    let results = try await withThrowingTaskGroup(of: (Int, [ConformanceResult]).self) { group in
      for (index, batch) in batches.enumerated() { group.addTask { (index, try ConformanceResult.run(batch)) } }
      var results = [[ConformanceResult]](repeating: [], count: batches.count)
      for try await (index, batch) in group { results[index] = batch }
      return results.flatMap { $0 }
    }
    for result in results {
      if case .wrong(let difference) = result.interpreted {
        Issue.record("\(result.title), interpreter: \(difference)")
      }
      if case .wrong(let difference) = result.compiled { Issue.record("\(result.title), C: \(difference)") }
    }
    try ConformanceReport(results).write()
    let passed = results.count { $0.passed }
    print("\(passed) of \(results.count) ONNX cases pass in the interpreter and in C")
    #expect(passed >= baseline)
  }
}

/// What became of one case.
struct ConformanceResult: Sendable {
  var name: String
  var operatorName: String
  var interpreted: ONNXCase.Outcome
  var compiled: ONNXCase.Outcome

  var title: String { "\(operatorName): \(name)" }

  var passed: Bool {
    if case .passed = interpreted, case .passed = compiled { return true }
    return false
  }

  /// Runs cases, whose C is compiled together.
  static func run(_ cases: [ONNXCase]) throws -> [ConformanceResult] {
    var results: [ConformanceResult] = []
    var models: [(place: Int, loaded: ONNXCase.Loaded, graph: Graph, model: CModel)] = []
    for entry in cases {
      var compiled = ONNXCase.Outcome.passed
      let interpreted = entry.outcome {
        let loaded = try entry.load()
        let outcome = loaded.outcome(of: try loaded.graph.evaluate(loaded.inputs))
        compiled = entry.outcome {
          let graph = try Pipeline.standard.run(loaded.graph)
          models.append((results.count, loaded, graph, try CModel(graph, options: .init(name: "case\(results.count)"))))
          return .passed
        }
        return outcome
      }
      if case .refused = interpreted { compiled = interpreted }
      results.append(
        ConformanceResult(
          name: entry.name, operatorName: entry.operatorName, interpreted: interpreted, compiled: compiled))
    }
    guard !models.isEmpty else { return results }
    let library = try CompiledLibrary(
      models.map(\.model), compiler: .system(), options: ["-std=c99", "-O1"] + CompilerMatrix.warnings)
    try CompilerMatrix.sample.check(models.map(\.model))
    for (place, loaded, graph, model) in models {
      results[place].compiled = cases[place].outcome {
        loaded.outcome(of: try CompiledModel(model, of: graph, in: library)(loaded.inputs))
      }
    }
    return results
  }
}
