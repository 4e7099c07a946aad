import Foundation
import IR
import Importers
import SwiftProtobuf
import Testing

/// What becomes of the nodes of an ONNX file.
@Suite struct ONNXGraphTests {
  @Test func nodesInAnyOrder() throws {
    let file = try ONNXFile([OnnxNodeProto("Neg", ["h"], ["y"]), OnnxNodeProto("Relu", ["x"], ["h"])])
    #expect(try file.output().reals == [0, -1, -2, -3, -4, -5])
    let graph = try file.load()
    #expect(graph.name == "model")
    #expect(graph.name(of: graph.outputs[0].value) == "y")
    #expect(graph[graph.outputs[0].value].location?.place == "node 'y'")
  }

  @Test func nodesInACircle() throws {
    let file = try ONNXFile(
      [OnnxNodeProto("Add", ["x", "b"], ["a"], name: "first"), OnnxNodeProto("Neg", ["a"], ["b"])], output: "a")
    #expect(file.refusal().hasSuffix("depends on its own output"))
  }

  @Test func everythingThatIsNotSupportedAtOnce() throws {
    let file = try ONNXFile([
      OnnxNodeProto("Foo", ["x"], ["a"], name: "one"), OnnxNodeProto("Relu", ["a"], ["b"]),
      OnnxNodeProto("Foo", ["b"], ["c"], name: "two"), OnnxNodeProto("Bar", ["c"], ["d"], domain: "com.example"),
      OnnxNodeProto("Relu", ["x"], ["e"], [.int("slope", 1)]), OnnxNodeProto("Add", ["d", "e"], ["y"]),
    ])
    #expect(
      file.refusal() == """
        model.onnx: error: 3 operators are not supported:
          Foo (node 'one', node 'two')
          com.example.Bar (node 'd')
          Relu with attribute 'slope' (node 'e')
        """)
  }

  @Test func advice() throws {
    let refusal = try ONNXFile([OnnxNodeProto("ImageDecoder", ["x"], ["y"])]).refusal()
    #expect(refusal.contains("ImageDecoder: decode images before they are given to the model"))
  }

  @Test func operatorsOfTheIRAreNotThoseOfONNX() throws {
    #expect(try ONNXFile([OnnxNodeProto("Input", [], ["y"])]).refusal().contains("Input (node 'y')"))
  }

  @Test(arguments: [
    ("Neg", ["z"], ["y"], "uses 'z', which no node, input or initializer defines"),
    ("Neg", ["x"], ["x"], "depends on its own output"),
    ("Neg", ["x"], ["a"], "output 'y' is not computed by any node"),
    ("Neg", ["x"], ["y", "z"], "Neg has 1 results here, not 2"),
    ("Neg", ["x", "x"], ["y"], "takes operands (X), not 2"),
  ])
  func brokenNode(type: String, inputs: [String], outputs: [String], message: String) throws {
    let refusal = try ONNXFile([OnnxNodeProto(type, inputs, outputs)]).refusal()
    #expect(refusal.contains(message), "\(refusal)")
  }

  @Test func valueDefinedTwice() throws {
    let file = try ONNXFile([OnnxNodeProto("Neg", ["x"], ["y"]), OnnxNodeProto("Relu", ["x"], ["y"])])
    #expect(file.refusal().hasSuffix("'y' is defined twice"))
  }

  @Test(arguments: [(true, [0, -1, -2, -3, -4, -5]), (false, [0, 1, 2, 3, 4, 5])])
  func branches(condition: Bool, expected: [Double]) throws {
    func branch(_ type: String) -> OnnxGraphProto {
      .with { graph in
        graph.node = [OnnxNodeProto(type, ["x"], ["inner"])]
        graph.output = [.with { $0.name = "inner" }]
      }
    }
    let file = try ONNXFile([
      OnnxNodeProto("If", ["c"], ["y"], [.graph("then_branch", branch("Neg")), .graph("else_branch", branch("Relu"))])
    ])
    file.model.graph.initializer = [OnnxTensorProto("c", 9, []) { $0.int32Data = [condition ? 1 : 0] }]
    #expect(try file.output().reals == expected)
    #expect(try !file.load().text(constants: .exact).contains("If"))
    file.model.graph.initializer = []
    file.model.graph.input.append(ONNXFile.input("c", [], element: 9))
    let graph = try file.load()
    let inputs = ["x": Tensor([0, 1, 2, 3, 4, 5] as [Float], shape: [2, 3]), "c": Tensor(scalar: condition)]
    #expect(try graph.evaluate(inputs)[0].reals == expected)
  }

  /// A loop whose state grows has a type in each run, but no C loop can have it.
  @Test func loopThatGrows() throws {
    let body = OnnxGraphProto.with { graph in
      graph.name = "grow"
      graph.input = [
        ONNXFile.input("i", [], element: 7), ONNXFile.input("go", [], element: 9), ONNXFile.input("h", []),
      ]
      graph.node = [
        OnnxNodeProto("Concat", ["h", "x"], ["longer"], [.int("axis", 0)]), OnnxNodeProto("Identity", ["go"], ["on"]),
      ]
      graph.output = ["on", "longer"].map { name in .with { $0.name = name } }
    }
    let file = try ONNXFile([OnnxNodeProto("Loop", ["n", "", "x"], ["y"], [.graph("body", body)])])
    file.model.graph.initializer = [OnnxTensorProto("n", 7, []) { $0.int64Data = [2] }]
    #expect(try file.output().reals == [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5])
    file.model.graph.initializer = []
    file.model.graph.input.append(ONNXFile.input("n", [], element: 7))
    #expect(file.refusal().contains("the state must keep its type: 'h' is f32[2x3] first and then f32[4x3]"))
  }

  @Test func subGraphThatUsesWhatNothingDefines() throws {
    let branch = OnnxGraphProto.with { graph in graph.output = [.with { $0.name = "nowhere" }] }
    let file = try ONNXFile([
      OnnxNodeProto("If", ["c"], ["y"], [.graph("then_branch", branch), .graph("else_branch", branch)])
    ])
    file.model.graph.input.append(ONNXFile.input("c", [], element: 9))
    #expect(file.refusal().contains("a sub-graph uses 'nowhere', which no node, input or initializer defines"))
  }

  @Test func functionsWithAttributes() throws {
    let file = try ONNXFile([
      OnnxNodeProto("Leak", ["n"], ["y"], [.float("slope", 0.5)], name: "call", domain: "own"),
      OnnxNodeProto("Neg", ["x"], ["n"]),
    ])
    file.model.functions = [
      .with { function in
        function.name = "Leak"
        function.domain = "own"
        function.input = ["a", "left_out"]
        function.output = ["b"]
        function.attribute = ["slope"]
        function.node = [
          OnnxNodeProto("LeakyRelu", ["a"], ["c"], [.reference("alpha", to: "slope")]),
          OnnxNodeProto("Identity", ["c"], ["b"]),
        ]
      }
    ]
    #expect(try file.output().reals == [0, -0.5, -1, -1.5, -2, -2.5])
    #expect(try file.load().text(constants: .exact).contains("%call/c = LeakyRelu"))
  }

  @Test(arguments: ["qonnx.custom_op.general", "onnx.brevitas"])
  func bitsOfQONNX(domain: String) throws {
    let file = try ONNXFile([
      OnnxNodeProto("Sub", ["x", "two"], ["d"]), OnnxNodeProto("BipolarQuant", ["d", "half"], ["y"], domain: domain),
    ])
    file.model.opsetImport.append(
      .with {
        $0.domain = domain
        $0.version = 1
      })
    file.model.graph.initializer = [("two", 2), ("half", 0.5)].map { name, number in
      .with {
        ($0.name, $0.dataType, $0.floatData) = (name, 1, [number])
      }
    }
    #expect(try file.output().reals == [-0.5, -0.5, 0.5, 0.5, 0.5, 0.5])
  }

  @Test func functionsWithoutEnd() throws {
    let file = try ONNXFile([OnnxNodeProto("Twice", ["x"], ["y"])])
    file.model.functions = [
      .with { function in
        function.name = "Twice"
        function.input = ["a"]
        function.output = ["c"]
        function.node = [OnnxNodeProto("Twice", ["a"], ["b"]), OnnxNodeProto("Twice", ["b"], ["c"])]
      }
    ]
    #expect(file.refusal().contains("functions call each other more than 32 levels deep"))
  }
}
