import IR
import Importers
import SwiftProtobuf
import Testing

/// Sequences and optionals disappear when a model is read.
@Suite struct ONNXSequenceTests {
  private static let position = OnnxTensorProto("p", 7, []) { $0.int64Data = [-1] }

  /// The outputs for `x` = [[0, 1, 2], [3, 4, 5]], by name.
  private func outputs(_ nodes: [OnnxNodeProto], output: String = "y") throws -> [String: [Double]] {
    let file = try ONNXFile(nodes, output: output)
    file.model.graph.initializer = [Self.position]
    let graph = try file.load()
    let results = try graph.evaluate(["x": Tensor([0, 1, 2, 3, 4, 5] as [Float], shape: [2, 3])])
    return Dictionary(uniqueKeysWithValues: zip(graph.outputs.map(\.name), results.map(\.reals)))
  }

  @Test func elementsOfASequence() throws {
    let rows = OnnxNodeProto("SplitToSequence", ["x"], ["s"], [.int("axis", 0), .int("keepdims", 0)])
    #expect(try outputs([rows], output: "s") == ["s_0": [0, 1, 2], "s_1": [3, 4, 5]])
    #expect(try outputs([rows, OnnxNodeProto("SequenceAt", ["s", "p"], ["y"])]) == ["y": [3, 4, 5]])
    #expect(try outputs([rows, OnnxNodeProto("SequenceLength", ["s"], ["y"])]) == ["y": [2]])
    let columns = OnnxNodeProto("ConcatFromSequence", ["s"], ["y"], [.int("axis", -1), .int("new_axis", 1)])
    #expect(try outputs([rows, columns]) == ["y": [0, 3, 1, 4, 2, 5]])
  }

  @Test func insertingAndErasing() throws {
    let nodes = [
      OnnxNodeProto("Neg", ["x"], ["n"]), OnnxNodeProto("SequenceConstruct", ["x", "x"], ["s"]),
      OnnxNodeProto("SequenceInsert", ["s", "n", "p"], ["t"]), OnnxNodeProto("SequenceErase", ["t"], ["u"]),
    ]
    #expect(
      try outputs(nodes, output: "u") == ["u_0": [0, 1, 2, 3, 4, 5], "u_1": [0, -1, -2, -3, -4, -5]])
    let empty = [OnnxNodeProto("SequenceEmpty", [], ["e"]), OnnxNodeProto("SequenceInsert", ["e", "x"], ["y"])]
    #expect(try outputs(empty) == ["y_0": [0, 1, 2, 3, 4, 5]])
  }

  @Test func bodyForEachElement() throws {
    let body = OnnxGraphProto.with { graph in
      graph.node = [OnnxNodeProto("Sub", ["a", "b"], ["d"])]
      graph.input = ["a", "b"].map { name in .with { $0.name = name } }
      graph.output = [.with { $0.name = "d" }]
    }
    let nodes = [
      OnnxNodeProto("SplitToSequence", ["x"], ["s"]),
      OnnxNodeProto("SequenceAt", ["s", "p"], ["last"]),
      OnnxNodeProto("SequenceMap", ["s", "last"], ["y"], [.graph("body", body)]),
    ]
    #expect(try outputs(nodes) == ["y_0": [-3, -3, -3], "y_1": [0, 0, 0]])
  }

  @Test func optionals() throws {
    let full = [OnnxNodeProto("Optional", ["x"], ["o"]), OnnxNodeProto("OptionalGetElement", ["o"], ["y"])]
    #expect(try outputs(full) == ["y": [0, 1, 2, 3, 4, 5]])
    let empty = [OnnxNodeProto("Optional", [], ["o"]), OnnxNodeProto("OptionalHasElement", ["o"], ["y"])]
    #expect(try outputs(empty) == ["y": [0]])
  }

  @Test func inputsThatAreSequences() throws {
    let file = try ONNXFile([OnnxNodeProto("ConcatFromSequence", ["s"], ["y"], [.int("axis", 0)])])
    file.model.graph.input = [.with { $0.name = "s" }]
    file.model.graph.input[0].type.sequenceType.elemType.tensorType.elemType = 1
    file.model.graph.input[0].type.sequenceType.elemType.tensorType.shape.dim = [.with { $0.dimParam = "n" }]
    #expect(file.refusal().contains("--dim s=N  (the length of the sequence 's')"))
    let graph = try file.load(LoadOptions(dims: ["s": 2, "n": 2, "s_1.0": 3]))
    #expect(graph.inputs.map { "\($0.name): \(graph.type(of: $0.value))" } == ["s_0: f32[2]", "s_1: f32[3]"])
    #expect(graph.type(of: graph.outputs[0].value) == TensorType(.f32, [5]))
    #expect(file.refusal(LoadOptions(dims: ["s": 5000, "n": 1])).contains("at most 4096 are possible"))
  }

  @Test(arguments: [
    ([OnnxNodeProto("SequenceEmpty", [], ["e"]), OnnxNodeProto("Neg", ["e"], ["y"])], "Neg takes tensors"),
    (
      [OnnxNodeProto("SequenceConstruct", ["x"], ["s"]), OnnxNodeProto("SequenceAt", ["s", "q"], ["y"])], "position 1"
    ),
    ([OnnxNodeProto("SequenceAt", ["x", "p"], ["y"])], "operand 0 of SequenceAt should be a sequence"),
    ([OnnxNodeProto("SplitToSequence", ["x"], ["s"], [.int("axis", 2)])], "axis 2 does not exist"),
    (
      [OnnxNodeProto("SequenceEmpty", [], ["e"]), OnnxNodeProto("ConcatFromSequence", ["e"], ["y"])],
      "gets an empty sequence"
    ),
    ([OnnxNodeProto("Optional", [], ["y"])], "output 'y' is an optional without element"),
    ([OnnxNodeProto("StringNormalizer", ["x"], ["y"])], "there are no strings on the device"),
  ])
  func faults(nodes: [OnnxNodeProto], message: String) throws {
    let file = try ONNXFile(nodes)
    file.model.graph.initializer = [Self.position, OnnxTensorProto("q", 7, []) { $0.int64Data = [1] }]
    let refusal = file.refusal()
    #expect(refusal.contains(message), "\(refusal)")
  }
}
