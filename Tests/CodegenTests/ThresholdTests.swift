import IR
import Passes
import Testing

/// Thresholds that passes find for random operations between the sums of a binary layer and the bits made of them.
@Suite struct ThresholdTests {
  /// Factors of 0, negative ones, and whole numbers that some sums are just equal to.
  private struct Numbers {
    private var state: UInt64
    init(seed: Int) { state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 &+ 1 }

    mutating func next(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }

    mutating func number() -> Double {
      switch next(4) {
      case 0: 0
      case 1: Double(next(9) - 4)
      case 2: Double(next(17) - 8) / 4
      default: Double(Float(next(2001) - 1000) / 333)
      }
    }
  }

  private static let channels = 40

  /// A layer of 18 products, a chain of operations, a comparison with 0, and another layer.
  private func graph(seed: Int) throws -> Graph {
    var numbers = Numbers(seed: seed)
    var graph = Graph(name: "chain")
    func constant(_ count: Int, _ shape: Shape, _ number: () -> Double) throws -> Value {
      let tensor = Tensor(TensorType(.f32, shape), reals: (0..<count).map { _ in number() })
      return try graph.add(Constant(tensor), name: nil)
    }
    func perChannel() throws -> Value { try constant(Self.channels, [Self.channels, 1, 1]) { numbers.number() } }
    func signs(_ value: Value) throws -> Value {
      let bounds = try constant(1, []) { 0 }
      let isSet =
        try seed % 2 == 0
        ? graph.add(GreaterOrEqual(), [value, bounds], name: nil) : graph.add(Greater(), [value, bounds], name: nil)
      return try graph.add(
        Where(), [isSet, try constant(1, []) { 1 }, try constant(1, []) { -1 }], name: nil)
    }
    func weights(_ shape: Shape) throws -> Value {
      try constant(shape.elementCount, shape) { numbers.next(2) == 0 ? 1 : -1 }
    }
    let x = try graph.add(Input("x", TensorType(.f32, [1, 2, 8, 8])), name: "x")
    var value = try graph.add(Conv(), [try signs(x), try weights([Self.channels, 2, 3, 3])], name: nil)
    for _ in 0...numbers.next(5) {
      switch numbers.next(8) {
      case 0: value = try graph.add(Mul(), [value, perChannel()], name: nil)
      case 1: value = try graph.add(Add(), [value, perChannel()], name: nil)
      case 2: value = try graph.add(Sub(), [perChannel(), value], name: nil)
      case 3: value = try graph.add(Relu(), [value], name: nil)
      case 4:
        value = try graph.add(
          Clip(), [value, try constant(1, []) { -2 }, try constant(1, []) { 3 }], name: nil)
      case 5: value = try graph.add(LeakyRelu(), [value], name: nil)
      case 6 where graph.type(of: value).shape[2] == 6:
        var pool = MaxPool()
        (pool.kernelShape, pool.strides) = ([2, 2], [2, 2])
        value = try graph.add(pool, [value], name: nil)
      default:
        let list: Shape = [Self.channels]
        let parameters = try (0..<3).map { _ in try constant(Self.channels, list) { numbers.number() } }
        let variance = try constant(Self.channels, list) { Double(1 + numbers.next(3)) }
        value = try graph.add(BatchNormalization(), [value] + parameters + [variance], name: nil)
      }
    }
    let y = try graph.add(Conv(), [try signs(value), try weights([3, Self.channels, 1, 1])], name: "y")
    graph.outputs = [("y", y)]
    return graph
  }

  @Test(arguments: 0..<60)
  func bitsAreThoseOfTheDefinitions(seed: Int) throws {
    let graph = try graph(seed: seed)
    let folded = try Pipeline(names: "find-bits,fold-thresholds").run(graph)
    let live = folded.liveNodes
    let operations = folded.nodes.indices.filter { live[$0] }.map { folded.nodes[$0].op }
    #expect(operations.count { $0 is PackBits } == 1, "seed \(seed): a comparison is left")
    #expect(!operations.contains { $0 is BatchNormalization || $0 is Relu || $0 is Where })
    for sample in 0..<3 {
      let inputs = ["x": Tensor(random: TensorType(.f32, [1, 2, 8, 8]), seed: UInt64(sample))]
      #expect(try folded.evaluate(inputs) == graph.evaluate(inputs), "seed \(seed), sample \(sample)")
    }
  }
}
