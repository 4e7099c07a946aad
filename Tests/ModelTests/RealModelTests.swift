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
    let recording = try model.recording()
    let outputs = try model.graph().compiled()(recording.inputs)
    #expect(outputs.count == recording.outputs.count)
    for (output, recorded) in zip(outputs, recording.outputs) {
      if recorded.element.isInteger {
        #expect(output.type == recorded.type)
        let difference = zip(output.integers, recorded.integers).map { abs($0 - $1) }.max() ?? 0
        #expect(difference <= 1, "\(model.name): an element differs by \(difference)")
        continue
      }
      let error = relativeError(output, recorded)
      #expect(error <= model.tolerance, "\(model.name): relative error \(error)")
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

  @Test func resNet8Recognises87Percent() throws {
    let arrays = try NpzArchive.read("\(try #require(sharedFolder))/data/mlperf_ic01.npz")
    let images = try #require(arrays.first { $0.name == "x" }).tensor
    let labels = try #require(arrays.first { $0.name == "y" }).tensor.ints
    let graph = try RealModel(name: "mlperf_resnet8_f32").graph()
    let right = try count(images, labels, graph)
    #expect(right == 174, "\(right) of \(labels.count)")
  }

  @Test func arenaOfTheSmallNetwork() throws {
    let plan = try MemoryPlan(Pipeline.standard.run(RealModel(name: "cnn28").graph()))
    #expect(plan.arenaByteCount <= 18_900)
    #expect(plan.arenaByteCount == plan.lowerBound)
  }
}

/// The sample that this project trained itself.
@Suite struct DigitsTests {
  /// What samples/digits/README.md states of the trained model.
  private let right = 199

  @Test func recognisesAsManyAsTheTrainedModel() throws {
    let graph = try loadModel(at: projectFolder + "/samples/digits/digits.json")
    let arrays = try NpzArchive.read(projectFolder + "/samples/digits/test.npz")
    let images = try #require(arrays.first { $0.name == "image" }).tensor
    let labels = try #require(arrays.first { $0.name == "label" }).tensor.ints
    #expect(try count(images, labels, graph) == right)
  }
}

/// How many images of a set the C of a model with one input recognises.
private func count(_ images: Tensor, _ labels: [Int], _ graph: Graph) throws -> Int {
  let model = try graph.compiled()
  let input = try #require(graph.inputs.first)
  let type = graph.type(of: input.value)
  let reals = images.reals
  return try labels.enumerated().count { index, label in
    let image = reals[index * type.elementCount..<(index + 1) * type.elementCount]
    let scores = try model([input.name: Tensor(type, reals: image)])[0].reals
    return scores.firstIndex(of: scores.max()!) == label
  }
}
