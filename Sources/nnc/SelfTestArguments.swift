import ArgumentParser
import CodegenC
import IR

/// With what the C of a build tests itself.
struct SelfTestArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Adds a self-test to the C: NAME_self_test computes N known inputs, and compares each layer.", valueName: "N"))
  var selfTest: Int?
  @Option(
    help: ArgumentHelp(
      "The inputs of the self-test, random without: a .npz file or a folder, as for check.", valueName: "PATH"),
    completion: .file())
  var data: String?
  @Option(
    help: ArgumentHelp(
      "By how much floats may differ in the self-test, relative to the largest of their layer; 1e-5 by default.",
      valueName: "X"))
  var selfTestTolerance: Double?

  func validate() throws {
    if let selfTest, selfTest < 1 { throw ValidationError("--self-test should be a number of inputs, 1 or more") }
    if selfTest == nil, data != nil || selfTestTolerance != nil {
      throw ValidationError(
        "\(data != nil ? "--data" : "--self-test-tolerance") is for the self-test, which --self-test N adds")
    }
    if let selfTestTolerance, !(selfTestTolerance >= 0 && selfTestTolerance.isFinite) {
      throw ValidationError("--self-test-tolerance should be a number, 0 or more")
    }
  }

  /// The known inputs; nil where no test is asked for.
  func load(for graph: Graph) throws -> SelfTest? {
    guard let count = selfTest else { return nil }
    Terminal.progress("computing known answers")
    let samples =
      try data.map { try CheckData.read($0, for: graph) }
      ?? (1...UInt64(count)).flatMap { CheckData.random(graph, seed: $0 << 16) }
    guard samples.count >= count else {
      throw Diagnostic("--self-test \(count): \(data ?? "") has only \(samples.count) samples")
    }
    return SelfTest(inputs: samples.prefix(count).map(\.inputs), tolerance: selfTestTolerance ?? 1e-5)
  }
}
