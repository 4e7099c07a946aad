import FoundationEssentials
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

@Suite struct ONNXBackendTests {
  /// How many of the cases of onnx 1.22.0 pass. To be raised with each new operator, never lowered.
  private let baseline = 0

  @Test(.enabled(if: casesFolder != nil)) func publishedCases() throws {
    var table: [String: (passed: Int, total: Int)] = [:]
    var passed = 0
    for entry in try ONNXCase.all(in: try #require(casesFolder)) {
      let name = entry.operatorName
      table[name, default: (0, 0)].total += 1
      switch entry.run() {
      case .passed:
        passed += 1
        table[name]!.passed += 1
      case .refused(let message): print("refused  \(name)  \(entry.name): \(message.replacing("\n", with: " "))")
      case .wrong(let difference): Issue.record("\(name): \(entry.name): \(difference)")
      }
    }
    for (name, counts) in table.sorted(by: { $0.key < $1.key }) { print("\(counts.passed) of \(counts.total)  \(name)") }
    print("\(passed) cases pass")
    #expect(passed >= baseline)
  }
}
