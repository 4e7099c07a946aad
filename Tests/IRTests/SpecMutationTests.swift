import Testing

import IR

/// Whatever is in a spec and in its weights, reading ends with a graph or a diagnostic.
@Suite struct SpecMutationTests {
  private static let spec = Array(
    """
    {"nnc": 1, "name": "digits", "inputs": [{"name": "x", "type": "f32", "shape": ["n", 2]}, {"name": "z", "type": "i64", "shape": [0, 3]}],
     "outputs": ["y", {"name": "k", "value": "c"}], "weights": "w.safetensors",
     "constants": {"c": {"type": "f32", "shape": [1, 2], "data": [0.25, -1e3]}, "d": {"type": "f16", "data": "inf"}},
     "nodes": [{"op": "Relu", "inputs": ["t"], "outputs": ["y"]}, {"op": "Constant", "outputs": ["q"], "attributes": {"value": {"type": "bool", "data": [true]}}},
               {"op": "Add", "name": "b\\u00e9", "inputs": ["s", "c"], "outputs": ["t"]}, {"op": "Add", "inputs": ["x", "w"], "outputs": ["s"]}]}
    """.utf8)
  private static let weights = contents(
    of: safetensors(
      #"{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"t1":{"dtype":"BOOL","shape":[2,1],"data_offsets":[8,10]}}"#,
      data: [0, 0, 0, 63, 0, 0, 128, 191, 1, 0]
    ))
  private static let pieces = [
    "-1", "9223372036854775807", "1e999", "null", "[]", "{}", "\"\"", "\"x\"", "\"w\"", ",", "[", "}", "\\", "\u{0}",
    "18446744073709551616", "0", "\"y\"", "1.5", "4611686018427387904",
  ].map { Array($0.utf8) }

  private struct Generator {
    var state: UInt64
    mutating func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    mutating func mutate(_ bytes: inout [UInt8]) {
      let place = next(bytes.count)
      switch next(6) {
      case 0: bytes[place] = UInt8(next(256))
      case 1: bytes[place] ^= 1 << UInt8(next(8))
      case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + next(8)))
      case 3: bytes.insert(contentsOf: SpecMutationTests.pieces[next(SpecMutationTests.pieces.count)], at: place)
      case 4:
        // A whole number or word becomes another.
        var end = place
        while end < bytes.count,
          UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[end] || UInt8(ascii: "a")...UInt8(ascii: "z") ~= bytes[end]
        { end += 1 }
        bytes.replaceSubrange(place..<end, with: SpecMutationTests.pieces[next(SpecMutationTests.pieces.count)])
      default:
        let source = next(bytes.count)
        bytes.insert(contentsOf: bytes[source..<min(bytes.count, source + 1 + next(40))], at: place)
      }
      if bytes.isEmpty { bytes = [0] }
    }
  }

  private func read(_ spec: [UInt8], _ weights: [UInt8]) throws -> Bool {
    do {
      let graph = try graph(spec: spec, weights: storage(weights), bindings: ["n": 3])
      // What is read is sound enough to print and to parse again.
      _ = try Graph(parsing: graph.text(constants: .exact), file: "text")
      return true
    } catch is Diagnostic {
      return false
    }
  }

  @Test func readingNeverCrashes() throws {
    #expect(
      try diagnostic { _ = try graph(spec: Self.spec, weights: storage(Self.weights), bindings: ["n": 3]) } == nil)
    #expect(try read(Self.spec, Self.weights))
    var generator = Generator(state: 42)
    var accepted = 0
    for round in 0..<3000 {
      var (spec, weights) = (Self.spec, Self.weights)
      for _ in 0...generator.next(3) {
        if round % 3 == 0 { generator.mutate(&weights) } else { generator.mutate(&spec) }
      }
      if try read(spec, weights) { accepted += 1 }
    }
    // Neither is everything accepted nor everything refused, or the mutations would test nothing.
    #expect((30..<2000).contains(accepted))
  }
}
