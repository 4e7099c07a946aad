import Testing

import IR

/// Specs that are at fault, and what the user is told.
@Suite struct SpecFaultTests {
  struct Case: CustomTestStringConvertible {
    var text: String
    var messages: [String]
    var testDescription: String { messages[0] }

    init(_ text: String, _ messages: String...) { (self.text, self.messages) = (text, messages) }

    /// A spec with the given nodes, on one line.
    init(nodes: String, outputs: String = #"["y"]"#, _ messages: String...) {
      text =
        #"{"nnc": 1, "name": "g", "inputs": [{"name": "x", "type": "f32", "shape": [2]}], "outputs": \#(outputs), "weights": "w", "nodes": [\#(nodes)]}"#
      self.messages = messages
    }

    init(inputs: String, _ messages: String...) {
      text = #"{"nnc": 1, "name": "g", "inputs": \#(inputs), "outputs": ["x"], "nodes": []}"#
      self.messages = messages
    }

    init(constant: String, _ messages: String...) {
      text = #"{"nnc": 1, "name": "g", "inputs": [], "outputs": ["c"], "nodes": [], "constants": {"c": \#(constant)}}"#
      self.messages = messages
    }
  }

  static let weights =
    #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"e":{"dtype":"F6_E2M3","shape":[4],"data_offsets":[8,11]},"t":{"dtype":"BOOL","shape":[1],"data_offsets":[11,12]}}"#

