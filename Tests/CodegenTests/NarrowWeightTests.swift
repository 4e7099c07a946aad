import CodegenC
import IR
import Passes
import Testing

/// Weights that are stored as integers: which are, in which form, and what is said of wrong ones.
@Suite struct NarrowWeightTests {
  /// The layer that a product with constant weights becomes, in the graph that has it.
  ///
  /// - Parameter weights: Channel by channel.
  private func layer(_ weights: [Float], length: Int) throws -> (graph: Graph, node: Node) {
    var graph = Graph(name: "g")
    let x = try graph.add(Input("x", TensorType(.f32, [2, length])), name: "x")
    let w = try graph.add(Constant(Tensor(weights, shape: [weights.count / length, length])), [], name: nil)
    var gemm = Gemm()
    gemm.transB = true
    graph.outputs = [("y", try graph.add(gemm, [x, w], name: "y"))]
    let lowered = try Pipeline.standard.run(graph)
    return (lowered, lowered[lowered.outputs[0].value])
  }

  /// Weights [channels, 96] that are integers up to `limit` times a scale of each part of a channel.
  private func weights(limit: Int, partLength: Int) -> [Float] {
    let random = Tensor(random: TensorType(.f64, [12 * 96]), seed: 5).reals
    return random.enumerated().map { index, number in
      let scale = 0.001 * Float(1 + index / partLength * 7 % 90)
      return Float((number * Double(limit)).rounded()) * scale
    }
  }

  @Test(arguments: [(7, 96, 4, 1), (127, 96, 8, 1), (7, 32, 4, 3), (127, 32, 8, 3), (7, 16, 4, 6)])
  func theSmallestFormIsFound(limit: Int, partLength: Int, bits: Int, parts: Int) throws {
    let all = weights(limit: limit, partLength: partLength)
    let (graph, node) = try layer(all, length: 96)
    #expect(node.op is WideningDense)
    #expect(graph.type(of: node.inputs[1]!).element.bitWidth == bits)
    #expect(graph.type(of: node.inputs[2]!).shape == [parts, 12])
    let identity = (0..<192).map { Float($0 == 5 || $0 == 96 + 77 ? 1 : 0) }
    let found: [Float] = try graph.evaluate(["x": Tensor(identity, shape: [2, 96])])[0].elements()
    for channel in 0..<12 {
      for (row, place) in [5, 77].enumerated() {
        let (stored, weight) = (found[row * 12 + channel], all[channel * 96 + place])
        #expect((stored - weight).magnitude <= 4e-7 * weight.magnitude)
      }
    }
  }

  @Test func otherWeightsStayFloats() throws {
    let random = Tensor(random: TensorType(.f32, [96]), seed: 1).reals.map { Float($0) }
    #expect(try layer(random, length: 48).node.op is Dense)
    #expect(try layer([1, 2, .nan, 4, 1, 2, 3, 4], length: 4).node.op is Dense)
    #expect(try layer([1, 2, .infinity, 4, 1, 2, 3, 4], length: 4).node.op is Dense)
    // A scale for each weight is no gain.
    #expect(try layer([1, 2, 3, 4], length: 1).node.op is Dense)
  }

  @Test func zerosAreIntegers() throws {
    let (graph, node) = try layer([Float](repeating: 0, count: 32), length: 32)
    #expect(graph.type(of: node.inputs[1]!).element == .i4)
  }

  @Test(arguments: [
    ("[1, 2] : f32[2]", "[1] : f32[1x1]", "W has elements of type f32, but should have i8 or i4"),
    ("[1, 2] : i8[2]", "[1] : i8[1x1]", "S has elements of type i8, but should have f32"),
    (
      "[1, 2] : i8[2]", "[1, 1] : f32[1x2]",
      "S has shape [1x2], but should have a scale for each of 1 channels, for all 2 products or for parts of as many"
    ),
    (
      "[1, 2] : i8[2]", "[1, 1, 1] : f32[3x1]",
      "S has shape [3x1], but should have a scale for each of 1 channels, for all 2 products or for parts of as many"
    ),
    ("[1, 2, 3] : i4[3]", "[1] : f32[1x1]", "W has shape [3], but should have [2]"),
  ])
  func faultsAreFound(weights: String, scales: String, message: String) {
    let text = """
      graph g {
        %x = Input : f32[2]
        %w = Constant \(weights)
        %s = Constant \(scales)
        %y = WideningDense(%x, %w, %s) {output_features: 1}
        return %y
      }
      """
    let error = #expect(throws: Diagnostic.self) { try Graph(parsing: text, file: "g.nnc") }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "nothing")")
  }

  @Test func weightsThatAreNotKnownAreRefused() {
    let text = """
      graph g {
        %x = Input : f32[2]
        %w = Input : i8[2]
        %s = Constant [1] : f32[1x1]
        %y = WideningDense(%x, %w, %s) {output_features: 1}
        return %y
      }
      """
    #expect(throws: Diagnostic.self) { try Graph(parsing: text, file: "g.nnc") }
  }
}

/// Weights that quantize-weights rounds.
@Suite struct QuantizeWeightsTests {
  /// What the pass makes of the graph, and what it notes.
  private func rounded(_ options: String, _ calibration: Calibration?) throws -> (graph: Graph, notes: [String]) {
    var notes: [String] = []
    let pipeline = try Pipeline(names: "quantize-weights{\(options)}")
    let graph = try pipeline.run(graph(), context: PassContext(calibration: calibration), didRun: { notes = $0.notes })
    return (graph, notes)
  }

