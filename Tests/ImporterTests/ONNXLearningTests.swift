import Foundation
import IR
import Importers
import SwiftProtobuf
import Testing

/// Models of classical machine learning. What is expected was computed by onnxruntime.
@Suite struct ONNXLearningTests {
  /// The outputs of one operator of ai.onnx.ml on `x`.
  private func outputs(
    _ type: String, _ attributes: [OnnxAttributeProto], x: [Float] = [0, 1, 2, 3, 4, 5], _ shape: [Int] = [2, 3],
    count: Int = 1
  ) throws -> [[Double]] {
    let graph = try file(type, attributes, shape, count: count).load()
    return try graph.evaluate(["x": Tensor(x, shape: Shape(shape))]).map(\.reals)
  }

  private func file(
    _ type: String, _ attributes: [OnnxAttributeProto], _ shape: [Int] = [2, 3], count: Int = 1
  ) throws -> ONNXFile {
    let names = (0..<count).map { "y\($0)" }
    let file = try ONNXFile([OnnxNodeProto(type, ["x"], names, attributes, domain: "ai.onnx.ml")])
    file.model.opsetImport.append(
      .with {
        $0.domain = "ai.onnx.ml"
        $0.version = 3
      })
    file.model.graph.input = [ONNXFile.input("x", shape.map { Int64($0) })]
    file.model.graph.output = names.map { name in .with { $0.name = name } }
    return file
  }

