import Foundation
import Host
import IR
import Importers
import Testing

/// A set of labelled samples, and how many of them a model recognises.
struct Accuracy: CustomTestStringConvertible {
  var model: String
  /// The file of the data set.
  var data: String
  /// How many of the first samples are run, and how many of those the original recognises.
  var count: Int
  var right: Int
  /// The same for the whole set, where that takes long; it is run with NNC_FULL=1.
  var whole: (count: Int, right: Int)?
  /// What becomes of the elements of a sample.
  var prepare: @Sendable (Tensor) -> [Double] = { $0.reals }

  var testDescription: String { model }

  static let all = [
    Accuracy(model: "mlperf_resnet8_f32", data: "mlperf_ic01", count: 200, right: 174),
    Accuracy(model: "mlperf_resnet8_int8", data: "mlperf_ic01", count: 200, right: 174) { $0.reals.map { $0 - 128 } },
    Accuracy(model: "mlperf_kws_int8", data: "mlperf_kws01", count: 1000, right: 902),
    Accuracy(model: "lstm_mnist_f32", data: "mnist_test", count: 1000, right: 978) { $0.reals.map { $0 / 255 } },
    Accuracy(model: "bnn_lfc_mnist", data: "mnist_test", count: 1000, right: 983, whole: (10_000, 9837)) {
      $0.reals.map { $0 >= 127 ? 1 : -1 }
    },
    Accuracy(model: "bnn_cnv_cifar10", data: "cifar10_test2000", count: 200, right: 159, whole: (2000, 1575)) { image in
      let pixels = image.reals
      // Channels first.
      return (0..<pixels.count).map { index in
        let pixel = pixels[index % 1024 * 3 + index / 1024]
        return min(max(((pixel / 255 * 2 - 1) * 128).rounded(.down), -128), 127)
      }
    },
  ]
}

/// The C of trained models recognises as many samples as the models did.
@Suite struct AccuracyTests {
  @Test(.enabled(if: sharedFolder != nil), arguments: Accuracy.all)
  func recognisesAsManyAsTheOriginal(_ accuracy: Accuracy) throws {
    let arrays = try NpzArchive.read("\(try #require(sharedFolder))/data/\(accuracy.data).npz")
    let samples = try #require(arrays.first { $0.name == "x" }).tensor
    let labels = try #require(arrays.first { $0.name == "y" }).tensor.ints
    let isFull = ProcessInfo.processInfo.environment["NNC_FULL"] == "1"
    let (count, right) = (isFull ? accuracy.whole : nil) ?? (accuracy.count, accuracy.right)
    let graph = try RealModel(name: accuracy.model).graph()
    let found = try recognised(samples, labels.prefix(count), graph, accuracy.prepare)
    #expect(found == right, "\(found) of \(count) instead of \(right)")
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
    #expect(try recognised(images, labels[...], graph) { $0.reals } == right)
  }
}

/// The binary networks of samples/bnn-mst.
@Suite struct SimilarChannelsTests {
  /// What samples/bnn-mst/README.md states of the trained networks: how many of the images in test.bin they read.
  @Test(arguments: [("plain", 457), ("mst", 453)])
  func recogniseAsManyAsTheTrainedNetworks(name: String, right: Int) throws {
    let folder = projectFolder + "/samples/bnn-mst/"
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder + "test.bin")))
    let images = Tensor(bytes.prefix(500 * 784).map { Float($0) / 255 }, shape: [500, 1, 28, 28])
    let labels = bytes.suffix(500).map(Int.init)
    #expect(try recognised(images, labels[...], loadModel(at: folder + "\(name).json")) { $0.reals } == right)
  }
}

/// How many of some samples the C of a model with one input recognises.
private func recognised(
  _ samples: Tensor, _ labels: ArraySlice<Int>, _ graph: Graph, _ prepare: (Tensor) -> [Double]
) throws -> Int {
  let model = try graph.compiled()
  let input = try #require(graph.inputs.first)
  let type = graph.type(of: input.value)
  let sampleType = TensorType(samples.element, Shape([1] + samples.shape.dropFirst()))
  return try zip(labels, try samples.samples(of: sampleType)).count { label, sample in
    let scores = try model([input.name: Tensor(type, reals: prepare(sample))])[0].reals
    return scores.firstIndex(of: scores.max()!) == label
  }
}
