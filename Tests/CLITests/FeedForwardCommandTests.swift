import Foundation
import Testing

/// What the program tells of feed-forward blocks, and makes of them, in samples/charlm.
@Suite struct FeedForwardCommandTests {
  private let nnc: NNCProgram
  private let model: String, calibration: String

  init() throws {
    nnc = try NNCProgram()
    let folder = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../samples/charlm").standardized.path
    (model, calibration) = ("\(folder)/charlm.json", "--calibration \(folder)/calibration.npz")
  }

  @Test func inspectListsBlocks() throws {
    let plain = try nnc("inspect \(model) --ffn")
    #expect(plain.exitCode == 0)
    let rows = plain.output.split(separator: "\n").filter { $0.contains("64 -> 512 -> 64     65536") }
    #expect(rows.count == 3 && rows[1].contains("block2.down.product"), "\(plain.output)")
    #expect(!plain.output.contains("zeros"))
  }

  @Test func inspectMeasuresNeurons() throws {
    let result = try nnc("inspect \(model) --ffn \(calibration)")
    #expect(result.exitCode == 0)
    let row = try #require(result.output.split(separator: "\n").first { $0.contains("block2.down.product") })
    let match = row.firstMatch(of: /65536 +[0-9.]+ % +([0-9.]+) %/)
    let share = try #require(match)
    let zeros = try #require(Double(share.1))
    #expect(zeros > 90 && zeros < 96, "\(row)")
  }

  @Test func inspectNeedsBlocksForCalibration() throws {
    let result = try nnc("inspect \(model) \(calibration)")
    #expect(result.exitCode != 0 && result.errors.contains("--calibration is for --ffn"))
    #expect(try nnc("inspect tiny.nnc --ffn").output.contains("there are no feed-forward blocks"))
  }

  @Test func silentNeuronsAreSkippedExactly() throws {
    let result = try nnc("build \(model) -o model.c --passes ffn-threshold \(calibration)")
    #expect(result.exitCode == 0)
    let pattern = /ffn-threshold: block\d\.down\.product: \d\d\.\d* % of neurons are silent, error 0: .*; skipped/
    #expect(result.errors.matches(of: pattern).count == 3, "\(result.errors)")
    #expect(try nnc.read("model.c").contains("nnc_skipping_dense_f32("))
  }

  @Test func expertsAreMeasured() throws {
    let result = try nnc("build \(model) -o model.c --passes moefy{active:0.5} \(calibration)")
    #expect(result.exitCode == 0)
    #expect(result.errors.contains("16 experts of 32 neurons, 8 chosen: error"), "\(result.errors)")
    #expect(result.errors.contains("output 'logits' error"))
    #expect(try nnc.read("model.c").contains("nnc_mixture_of_experts_f32("))
  }

  @Test func missingDataAreAskedFor() throws {
    let result = try nnc("build \(model) -o model.c --passes ffn-threshold")
    #expect(result.exitCode != 0 && result.errors.contains("needs calibration data; pass --calibration FILE.npz"))
    #expect(try !nnc.files().contains("model.c"))
  }
}
