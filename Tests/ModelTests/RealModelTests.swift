import CodegenC
import Foundation
import Host
import IR
import Importers
import Passes
import Testing

/// Real networks: their C computes what another runtime recorded.
@Suite(.enabled(if: sharedFolder != nil)) struct RealModelTests {
  @Test(arguments: RealModel.all)
  func computesWhatWasRecorded(model: RealModel) throws {
    let graph = try model.graph()
    let compiled = try graph.compiled()
    for recording in try model.recordings(for: graph) {
      for (output, recorded) in zip(try compiled(recording.inputs), recording.outputs) {
        let difference = output.difference(from: recorded, tolerance: model.tolerance, step: 1)
        #expect(difference == nil, "\(model.name)")
      }
    }
  }

  /// A model spec with weights beside it says the same as the file that it was made of.
  @Test(arguments: ["mlperf_resnet8_f32", "mlperf_ad01_f32", "mnist12", "mobilenet_v2_035_128"])
  func modelSpecGivesTheSameC(name: String) throws {
    let folder = try TemporaryFolder()
    let original = try RealModel(name: name).graph()
    try original.writeSpec(to: folder.path + "/model.json")
    let graph = try loadModel(at: folder.path + "/model.json")
    let options = CModel.Options(name: "model")
    let models = try [original, graph].map { try CModel(Pipeline.standard.run($0), options: options) }
    #expect(models[0].header == models[1].header)
    #expect(models[0].source == models[1].source)
  }

  /// A bit for each weight, thresholds and the first layer; no layer of floats but that one, and no sums but the last.
  @Test func sizeOfTheBinaryNetwork() throws {
    let model = try CModel(Pipeline.standard.run(RealModel(name: "bnn_cnv_cifar10").graph()))
    let weights = 64 * 27 + 9 * 64 * (64 + 128) + 9 * 128 * (128 + 256) + 9 * 256 * 256 + 512 * (256 + 512 + 10)
    #expect(model.flashByteCount * 8 <= weights * 11 / 10)
    #expect(model.memory.arenaByteCount <= 40_000)
    #expect(model.constants.filter { $0.type.element == .f32 }.map(\.type.shape) == [[1728], [64]])
  }

  @Test func arenaOfTheSmallNetwork() throws {
    let plan = try MemoryPlan(Pipeline.standard.run(RealModel(name: "cnn28").graph()))
    #expect(plan.arenaByteCount <= 18_900)
    #expect(plan.arenaByteCount == plan.lowerBound)
  }
}