  static let json: [Case] = [
    Case("", "model.json:1:1: error: expected a value but found the end of the file"),
    Case("{", "1:2: error: expected a key in double quotes, but found the end of the file"),
    Case("[1, 2", "1:6: error: expected ',' or ']' but found the end of the file"),
    Case("[1,\n 2,]", "2:4: error: there is a comma before ']'; remove it"),
    Case(#"{"a": 1,}"#, "1:9: error: there is a comma before '}'"),
    Case(#"{"é": 1, "é": 2}"#, #"1:10: error: the key "é" is given twice, first at 1:2"#),
    Case(#"{'a': 1}"#, "1:2: error: expected a key in double quotes, but found a single quote"),
    Case(#"{"a" 1}"#, #"1:6: error: expected ':' after the key "a", but found '1'"#),
    Case("// no\n{}", "1:1: error: expected a value but found '/'; JSON has no comments"),
    Case("{} {}", "1:4: error: expected nothing after the value"),
    Case("[NaN]", "1:2: error: 'NaN' is not a number in JSON"),
    Case("[-Infinity]", "infinity and NaN are not numbers in JSON"),
    Case("[01]", "a number cannot start with the digit 0"),
    Case("[1.]", "1:4: error: expected a digit but found ']'"),
    Case("[1e]", "expected a digit"),
    Case("[-]", "expected a digit"),
    Case("[+1]", "expected a value but found '+'"),
    Case("[1x]", "expected the end of the number, but found 'x'"),
    Case("[tru]", "expected a value but found 'tru'"),
    Case("[\"a", "1:2: error: this string has no end"),
    Case("[\"a\nb\"]", "this string has no end"),
    Case("[\"a\u{1}b\"]", "1:4: error: a string cannot have the control character 0x1"),
    Case(#"["\x"]"#, "unknown escape"),
    Case(#"["\u12g4"]"#, "four hexadecimal digits"),
    Case(#"["\ud800"]"#, "1:3: error: \\ud800 is half of a character"),
    Case(#"["\ud800\u0041"]"#, "half of a character"),
    Case(#"["\udc00"]"#, "half of a character"),
    Case(#"["\u"#, "four hexadecimal digits"),
    Case("\u{feff}{}", "byte order mark"),
    Case(String(repeating: "[", count: 100_000), "1:65: error: lists and objects are nested more than 64 deep"),
    Case(String(repeating: "{\"a\":", count: 100_000), "nested more than 64 deep"),
  ]

  static let declarations: [Case] = [
    Case("[]", "a model spec should be an object, not a list"),
    Case("{}", #"this is not a model spec of nnc; one begins with "nnc": 1"#),
    Case(
      #"{"nnc": 2, "futures": 1}"#, "1:9: error: this spec is of version the number 2, but this nnc reads version 1"),
    Case(
      #"{"nnc": 1, "nodse": []}"#,
      #"1:12: error: the spec has no key "nodse"; did you mean "nodes"?; its keys are nnc, $schema"#),
    Case(#"{"nnc": 1}"#, #"the spec has no "name"; add it"#),
    Case(#"{"nnc": 1, "name": ""}"#, "the name of the model is empty"),
    Case(#"{"nnc": 1, "name": "a\u0000b"}"#, "has control characters"),
    Case(#"{"nnc": 1, "name": "g", "inputs": 3}"#, #"1:35: error: "inputs" should be a list, not the number 3"#),
    Case(
      inputs: #"[{"name": "x", "type": "f31", "shape": []}]"#,
      #"unknown type "f31"; did you mean "f32"?; the types are f32, f64"#),
    Case(inputs: #"[{"name": "x", "type": "bit", "shape": []}]"#, #"unknown type "bit""#),
    Case(inputs: #"[{"name": "x", "type": "f32", "shape": [NaN]}]"#, "1:75: error: 'NaN' is not a number"),
    Case(
      inputs: #"[{"name": "x", "type": "f32", "shape": [-1]}]"#,
      "should be an integer that is not negative, not the number -1"),
    Case(inputs: #"[{"name": "x", "type": "f32", "shape": [1.5]}]"#, "not the number 1.5"),
    Case(
      inputs: #"[{"name": "x", "type": "f32", "shape": [99999999999999999999]}]"#, "should be an integer of at most"),
    Case(
      inputs: #"[{"name": "x", "type": "f32", "shape": [9223372036854775807, 9223372036854775807]}]"#, "is too large"),
    Case(
      inputs: #"[{"name": "x", "type": "f32", "shape": [0, 9223372036854775807, 9223372036854775807]}]"#, "is too large"
    ),
    Case(
      inputs: #"[{"name": "x", "type": "f32", "shape": [\#(String(repeating: "1,", count: 64))1]}]"#,
      "has 65 axes; at most 64"),
    Case(inputs: #"[{"name": "x", "type": "f32", "shape": [null]}]"#, "not null"),
    Case(inputs: #"[{"name": "x", "type": "f32"}]"#, #"an input has no "shape"; add it"#),
    Case(
      inputs: #"[{"name": "x", "type": "f32", "shape": []}, {"name": "x", "type": "f32", "shape": []}]"#,
      #""x" is defined twice"#),
    Case(constant: #"{"type": "f32", "data": [[1]]}"#, "the data of constant \"c\" should be one flat list"),
    Case(
      constant: #"{"type": "f32", "data": [1, 1e39]}"#,
      "1:117: error: constant \"c\": 1e39 is out of the range of type f32"),
    Case(constant: #"{"type": "i8", "data": [1, 128]}"#, "128 is out of the range of type i8"),
    Case(constant: #"{"type": "i8", "data": [1.0]}"#, "'1.0' is not an element of type i8"),
    Case(
      constant: #"{"type": "f32", "data": ["one"]}"#,
      #"should be a number, "inf", "-inf" or "nan", not the string "one""#),
    Case(constant: #"{"type": "i32", "data": ["inf"]}"#, "should be an integer"),
    Case(constant: #"{"type": "f32", "data": [true]}"#, "should be a number"),
    Case(
      constant: #"{"type": "f32", "shape": [2, 2], "data": [1, 2, 3]}"#,
      "is f32[2x2] and has 4 elements, but its data are 3"),
    Case(constant: #"{"type": "f32", "shape": [4611686018427387904, 4], "data": []}"#, "too large"),
    Case(constant: #"{"type": "f32", "dtaa": []}"#, #"did you mean "data"?"#),
  ]

  static let nodes: [Case] = [
    Case(
      nodes:
        #"{"op": "Rleu", "inputs": ["x"], "outputs": ["a"]}, {"op": "Relu", "inputs": ["q"], "outputs": ["b"]}, {"op": "Blur", "name": "n", "inputs": [], "outputs": ["y"]}"#,
      "model.json:1:132: error: 2 operators are not supported:\n  model.json:1:132: the operator \"Rleu\" is not supported; did you mean \"Relu\"?\n  model.json:1:",
      "the operator \"Blur\" is not supported (node \"n\")"),
    Case(nodes: #"{"op": "Input", "outputs": ["y"]}"#, #"inputs are declared under "inputs""#),
    Case(
      nodes: #"{"op": "Relu", "inputs": ["X"], "outputs": ["y"]}"#,
      #"1:151: error: "X" is used as operand of Relu "y", but nothing defines it; did you mean "x"?"#),
    Case(nodes: "", #""y" is used as output, but nothing defines it"#),
    Case(
      nodes:
        #"{"op": "Relu", "inputs": ["foo"], "outputs": ["y"]}, {"op": "Relu", "inputs": ["bar"], "outputs": ["z"]}"#,
      "2 names are not defined", "\"foo\" is used", "\"bar\" is used"),
    Case(
      nodes: #"{"op": "Relu", "inputs": ["x"], "outputs": ["x"]}"#, #""x" is defined twice, first at 1:45; rename one"#),
    Case(
      nodes: #"{"op": "Relu", "inputs": ["x"], "outputs": ["w"]}"#, outputs: #"["w"]"#,
      #""w" is already the name of a weight in w; rename one"#),
    Case(
      nodes: #"{"op": "Relu", "inputs": ["e"], "outputs": ["y"]}"#,
      "w:tensor \"e\": error: elements of type F6_E2M3 are not supported"),
    Case(
      nodes: #"{"op": "Relu", "inputs": ["t"], "outputs": ["y"]}"#, "a bool is 0 or 1, but the tensor has the byte 7"),
    Case(
      nodes:
        #"{"op": "Add", "name": "one", "inputs": ["x", "b"], "outputs": ["a"]}, {"op": "Relu", "inputs": ["a"], "outputs": ["b"]}, {"op": "Relu", "inputs": ["b"], "outputs": ["y"]}"#,
      "1:125: error: nodes depend on each other in a cycle", "Add \"one\" at 1:125 uses \"b\" of Relu \"b\"",
      "Relu \"b\" at 1:195 uses \"a\" of Add \"one\""),
    Case(nodes: #"{"op": "Relu", "inputs": ["y"], "outputs": ["y"]}"#, "Relu \"y\" at 1:125 uses \"y\" of Relu \"y\""),
    Case(
      nodes: #"{"op": "Relu", "inputs": ["x", "x"], "outputs": ["y"]}"#, "1:125: error: Relu: takes operands (X), not 2"
    ),
    Case(nodes: #"{"op": "Add", "inputs": ["", "x"], "outputs": ["y"]}"#, "operand A is missing"),
    Case(nodes: #"{"op": "Add", "inputs": [null, "x"], "outputs": ["y"]}"#, "operand A is missing"),
    Case(
      nodes: #"{"op": "Relu", "inputs": ["x"], "outputs": ["y", "z"]}"#, "1:174: error: Relu \"y\" has 1 results, not 2"
    ),
    Case(nodes: #"{"op": "Relu", "inputs": ["x"], "outputs": [""]}"#, "this node has no outputs"),
    Case(
      nodes: #"{"op": "Relu", "inputs": ["x"], "outputs": ["y"], "attributes": {"alpha": 1}}"#,
      #"Relu "y" has no attribute "alpha"; it has none"#),
    Case(
      nodes: #"{"op": "Constant", "outputs": ["y"], "attributes": {"valeu": 1}}"#,
      #"1:177: error: Constant "y" has no attribute "valeu"; did you mean "value"?; it has value"#),
    Case(
      nodes: #"{"op": "Relu", "inputs": ["x"], "outputs": ["y"], "attribute": {}}"#,
      #"a node has no key "attribute"; did you mean "attributes"?"#),
    Case(
      nodes:
        #"{"op": "Constant", "outputs": ["c"], "attributes": {"value": {"type": "f32", "data": [1, 2, 3]}}}, {"op": "Add", "name": "sum", "inputs": ["x", "c"], "outputs": ["y"]}"#,
      #"1:224: error: node "sum": Add: shapes [2] and [3] cannot be broadcast together"#,
      "operand A is 'x' of type f32[2], from Input (model.json:1:45)",
      "operand B is 'c' of type f32[3], from Constant (model.json:1:125)"),
    Case(
      nodes: #"{"op": "Relu", "inputs": ["x"], "outputs": ["y"]}"#, outputs: #"["y", "y"]"#,
      #"there are two outputs "y""#),
    Case(nodes: #"{"op": "Relu", "inputs": ["x"], "outputs": ["y"]}"#, outputs: "[]", "\"outputs\" is empty"),
    Case(nodes: #"{"op": "Relu", "inputs": ["x"], "outputs": ["y\n"]}"#, "has control characters"),
  ]

  @Test(arguments: json + declarations + nodes)
  func tells(_ fault: Case) throws {
    let weights = safetensors(Self.weights, data: [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 7])
    let found = try diagnostic { _ = try graph(spec: fault.text, weights: weights) }
    for message in fault.messages { #expect(found?.contains(message) == true, "\(found ?? "no error")") }
  }

  @Test(arguments: [
    (#""/etc/w.safetensors""#, "leaves the folder"), (#""../w""#, "leaves the folder"),
    (#""a/../../w""#, "leaves the folder"),
    (#""""#, "is empty"), (#""w\u0000""#, "control characters"), (#"["w", 3]"#, "should be a string"),
    ("7", "should be a string"),
    (#"["w", "v"]"#, #"the weight "w" is in two files, w and v"#),
  ])
  func refusesPathsOfWeights(_ json: String, _ message: String) throws {
    let found = try diagnostic {
      _ = try graph(
        spec: #"{"nnc": 1, "name": "g", "inputs": [], "outputs": ["w"], "nodes": [], "weights": \#(json)}"#,
        weights: safetensors(Self.weights, data: [UInt8](repeating: 0, count: 12)))
    }
    #expect(found?.contains(message) == true, "\(found ?? "no error")")
  }

  @Test func refusesInvalidUTF8() throws {
    let text = #"{"nnc": 1, "name": "g?"}"#.utf8.map { $0 == UInt8(ascii: "?") ? 0xff : $0 }
    #expect(
      try diagnostic { _ = try graph(spec: text) }
        == "model.json:1:20: error: this string is not valid UTF-8; save the file as UTF-8")
    #expect(try diagnostic { _ = try graph(spec: [0xc3, 0x28]) }?.contains("found the byte 0xc3") == true)
  }

  @Test func saysWhichFileIsMissing() throws {
    #expect(
      try diagnostic { _ = try Graph(spec: "/nonexistent/model.json") }?.contains(
        "cannot open '/nonexistent/model.json'") == true)
    let found = try diagnostic {
      _ = try graph(spec: #"{"nnc": 1, "name": "g", "inputs": [], "outputs": ["w"], "nodes": [], "weights": "w"}"#)
    }
    #expect(found == "model.json:1:81: error: cannot open 'w'")
  }
}
