import Foundation
import Testing

/// Weights that become zero, and are not stored, on the command line.
@Suite struct PruneCommandTests {
  private let nnc: NNCProgram

  init() throws { nnc = try .withSamples() }

  private func flashBytes(_ file: String) throws -> Int {
    let report = try JSONSerialization.jsonObject(with: Data(nnc.read(file).utf8)) as? [String: Any]
    return try #require(report?["flashBytes"] as? Int)
  }

  @Test func buildsWithoutZeros() throws {
    let plain = try nnc("build tiny.nnc -o plain.c --report plain.json")
    #expect(plain.exitCode == 0)
    let result = try nnc(
      "build tiny.nnc -o sparse.c --passes prune{sparsity:0.7},fold-constants --calibration samples.npz "
        + "--optimize size --report sparse.json --dump-passes dump")
    #expect(result.exitCode == 0, "\(result.errors)")
    #expect(result.errors.contains("prune: y: 70 % zero, error 0"))
    #expect(result.errors.contains(", at random "))
    #expect(result.errors.contains("accuracy "))
    #expect(try nnc.read("sparse.c").contains("nnc_sparse_dense_f32"))
    #expect(try nnc.read("dump/index.txt").contains("% of the weights are zero: dense would take"))
    #expect(try Double(flashBytes("sparse.json")) < 0.5 * Double(flashBytes("plain.json")))
  }

  @Test func checksTheCOfWhatThePassMade() throws {
    let result = try nnc("check tiny.nnc --passes prune{sparsity:0.8} --calibration samples.npz --optimize size")
    #expect(result.exitCode == 0, "\(result.errors)")
    #expect(result.output.contains("SparseDense"))
  }

  @Test func modelsWithoutZerosStayWhatTheyWere() throws {
    #expect(try nnc("build tiny.nnc -o plain.c --dump-passes dump").exitCode == 0)
    #expect(try !nnc.read("plain.c").contains("sparse"))
    #expect(try !nnc.read("dump/index.txt").contains("are zero"))
  }

  @Test func saysWhatIsMissing() throws {
    let data = try nnc("build tiny.nnc -o tiny.c --passes prune{method:obs,sparsity:0.5}")
    #expect(data.exitCode == 1)
    #expect(data.errors.contains("prune: the method obs needs calibration data; pass --calibration FILE.npz"))
    let layer = try nnc("build tiny.nnc -o tiny.c --passes prune{layers:[z]}")
    #expect(layer.exitCode == 1)
    #expect(layer.errors.contains("there is no Conv, Gemm or MatMul called 'z'"))
  }
}
