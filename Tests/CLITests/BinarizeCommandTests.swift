import Foundation
import Host
import IR
import Testing

/// Passes with options, and the data that they need, on the command line.
@Suite struct BinarizeCommandTests {
  private let nnc: NNCProgram

  init() throws { nnc = try .withSamples() }

  @Test func buildsWithBitsForWeights() throws {
    let plain = try nnc("build tiny.nnc -o plain.c --report plain.json")
    #expect(plain.exitCode == 0)
    let result = try nnc(
      "build tiny.nnc -o bits.c --passes binarize{bits:2,method:gpfq},fold-constants --calibration samples.npz "
        + "--report bits.json --dump-passes dump")
    #expect(result.exitCode == 0, "\(result.errors)")
    #expect(result.errors.contains("binarize: y: 2 bits, error 0"))
    #expect(result.errors.contains("accuracy "))
    #expect(try nnc.read("bits.c").contains("nnc_bit_dense_f32"))
    #expect(try nnc.read("dump/index.txt").contains("    y: 2 bits, error 0"))
    let report = try #require(
      JSONSerialization.jsonObject(with: Data(nnc.read("bits.json").utf8)) as? [String: Any])
    let passes = try #require(report["passes"] as? [[String: Any]])
    #expect(passes.first?["pass"] as? String == "binarize")
    #expect((report["flashBytes"] as? Int).map { $0 < 1400 } == true)
  }

  @Test func checksTheCOfWhatThePassMade() throws {
    let result = try nnc("check tiny.nnc --passes binarize{bits:1} --calibration samples.npz")
    #expect(result.exitCode == 0, "\(result.errors)")
    #expect(result.output.contains("BitDense"))
  }

  @Test func runsAndPrints() throws {
    try NpzArchive.write(nnc.path("x.npz"), [("x", Tensor(random: TensorType(.f32, [1, 2, 8, 8]), seed: 3))])
    let run = try nnc("run tiny.nnc --inputs x.npz --outputs y.npz --passes binarize{bits:1} --calibration samples.npz")
    #expect(run.exitCode == 0, "\(run.errors)")
    let printed = try nnc("opt tiny.nnc --passes binarize{bits:1}")
    #expect(printed.output.contains("ScaledBits"))
  }

  @Test func saysWhatIsMissing() throws {
    let data = try nnc("build tiny.nnc -o tiny.c --passes binarize{method:gpfq}")
    #expect(data.exitCode == 1)
    #expect(data.errors.contains("pass --calibration FILE.npz"))
    let option = try nnc("build tiny.nnc -o tiny.c --passes binarize{size:1}")
    #expect(option.exitCode == 64)
    #expect(option.errors.contains("binarize has no option 'size'"))
    #expect(try nnc.files() == ["samples.npz", "tiny.nnc"])
  }

  @Test func refusesDataThatDoNotFit() throws {
    func errors(_ arrays: [(String, Tensor)]) throws -> String {
      try NpzArchive.write(nnc.path("wrong.npz"), arrays.map { (name: $0.0, tensor: $0.1) })
      let result = try nnc("opt tiny.nnc --passes binarize --calibration wrong.npz")
      #expect(result.exitCode == 1)
      return result.errors
    }
    let images = Tensor(random: TensorType(.f32, [2, 2, 8, 8]), seed: 3)
    #expect(try errors([("image", images)]).contains("there is no array 'x' for input 'x'"))
    #expect(try errors([("x", Tensor(random: TensorType(.f32, [2, 8, 8, 2]), seed: 3))]).contains("is f32[1x2x8x8]"))
    #expect(try errors([("x", images), ("lables", images)]).contains("there is no input 'lables'"))
    #expect(try errors([("x", images), ("labels", images)]).contains("labels should be integers"))
  }

  @Test func listsOptions() throws {
    let text = try nnc("passes").output
    #expect(text.contains("Options of binarize"))
    #expect(text.contains("  correct"))
  }
}
