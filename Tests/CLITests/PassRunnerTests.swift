import Foundation
import Host
import IR
import Passes
import Testing

import nnc

@Suite struct PassRunnerTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func leavesTheGraphBeforeAPassThatThrows() throws {
    let graph = try Graph(parsing: tinyModel, file: "tiny.nnc")
    let broken = Pass("broken", "Fails.", preserves: .exactly) { _, _ in throw Diagnostic("the pass is broken") }
    let pipeline = Pipeline(try Pipeline(names: "remove-identity").passes + [broken])
    let fault = #expect(throws: InternalFault.self) { try PassRunner(folder: folder.url.path).run(pipeline, on: graph) }
    let path = "\(folder.url.path)/nnc-reproducer-broken.nnc"
    #expect(fault?.message.contains("the pass is broken") == true)
    #expect(fault?.message.hasSuffix("nnc opt \(path) --passes broken") == true)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text == (try Pipeline(names: "remove-identity").run(graph).text(constants: .exact)))
  }

  @Test func endsWithAReportWhereAPassTraps() async throws {
    let path = folder.url.path
    await #expect(processExitsWith: .exitCode(InternalFault.exitCode)) { [path = path as String] in
      let trapping = Pass("trapping", "Traps.", preserves: .exactly) { graph, _ in
        precondition(graph.nodes.isEmpty, "this is never so")
        return graph
      }
      _ = try PassRunner(folder: path).run(Pipeline([trapping]), on: Graph(parsing: tinyModel, file: "tiny.nnc"))
    }
    let text = try String(contentsOfFile: "\(path)/nnc-reproducer-trapping.nnc", encoding: .utf8)
    #expect(text == (try Graph(parsing: tinyModel, file: "").text(constants: .exact)))
  }

  @Test func blamesTheModelForItsConstants() throws {
    let text = """
      graph g {
        %x = Input : f32[2]
        %k = Constant [7] : i64[1]
        %t = Constant [1, 2, 3] : f32[3]
        %g = Gather(%t, %k)
        %y = Mul(%x, %g)
        return %y
      }
      """
    let graph = try Graph(parsing: text, file: "g.nnc")
    let error = #expect(throws: Diagnostic.self) { try PassRunner(folder: folder.url.path).run(.standard, on: graph) }
    #expect(error?.location?.description == "g.nnc:5:3")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
  }

  @Test func readsNumbersOfBytes() {
    #expect(
      ["7", "64K", "1M", "2KiB", "3kb"].map { ByteCount(argument: $0)?.bytes } == [7, 65536, 1 << 20, 2048, 3072])
    #expect(
      ["", "K", "-1", "1Q", "99999999999999999999", "9999999999999999G"].allSatisfy { ByteCount(argument: $0) == nil })
  }

  @Test func measuresErrors() throws {
    func error(_ a: [Float], _ b: [Float]) -> TensorError { TensorError(Tensor(a), Tensor(b)) }
    #expect(error([1, Float(1).nextUp], [1, 1]).ulps == 1)
    #expect(error([-Float.leastNonzeroMagnitude], [.leastNonzeroMagnitude]).ulps == 2)
    #expect(error([.nan, .infinity], [.nan, .infinity]).relative == 0)
    #expect(error([.nan], [1]).relative == .infinity)
    #expect(error([3, 8], [2, 8]).relative == 0.125)
    #expect(error([3, 8], [2, 8]).worst?.index == 0)
    let (a, b) = (Tensor([Int64.max]), Tensor([Int64.max - 1]))
    #expect(TensorError(a, b).absolute == 1)
  }
}
