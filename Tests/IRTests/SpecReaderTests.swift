import Testing

import IR

@Suite struct SpecReaderTests {
  private let weights = safetensors(
    #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"unused":{"dtype":"F8_E4M3","shape":[3],"data_offsets":[8,11]}}"#,
    data: bytes(Tensor([Float(0.5), -3])) + [1, 2, 3])

  @Test func readsASpecWithWeightsAndConstants() throws {
    let graph = try graph(
      spec: """
        {"$schema": "x", "nnc": 1, "name": "digits", "description": "an example",
         "inputs": [{"name": "x", "type": "f32", "shape": [3, 2]}],
         "outputs": ["y"], "weights": "w.safetensors",
         "constants": {"c": {"type": "f32", "data": 0.25}},
         "nodes": [{"op": "Relu", "inputs": ["t"], "outputs": ["y"]},
                   {"op": "Add", "name": "bias", "inputs": ["s", "c"], "outputs": ["t"]},
                   {"op": "Add", "inputs": ["x", "w"], "outputs": ["s"], "attributes": {}}]}
        """, weights: weights)
    #expect(
      graph.description == """
        graph digits {
          %x = Input : f32[3x2]
          %w = Constant [0.5, -3.0] : f32[2]
          %s = Add(%x, %w) : f32[3x2]
          %c = Constant [0.25] : f32[]
          %t = Add(%s, %c) : f32[3x2]
          %y = Relu(%t) : f32[3x2]
          return %y
        }

        """)
    #expect(graph.nodes[2].location == Location(file: "model.json", line: 7, column: 12))
    let result = try graph.evaluate(["x": Tensor([Float(1), 2, 3, 4, -9, 3.5], shape: [3, 2])])
    #expect(result == [Tensor([Float(1.75), 0, 3.75, 1.25, 0, 0.75], shape: [3, 2])])
  }

  @Test func keepsTheOrderOfNodesThatAreInOrder() throws {
    let names = (0..<40).map { "v\($0)" }
    let nodes = names.indices.map { index in
      #"{"op": "Add", "inputs": ["\#(index < 2 ? "x" : names[index / 2])", "c\#(index)"], "outputs": ["v\#(index)"]}"#
    }
    let constants = names.indices.map { #""c\#($0)": {"type": "f32", "data": \#($0)}"# }.joined(separator: ",")
    let graph = try graph(
      spec: """
        {"nnc": 1, "name": "g", "inputs": [{"name": "x", "type": "f32", "shape": [1]}], "outputs": ["v39"],
         "constants": {\(constants)}, "nodes": [\(nodes.joined(separator: ","))]}
        """)
    #expect(graph.nodes.filter { $0.op is Add }.map { $0.names[0] } == names)
  }

  @Test func readsALongChainThatStandsInReverse() throws {
    let count = 20_000
    let nodes = (0..<count).reversed().map { index in
      #"{"op": "Add", "inputs": ["\#(index == 0 ? "x" : "v\(index - 1)")", "x"], "outputs": ["v\#(index)"]}"#
    }
    let graph = try graph(
      spec: """
        {"nnc": 1, "name": "g", "inputs": [{"name": "x", "type": "f32", "shape": []}], "outputs": ["v\(count - 1)"],
         "nodes": [\(nodes.joined(separator: ","))]}
        """)
    #expect(graph.nodes.count == count + 1)
    #expect(graph.nodes[1].names == ["v0"])
  }

  @Test func bindsDynamicDimensions() throws {
    let spec = """
      {"nnc": 1, "name": "g", "outputs": ["x"], "nodes": [], "inputs": [
        {"name": "x", "type": "f32", "shape": ["batch", 3]},
        {"name": "y", "type": "i64", "shape": ["batch", "length"]}]}
      """
    let bound = try graph(spec: spec, bindings: ["batch": 2, "length": 5])
    #expect(bound.inputs.map { bound.type(of: $0.value).description } == ["f32[2x3]", "i64[2x5]"])
    let unbound = try diagnostic { _ = try graph(spec: spec) }
    #expect(
      unbound
        == #"model.json:2:42: error: dimensions "batch", "length" have no extents; give them with --dim batch=N --dim length=N"#
    )
    let one = try diagnostic { _ = try graph(spec: spec, bindings: ["batch": 2]) }
    #expect(one == #"model.json:3:51: error: dimension "length" has no extent; give it one with --dim length=N"#)
    let unknown = try diagnostic { _ = try graph(spec: spec, bindings: ["batch": 2, "length": 1, "bach": 3]) }
    #expect(unknown?.contains(#"no dynamic dimension "bach"; did you mean "batch"?; it has batch, length"#) == true)
    let negative = try diagnostic { _ = try graph(spec: spec, bindings: ["batch": -2, "length": 1]) }
    #expect(negative?.contains("cannot be -2") == true)
    let huge = try diagnostic { _ = try graph(spec: spec, bindings: ["batch": Int.max, "length": Int.max]) }
    #expect(huge?.contains("too large") == true)
  }

  @Test func readsNumbersExactly() throws {
    func tensor(_ json: String) throws -> Tensor {
      let graph = try graph(
        spec: #"{"nnc": 1, "name": "g", "inputs": [], "outputs": ["c"], "nodes": [], "constants": {"c": \#(json)}}"#)
      return try graph.evaluate([:])[0]
    }
    // Halfway between two numbers of f32 but for a digit that f64 cannot hold.
    #expect(try tensor(#"{"type": "f32", "data": 1.00000017881393432617187499}"#) == Tensor(scalar: Float(1.0000001)))
    #expect(
      try tensor(#"{"type": "i64", "data": [9223372036854775807, -9223372036854775808]}"#) == Tensor([Int64.max, .min]))
    #expect(try tensor(#"{"type": "u64", "data": [18446744073709551615]}"#) == Tensor([UInt64.max]))
    #expect(
      try tensor(#"{"type": "f64", "data": [5e-324, -0.0, 1E3]}"#)
        == Tensor([Double.leastNonzeroMagnitude, -0.0, 1000]))
    #expect(
      try tensor(#"{"type": "bool", "shape": [2, 2], "data": [true, false, 1, 0]}"#)
        == Tensor([true, false, true, false], shape: [2, 2]))
    #expect(
      try tensor(#"{"type": "f16", "data": ["inf", "-inf", 65504]}"#) == Tensor([Float16.infinity, -.infinity, 65504]))
    #expect(try tensor(#"{"type": "f32", "data": "nan"}"#).reals[0].isNaN)
    #expect(try tensor(#"{"type": "i8", "shape": [3, 0], "data": []}"#).shape == [3, 0])
  }

  @Test func readsAttributesOfEachKind() throws {
    func probe(_ json: String) throws -> Probe {
      try Array(json.utf8).withUnsafeBytes { bytes in
        let reader = JSONReader(file: "p.json")
        return try reader.operation(
          Probe.self, reader.members(JSONParser.parse(bytes, file: "p.json"), "attributes"), title: "Probe \"p\"")
      }
    }
    let all = try probe(
      #"{"pads": [1, -2], "alpha": 2, "limit": "inf", "mode": "reflect", "keep_dims": 0, "scales": [1, 0.5, "-inf"], "value": {"type": "i8", "data": [3]}}"#
    )
    var expected = Probe()
    (expected.pads, expected.alpha, expected.limit, expected.mode, expected.keepDims) = (
      [1, -2], 2, .infinity, .reflect, false
    )
    (expected.scales, expected.value) = ([1, 0.5, -.infinity], Tensor([Int8(3)]))
    #expect(all == expected)
    #expect(try probe(#"{"limit": null, "alpha": 123456789012345678901234567890}"#).alpha == 1.2345679e29)
    #expect(
      try diagnostic { _ = try probe(#"{"pad": [1]}"#) }
        == #"p.json:1:2: error: Probe "p" has no attribute "pad"; did you mean "pads"?; it has pads, alpha, limit, mode, keep_dims, scales, value"#
    )
    for (json, message) in [
      (#"{"pads": [1.5]}"#, "1:10: error: Probe \"p\": attribute 'pads' should be a list of integers, not [1.5]"),
      (
        #"{"pads": [99999999999999999999]}"#,
        "1:11: error: Probe \"p\": 99999999999999999999 does not fit an integer of 64 bits"
      ),
      (#"{"mode": "edge"}"#, "should be one of constant, reflect, not edge"),
      (#"{"alpha": 1e999}"#, "1e999 is too large for a number"),
      (#"{"keep_dims": 2}"#, "should be true or false, not 2"),
      (#"{"value": [1]}"#, "should be a tensor, not [1]"),
      (#"{"value": {"type": "bit", "data": [1]}}"#, "unknown type \"bit\""),
      (#"{"pads": [[1]]}"#, "should be a list of integers"),
      (#"{"pads": null}"#, "should be a list of integers"),
    ] {
      let found = try diagnostic { _ = try probe(json) }
      #expect(found?.contains(message) == true, "\(json): \(found ?? "no error")")
    }
  }

  @Test(arguments: [
    "int", "auto; }", "a\"b", "*/ #include <x>", "%d %s", "日本", "a b", "..", "__metadata__", "\\", "💥", "-1",
  ])
  func acceptsAnyPrintableName(_ name: String) throws {
    let quoted = name.jsonQuoted
    let graph = try graph(
      spec: """
        {"nnc": 1, "name": \(quoted), "inputs": [{"name": \(quoted), "type": "f32", "shape": [1]}], "outputs": ["y"],
         "nodes": [{"op": "Relu", "inputs": [\(quoted)], "outputs": ["y"]}]}
        """)
    #expect(graph.name == name)
    #expect(try Graph(parsing: graph.text(constants: .exact), file: "g").inputs.map(\.name) == [name])
  }
}
