import Testing

import IR

@Suite struct SpecWriterTests {
  /// A graph with names that collide, are odd or missing, constants of all sizes, and a value that two outputs share.
  private func sample() throws -> Graph {
    var graph = Graph(name: "sample")
    let x = try graph.add(Input("x", TensorType(.f32, [4, 20])), name: "other")
    _ = try graph.add(Input("unused", TensorType(.i8, [2])), name: "unused")
    let weight = try graph.add(Constant(Tensor(random: TensorType(.f32, [4, 20]), seed: 1)), name: "x")
    let scalar = try graph.add(Constant(Tensor(scalar: Float(0.1))), name: nil)
    let infinite = try graph.add(Constant(Tensor([-Float.infinity])), name: "a\nb\u{7f}")
    let small = try graph.add(
      Constant(Tensor([Float](repeating: 1e-20, count: 4), shape: [4, 1])), name: "__metadata__")
    _ = try graph.add(Constant(Tensor(random: TensorType(.f64, [100]), seed: 2)), name: "dead")
    let bools = try graph.add(Constant(Tensor([true, false])), name: "flags")
    let bytes = try graph.add(Constant(Tensor([UInt8](0..<30))), name: "bytes")
    var sum = x
    for operand in [weight, scalar, infinite, small] { sum = try graph.add(Add(), [sum, operand], name: "sum") }
    graph.outputs = [
      ("y", try graph.add(Relu(), [sum], name: "y")), ("also", Value(node: graph.nodes.count - 1)), ("flags", bools),
      ("bytes", bytes),
    ]
    return graph
  }

  @Test func roundTrips() throws {
    try withTemporaryFolder { folder in
      let graph = try sample()
      try graph.writeSpec(to: folder + "/m.json")
      let read = try Graph(spec: folder + "/m.json")
      #expect(read.inputs.map(\.name) == ["x", "unused"])
      #expect(read.outputs.map(\.name) == ["y", "also", "flags", "bytes"])
      let inputs = ["x": Tensor(random: TensorType(.f32, [4, 20]), seed: 3), "unused": Tensor([Int8(1), 2])]
      #expect(try read.evaluate(inputs) == graph.evaluate(inputs))
      // What is read is written as it was.
      try read.writeSpec(to: folder + "/n.json")
      let first = try String(decoding: contents(ofFile: folder + "/m.json"), as: UTF8.self)
      let second = try String(decoding: contents(ofFile: folder + "/n.json"), as: UTF8.self)
      #expect(second == first.replacing("m.safetensors", with: "n.safetensors"))
      let weights = try Safetensors(path: folder + "/m.safetensors")
      #expect(weights.entries.map(\.name) == ["x_1", "a_b_", "bytes"])
    }
  }

