import Foundation
import Testing

/// Weights that are rounded to a few bits, on the command line.
@Suite struct QuantizeWeightsCommandTests {
  private let nnc: NNCProgram

  init() throws { nnc = try .withSamples() }

  private func flashBytes(_ file: String) throws -> Int {
    let report = try JSONSerialization.jsonObject(with: Data(nnc.read(file).utf8)) as? [String: Any]
    return try #require(report?["flashBytes"] as? Int)
  }

  @Test func buildsWithNarrowWeights() throws {
    #expect(try nnc("build tiny.nnc -o plain.c --report plain.json").exitCode == 0)
    let result = try nnc(
      "build tiny.nnc -o narrow.c --passes quantize-weights{bits:8} --calibration samples.npz --report narrow.json")
    #expect(result.exitCode == 0, "\(result.errors)")
    #expect(result.errors.contains("quantize-weights: y: 8 bits, error 0"))
    #expect(result.errors.contains("quantize-weights: weights: "))
    #expect(result.errors.contains("quantize-weights: output 'y' error 0."))
    #expect(try nnc.read("narrow.c").contains("nnc_widening_dense_f32"))
    #expect(try flashBytes("narrow.json") < flashBytes("plain.json"))
  }

  @Test(arguments: ["quantize-weights{bits:8}", "quantize-weights{bits:4,group:16}"])
  func checksTheCOfWhatThePassMade(passes: String) throws {
    let result = try nnc("check tiny.nnc --passes \(passes)")
    #expect(result.exitCode == 0, "\(result.errors)")
    #expect(result.output.contains("WideningDense"))
  }

  @Test func saysWhatIsMissing() throws {
    let data = try nnc("build tiny.nnc -o tiny.c --passes quantize-weights{method:compensated}")
    #expect(data.exitCode == 1)
    #expect(data.errors.contains("quantize-weights: the method compensated needs calibration data; pass --calibration"))
    let layer = try nnc("build tiny.nnc -o tiny.c --passes quantize-weights{layers:[z]}")
    #expect(layer.exitCode == 1)
    #expect(layer.errors.contains("there is no Conv, Gemm, MatMul or Gather called 'z'; there are c, y"))
  }
}
