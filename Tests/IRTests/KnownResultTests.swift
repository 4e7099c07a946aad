import IR
import Testing

/// What of a graph is the same in every run.
@Suite struct KnownResultTests {
  private let x = Input("x", TensorType(.f32, [2, 3]))

  /// A network may be as deep as it likes: that it depends on its input is seen without going back to it.
  @Test func aLongChainFromAnInputIsNotKnown() throws {
    var graph = Graph(name: "g")
    var value = try graph.add(x, name: nil)
    let one = try graph.add(Constant(Tensor([1, 1, 1] as [Float])), name: nil)
    for index in 0..<1000 {
      // The constant comes first, so it does not do to look at one operand.
      value = try graph.add(index.isMultiple(of: 2) ? Add() : Sub() as any Operation, [one, value])
    }
    #expect(try graph.knownTensor(value) == nil)
    let shape = try graph.add(ShapeOf(), [value], name: nil)
    #expect(try graph.knownTensor(shape)?.ints == [2, 3])
  }

  @Test func theFirstOperandOfCastLikeDecides() throws {
    var graph = Graph(name: "g")
    let input = try graph.add(x, name: nil)
    let two = try graph.add(Constant(Tensor([2] as [Int64])), name: nil)
    var value = try graph.add(CastLike(), [two, input], name: nil)
    #expect(try graph.knownTensor(value)?.reals == [2])
    value = try graph.add(CastLike(), [input, two], name: nil)
    #expect(try graph.knownTensor(value) == nil)
  }

  /// A few bytes may ask for a tensor of any size, which is not computed before the model runs.
  @Test func aTensorMuchLargerThanTheConstantsIsNotKnown() throws {
    var graph = Graph(name: "g")
    let small = try graph.add(Constant(Tensor([1000] as [Int64])), name: nil)
    var value = try graph.add(ConstantOfShape(), [small], name: nil)
    #expect(try graph.knownTensor(value)?.type.elementCount == 1000)
    let large = try graph.add(Constant(Tensor([100_000_000] as [Int64])), name: nil)
    value = try graph.add(ConstantOfShape(), [large], name: nil)
    #expect(try graph.knownTensor(value) == nil)
  }
}

extension Graph {
  /// Returns the first result of an operation of any kind.
  fileprivate mutating func add(_ op: any Operation, _ inputs: [Value?]) throws -> Value {
    func add(_ op: some Operation) throws -> Value { try self.add(op, inputs, name: nil) }
    return try add(op)
  }
}
