import CodegenC
import Host
import IR
import Targets
import Testing

@Suite struct BenchmarkTests {
  private static let printed = """
    runs 3
    whole 5 10 20 30 40.5 31
    step 1 5 1 2 3 4 2.5
    step 2 5 0 0 0 0 0
    rest 5 1 1 1 1 1
    clock 35.2
    products 20110108079
    bytes 65521547192
    """

  @Test func readsWhatTheProgramPrints() throws {
    let found = try Benchmark.Measurement(Self.printed)
    #expect(found.runsPerSample == 3 && found.clock == 35.2)
    #expect(found.whole.samples == 5 && found.whole.fastest == 10 && found.whole.lowerQuartile == 20)
    #expect(found.whole.median == 30 && found.whole.upperQuartile == 40.5 && found.whole.middle == 31)
    #expect(found.steps.map(\.middle) == [2.5, 0] && found.rest?.median == 1)
    #expect(found.productsPerSecond == 20_110_108_079 && found.bytesPerSecond == 65_521_547_192)
  }

  @Test(arguments: ["whole", "runs", "clock", "products", "bytes"])
  func noticesWhatIsMissing(name: String) {
    let text = Self.printed.split(separator: "\n").filter { !$0.hasPrefix(name) }.joined(separator: "\n")
    #expect(throws: Diagnostic.self) { try Benchmark.Measurement(text) }
  }

  @Test(arguments: ["step 1 2", "whole 1 2 3 4 5 x", "hello"])
  func refusesOtherLines(line: String) {
    let fault = #expect(throws: Diagnostic.self) { try Benchmark.Measurement(Self.printed + "\n" + line) }
    #expect(fault?.message.contains("'\(line)', which is no measurement") == true)
  }

  /// The program must compile without a warning too, whatever a model has and lacks.
  @Test(arguments: [
    "graph g {\n  %x = Input : f32[4]\n  %y = Relu(%x)\n  return %y\n}",
    "graph g {\n  %y = Constant [1, 2] : f32[2]\n  return %y\n}",
  ])
  func isCompiledWithoutAWarning(model: String) throws {
    let code = try CModel(Graph(parsing: model, file: "g.nnc"), options: .init(name: "model"))
    let folder = try TemporaryFolder()
    for (name, text) in Benchmark.sources(of: code, timesSteps: true) { try folder.write(text, to: name) }
    for name in ["gcc", "clang-14", "clang"] {
      guard let compiler = CCompiler(name) else {
        print("skipped: there is no \(name)")
        continue
      }
      try compiler.run(
        ["-std=c99", "-D_POSIX_C_SOURCE=200809L", "-O2", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror"]
          + ["-include", "steps.h", "bench.c", "machine.c", "model.c", "-o", "bench", "-lm"], in: folder.url)
    }
  }

  @Test func knowsWhatThisMachineRuns() {
    #expect(Target.runnable.last == .generic && Set(Target.runnable).count == Target.runnable.count)
    #expect(Target.host.isRunnable && Target.host.name == Target.runnable[0].name)
    #if arch(x86_64)
      #expect(Target.host.optionsToRun == ["-march=native"])
      #expect(Target.all.filter(\.isRunnable).allSatisfy { $0.name == "generic" || $0.name.hasPrefix("x86-64") })
    #endif
    let other = Target.all.first { $0.name == "cortex-m4" }!
    #expect(!other.isRunnable && other.optionsToRun.isEmpty)
    #expect(!Machine.name.isEmpty)
  }
}