  /// A layer of which some data are nearly the same, so that weights can make up for each other.
  private func graph() throws -> Graph {
    try Graph(
      parsing: """
        graph g {
          %x = Input : f32[8x16]
          %m = Constant random(3) : f32[16x48]
          %c = MatMul(%x, %m)
          %w = Constant random(1) : f32[48x24]
          %b = Constant random(2) : f32[24]
          %p = MatMul(%c, %w)
          %y = Add(%p, %b)
          return %y
        }
        """, file: "g.nnc")
  }

  private var calibration: Calibration {
    Calibration(
      samples: (0..<32).map { seed in ["x": Tensor(random: TensorType(.f32, [8, 16]), seed: UInt64(seed + 10))] })
  }

  /// The error of the output of a graph on the calibration data, relative to it.
  private func error(_ options: String) throws -> Double {
    let (graph, data, changed) = (try graph(), calibration, try rounded(options, calibration).graph)
    var (error, square) = (0.0, 0.0)
    for sample in data.samples {
      let (found, expected) = (try changed.evaluate(sample)[0].reals, try graph.evaluate(sample)[0].reals)
      for (a, b) in zip(found, expected) {
        error += (a - b) * (a - b)
        square += b * b
      }
    }
    return (error / square).squareRoot()
  }

  @Test func otherWeightsMakeUpForRounding() throws {
    let nearest = try error("bits: 4, method: nearest, layers: [p]")
    let compensated = try error("bits: 4, layers: [p]")
    #expect(compensated < 0.5 * nearest, "\(compensated) where the nearest have \(nearest)")
    #expect(try error("bits: 8") < 0.02)
    #expect(try error("bits: 4, group: 16, method: nearest") < error("bits: 4, method: nearest"))
  }

  @Test func roundedLayersAreStoredInIntegers() throws {
    for (options, bits) in [("bits: 8", 8), ("bits: 4, group: 16", 4)] {
      let stored = try Pipeline.standard.run(rounded(options, calibration).graph)
      let layers = stored.nodes.filter { $0.op is WideningDense }
      #expect(layers.count == 2)
      #expect(layers.allSatisfy { stored.type(of: $0.inputs[1]!).element.bitWidth == bits })
    }
  }

  @Test(arguments: [
    ("0.001", "p: left as it is: 8 bits, error"), ("0.02", "p: 8 bits, error"), ("0.5", "p: 4 bits, error"),
  ])
  func aBudgetChoosesBits(error: String, note: String) throws {
    let notes = try rounded("error: \(error), layers: [p]", calibration).notes
    #expect(notes.contains { $0.hasPrefix(note) }, "\(notes)")
  }

  /// A table of which two nodes take rows, and a layer.
  private func tableGraph() throws -> Graph {
    try Graph(
      parsing: """
        graph g {
          %i = Input : i64[4]
          %t = Constant random(7) : f32[10x24]
          %words = Gather(%t, %i)
          %j = Input : i64[4]
          %others = Gather(%t, %j)
          %s = Add(%words, %others)
          %w = Constant random(1) : f32[24x8]
          %y = MatMul(%s, %w)
          return %y
        }
        """, file: "g.nnc")
  }

  @Test(arguments: [
    ("bits: 8", ["words: 8 bits, error 0.", "y: 8 bits"], true),
    ("bits: 8, tables: false", ["y: 8 bits"], false),
    ("bits: 8, skip: [y]", ["words: 8 bits, error 0."], true),
    ("bits: 8, layers: [y]", ["y: 8 bits"], false),
    ("bits: 8, layers: [words, others]", ["words: 8 bits, error 0."], true),
    ("error: 0.0001", ["words: left as it is: 8 bits, error 0.", "others: left", "y: left"], false),
  ])
  func tablesAreToldAndKeepWithinTheBudget(options: String, words: [String], isRounded: Bool) throws {
    var notes: [String] = []
    let graph = try tableGraph()
    let changed = try Pipeline(names: "quantize-weights{\(options)}").run(graph, didRun: { notes = $0.notes })
    #expect(notes.filter { !$0.hasPrefix("weights: ") }.count == words.count, "\(notes)")
    for word in words { #expect(notes.contains { $0.hasPrefix(word) }, "\(notes)") }
    let stored = try Pipeline.standard.run(changed)
    let tables = stored.nodes.filter { $0.op is Gather && stored.type(of: $0.inputs[0]!).shape == [10, 24] }
    #expect(tables.count == 2)
    #expect(tables.allSatisfy { (stored.type(of: $0.inputs[0]!).element == .i8) == isRounded })
    let inputs = ["i": Tensor([0, 9, 3, 3] as [Int64]), "j": Tensor([1, 2, 9, 0] as [Int64])]
    let (found, expected) = (try stored.evaluate(inputs)[0].reals, try graph.evaluate(inputs)[0].reals)
    for (a, b) in zip(found, expected) { #expect((a - b).magnitude < 0.05) }
  }

  @Test(arguments: [
    ("bits: 3", "option 'bits' is 3, but should be 4 or 8"),
    ("group: 5", "option 'group' is 5, but should be one of 0, 16, 32, 64, 128"),
    ("error: 0", "option 'error' should be greater than 0"),
  ])
  func refusals(options: String, message: String) {
    let error = #expect(throws: Diagnostic.self) { try Pipeline(names: "quantize-weights{\(options)}") }
    #expect(error?.message.contains(message) == true)
  }

  @Test func compensationNeedsData() {
    let error = #expect(throws: Pipeline.Failure.self) { try rounded("bits: 4, method: compensated", nil) }
    #expect(error?.faultOfTheModel?.message.contains("needs calibration data") == true)
  }
}
