import CodegenC
import Foundation
import Host
import Passes
import TestSupport
import Testing

/// Models that call the kernels of nnc_runtime.c.
@Suite struct SharedKernelTests {
  /// Whatever kernel an operator calls is either in the runtime or in the model, and of the runtime there is one copy.
  @Test func modelsOfAllOperatorsLinkWithOneRuntime() throws {
    let folder = try TemporaryFolder()
    var sources = ["\(Self.runtime)/nnc_runtime.c"]
    for file in GoldenFile.all(in: "Operators") {
      for (index, golden) in file.cases.enumerated() {
        let graph = try Pipeline(names: "expand-composites").run(file.graph(golden))
        let model = try CModel(graph, options: .init(name: "\(file.name)_\(index)", runtime: .link))
        try folder.write(model.header, to: model.name + ".h")
        sources.append(try folder.write(model.source, to: model.name + ".c"))
      }
    }
    // Without optimization no call is inlined.
    try CCompiler.system().run(
      ["-std=c99", "-O0"] + CompilerMatrix.warnings + ["-I", Self.runtime, "-fPIC", "-shared", "-Wl,--no-undefined"]
        + sources + ["-lm", "-o", "models.so"], in: folder.url)
  }

  private static let runtime = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("runtime").path
}