  /// Bodies have names of their own, and weights that lie with those of the model.
  @Test func branchesAndLoops() throws {
    try withTemporaryFolder { folder in
      let graph = try Graph(
        parsing: """
          graph g {
            %c = Input : bool[]
            %x = Input : f32[20]
            %w = Constant random(1) : f32[20]
            %a = Add(%x, %w)
            %y = If(%c, %a) {then_branch: graph t {
              %w = Input : f32[20]
              %x = Constant random(2) : f32[20]
              %m = Mul(%w, %x)
              return %m
            }, else_branch: graph e {
              %w = Input : f32[20]
              return %w
            }}
            return %y
          }
          """, file: "g")
      try graph.writeSpec(to: folder + "/m.json")
      let read = try Graph(spec: folder + "/m.json")
      for condition in [false, true] {
        let inputs = ["x": Tensor(random: TensorType(.f32, [20]), seed: 3), "c": Tensor(scalar: condition)]
        #expect(try read.evaluate(inputs) == graph.evaluate(inputs))
      }
      #expect(try Safetensors(path: folder + "/m.safetensors").entries.map(\.name) == ["w", "x_1"])
      try read.writeSpec(to: folder + "/n.json")
      #expect(
        try contents(ofFile: folder + "/n.json")
          == Array(
            String(decoding: contents(ofFile: folder + "/m.json"), as: UTF8.self)
              .replacing("m.safetensors", with: "n.safetensors").utf8))
    }
  }

  @Test func writesPlainText() throws {
    try withTemporaryFolder { folder in
      var graph = Graph(name: "tiny")
      let x = try graph.add(Input("x", TensorType(.f32, [1, 2])), name: "x")
      let c = try graph.add(Constant(Tensor([Float(1), -2.5])), name: "c")
      graph.outputs = [("y", try graph.add(Add(), [x, c], name: "y"))]
      try graph.writeSpec(to: folder + "/tiny.json")
      #expect(
        try String(decoding: contents(ofFile: folder + "/tiny.json"), as: UTF8.self) == """
          {
            "nnc": 1,
            "name": "tiny",
            "inputs": [
              {"name": "x", "type": "f32", "shape": [1, 2]}
            ],
            "outputs": ["y"],
            "constants": {
              "c": {"type": "f32", "data": [1.0, -2.5]}
            },
            "nodes": [
              {"op": "Add", "inputs": ["x", "c"], "outputs": ["y"]}
            ]
          }

          """)
      #expect(throws: Diagnostic.self) { _ = try Safetensors(path: folder + "/tiny.safetensors") }
    }
  }

  @Test func holdsTypesThatSafetensorsLacks() throws {
    try withTemporaryFolder { folder in
      var graph = Graph(name: "narrow")
      let types = [
        TensorType(.i4, [3, 7]), TensorType(.u2, [19]), TensorType(.f8e5m2fnuz, [5, 4]), TensorType(.f4e2m1, [17]),
        TensorType(.f4e2m1, [18]), TensorType(.f8e4m3fn, [20]), TensorType(.i2, [3]),
      ]
      for (index, type) in types.enumerated() {
        let tensor = Tensor(random: type, seed: UInt64(index) + 1)
        graph.outputs.append(("y\(index)", try graph.add(Constant(tensor), name: "c\(index)")))
      }
      graph.outputs.append(("x", try graph.add(Input("c0.bytes", TensorType(.i4, [3])), name: "x")))
      try graph.writeSpec(to: folder + "/m.json")
      let read = try Graph(spec: folder + "/m.json")
      let inputs = ["c0.bytes": Tensor(random: TensorType(.i4, [3]), seed: 9)]
      #expect(try read.evaluate(inputs) == graph.evaluate(inputs))
      let weights = try Safetensors(path: folder + "/m.safetensors")
      #expect(weights.entries.map(\.name) == ["c0.bytes_1", "c1.bytes", "c2.bytes", "c3.bytes", "c5", "c4"])
      #expect(weights.entries.map(\.format) == ["U8", "U8", "U8", "U8", "F8_E4M3", "F4"])
    }
  }

  @Test(arguments: [
    (#"{"type": "i4", "shape": [5], "weight": "v"}"#, "has the bytes of the weight \"v\", but there is none"),
    (#"{"type": "i4", "shape": [5], "weight": "w"}"#, "takes 3 bytes, but the weight \"w\" is u8[4]"),
    (#"{"type": "bool", "shape": [4], "weight": "w"}"#, "should be a weight of type BOOL itself"),
    (#"{"type": "i4", "weight": "w"}"#, "\"shape\""),
    (#"{"type": "i4", "shape": [8], "weight": "w", "data": 1}"#, "\"data\""),
  ])
  func refusesBytesThatDoNotFit(constant: String, message: String) throws {
    let weights = safetensors(
      #"{"w":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#, data: [1, 2, 3, 4])
    let spec =
      #"{"nnc": 1, "name": "g", "inputs": [], "weights": "w", "outputs": ["c"], "nodes": [], "constants": {"c": \#(constant)}}"#
    #expect(try diagnostic { _ = try graph(spec: spec, weights: weights) }?.contains(message) == true)
  }

  @Test func refusesWhatASpecCannotHold() throws {
    var graph = Graph(name: "g")
    graph.outputs = [
      (
        "c",
        try graph.add(
          Constant(
            Tensor(TensorType(.bit, [8])) { $0[0] = 1 }), name: "c")
      )
    ]
    #expect(
      try diagnostic { try graph.writeSpec(to: "/tmp/never.json") }?.contains("the constant \"c\" is bit[8]") == true)
    #expect(
      try diagnostic { try Graph(name: "g").writeSpec(to: "/nonexistent/m.json") }?.contains(
        "cannot write '/nonexistent/m.json'") == true)
    #expect(try diagnostic { try Graph(name: "g").writeSpec(to: "/") }?.contains("cannot be the path") == true)
  }
}