  private func isClose(_ found: [Double], _ expected: [Double]) -> Bool {
    found.count == expected.count
      && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-5 || ($0.isNaN && $1.isNaN) }
  }

  @Test func features() throws {
    #expect(
      try outputs("Scaler", [.floats("offset", [1]), .floats("scale", [2, 3, 4])]) == [[-2, 0, 4, 4, 9, 16]])
    #expect(
      try outputs("Normalizer", [.string("norm", "MAX")], x: [-3, 1, 0, 0, -2, -1], [3, 2]) == [[-3, 1, 0, 0, 2, 1]])
    let l1 = try outputs("Normalizer", [.string("norm", "L1")], x: [-3, 1, 0, 0], [2, 2])[0]
    #expect(isClose(l1, [-0.75, 0.25, 0, 0]))
    #expect(try outputs("Binarizer", [.float("threshold", 2.5)]) == [[0, 0, 0, 1, 1, 1]])
    #expect(
      try outputs(
        "Imputer", [.floats("imputed_value_floats", [7, 8]), .float("replaced_value_float", .nan)],
        x: [.nan, 1, 2, .nan], [2, 2]) == [[7, 1, 2, 8]])
    #expect(try outputs("OneHotEncoder", [.ints("cats_int64s", [1, 4])], x: [1, 5], [2]) == [[1, 0, 0, 0]])
    #expect(try outputs("FeatureVectorizer", [.ints("inputdimensions", [2])]) == [[0, 1, 3, 4]])
  }

  @Test func linearModels() throws {
    let weights = [OnnxAttributeProto.floats("coefficients", [0.5, -1, 0.25]), .floats("intercepts", [0.1])]
    #expect(isClose(try outputs("LinearRegressor", weights)[0], [-0.4, -1.15]))
    let classes = [OnnxAttributeProto.ints("classlabels_ints", [5, 7]), .string("post_transform", "LOGISTIC")]
    let found = try outputs("LinearClassifier", weights + classes, count: 2)
    #expect(found[0] == [5, 5])
    #expect(isClose(found[1], [0.598688, 0.401312, 0.759511, 0.240489]))
  }

  @Test func supportVectors() throws {
    let found = try outputs(
      "SVMRegressor",
      [
        .floats("coefficients", [0.5, -0.2]), .floats("support_vectors", [0.1, 0.2, -0.3, 0.4]),
        .floats("rho", [0.1]), .int("n_supports", 2), .string("kernel_type", "RBF"),
        .floats("kernel_params", [0.5, 0, 3]),
      ], x: [0.3, 1, -0.2, 0.5], [2, 2])
    let gaussians = [(0.04 + 0.64, 0.36 + 0.36), (0.09 + 0.09, 0.01 + 0.01)]
    #expect(isClose(found[0], gaussians.map { 0.5 * exp(-0.5 * $0.0) - 0.2 * exp(-0.5 * $0.1) + 0.1 }))
  }

  /// A tree: x[0] < 0.5 ? a : (x[2] is 5 ? b : c).
  private static let tree: [OnnxAttributeProto] = [
    .ints("nodes_treeids", [7, 7, 7, 7, 7]), .ints("nodes_nodeids", [0, 1, 2, 3, 4]),
    .ints("nodes_featureids", [0, 0, 2, 0, 0]), .floats("nodes_values", [0.5, 0, 5, 0, 0]),
    OnnxAttributeProto("nodes_modes", .strings) {
      $0.strings = ["BRANCH_LT", "LEAF", "BRANCH_EQ", "LEAF", "LEAF"].map { Data($0.utf8) }
    },
    .ints("nodes_truenodeids", [1, 0, 3, 0, 0]), .ints("nodes_falsenodeids", [2, 0, 4, 0, 0]),
  ]

  private static func votes(_ kind: String, _ ids: [Int64], _ weights: [Float]) -> [OnnxAttributeProto] {
    [
      .ints("\(kind)_treeids", [7, 7, 7]), .ints("\(kind)_nodeids", [1, 3, 4]), .ints("\(kind)_ids", ids),
      .floats("\(kind)_weights", weights),
    ]
  }

  @Test func treeRegressor() throws {
    let votes = Self.votes("target", [0, 0, 0], [1, 2, 3]) + [.int("n_targets", 1), .floats("base_values", [10])]
    let x: [Float] = [0, 0, 0, 0.5, 0, 5, 0.5, 0, 6, .nan, 0, .nan]
    #expect(try outputs("TreeEnsembleRegressor", Self.tree + votes, x: x, [4, 3]) == [[11, 12, 13, 13]])
    // Where a feature is missing, these nodes hold.
    let missing = OnnxAttributeProto.ints("nodes_missing_value_tracks_true", [1, 0, 1, 0, 0])
    #expect(
      try outputs("TreeEnsembleRegressor", Self.tree + votes + [missing], x: [1, 0, .nan, .nan, 0, 5])
        == [[12, 11]])
  }

  @Test func treeClassifier() throws {
    let votes = Self.votes("class", [0, 1, 2], [1, 2, 3])
    let names = OnnxAttributeProto("classlabels_strings", .strings) {
      $0.strings = ["ant", "bee", "cat"].map { Data($0.utf8) }
    }
    let x: [Float] = [0, 0, 0, 0.5, 0, 5, 0.5, 0, 6]
    let named = try file("TreeEnsembleClassifier", Self.tree + votes + [names], [3, 3], count: 2)
    let graph = try named.load()
    let results = try graph.evaluate(["x": Tensor(x, shape: [3, 3])]).map(\.reals)
    #expect(results == [[0, 1, 2], [1, 0, 0, 0, 2, 0, 0, 0, 3]])
    #expect((graph[graph.outputs[0].value].op as? ClassLabels)?.names == ["ant", "bee", "cat"])
    // The score of one class decides between two.
    let binary = Self.votes("class", [0, 0, 0], [0.25, 0.5, 0.75]) + [.ints("classlabels_int64s", [4, 6])]
    #expect(
      try outputs("TreeEnsembleClassifier", Self.tree + binary, x: x, [3, 3], count: 2)
        == [[4, 4, 6], [0.75, 0.25, 0.5, 0.5, 0.25, 0.75]])
  }

  @Test func labels() throws {
    let found = try outputs(
      "LabelEncoder",
      [.floats("keys_floats", [3, .nan, 0]), .ints("values_int64s", [30, 10, 20]), .int("default_int64", -5)],
      x: [3, 1, .nan, 0], [4])
    #expect(found == [[30, -5, 10, 20]])
    #expect(
      try file("LabelEncoder", [OnnxAttributeProto("keys_strings", .strings) { $0.strings = [Data()] }]).refusal()
        .contains("there are no strings on the device"))
  }

  @Test func faults() throws {
    let votes = Self.votes("target", [0, 0, 0], [1, 2, 3])
    func refusal(_ attributes: [OnnxAttributeProto]) throws -> String {
      try file("TreeEnsembleRegressor", attributes).refusal()
    }
    #expect(try refusal(Self.tree + votes + [.int("n_targets", 0)]).contains("'targets' is 0"))
    #expect(try refusal(Self.tree + Self.votes("target", [0, 0, 1], [1, 2, 3])).contains("votes for target 1"))
    #expect(try refusal(Array(Self.tree.dropLast()) + votes).contains("should have as many elements"))
    var circle = Self.tree
    circle[5] = .ints("nodes_truenodeids", [2, 0, 0, 0, 0])
    #expect(try refusal(circle + votes).contains("a node is reached by two ways"))
    circle[5] = .ints("nodes_truenodeids", [9, 0, 3, 0, 0])
    #expect(try refusal(circle + votes).contains("node 0 of tree 7 leads to node 9, which does not exist"))
    #expect(try file("Scaler", [.floats("scale", [1, 2])]).refusal().contains("should have 1 or 3"))
    #expect(try file("Scaler", [.int("unknown", 1)]).refusal().contains("Scaler with attribute 'unknown'"))
    let unversioned = try file("Scaler", [])
    unversioned.model.opsetImport.removeLast()
    #expect(unversioned.refusal().contains("does not say of which version of the operators of ai.onnx.ml"))
  }
}
