import IR

/// Makes graphs in which many values share memory: views, parts of concatenations, results in place, several outputs.
struct RandomGraph {
  private var state: UInt64
  private var graph: Graph
  private var values: [Value] = []

  /// Returns the graph of a seed.
  static func make(seed: Int) throws -> Graph {
    var builder = RandomGraph(state: UInt64(seed) &* 0x9e37_79b9_7f4a_7c15, graph: Graph(name: "random\(seed)"))
    return try builder.build()
  }

  private mutating func next(_ count: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % count
  }

  private mutating func any() -> Value { values[next(values.count)] }

  private mutating func build() throws -> Graph {
    for index in 0..<2 {
      values.append(try graph.add(Input("in\(index)", TensorType(.f32, [4, 6])), name: "in\(index)"))
    }
    values.append(try graph.add(Constant(Tensor(random: TensorType(.f32, [4, 6]), seed: 7)), name: "constant"))
    for _ in 0..<4 + next(12) { try addNode() }
    for index in 0..<1 + next(3) { graph.outputs.append(("out\(index)", any())) }
    graph.outputs.append(("last", values[values.count - 1]))
    return graph
  }

  private mutating func addNode() throws {
    let value = any()
    let shape = graph.type(of: value).shape
    switch next(9) {
    case 0: values.append(try graph.add(Relu(), [value], name: nil))
    case 1: values.append(try graph.add(Neg(), [value], name: nil))
    case 2:
      let others = values.filter { graph.type(of: $0).shape == shape }
      values.append(try graph.add(Add(), [value, others[next(others.count)]], name: nil))
    case 3:
      values.append(try graph.add(Transpose(Array(shape.indices.reversed())), [value], name: nil))
    case 4:
      let axis = next(shape.rank)
      let others = values.filter { other in
        let type = graph.type(of: other).shape
        return type.rank == shape.rank && type.indices.allSatisfy { $0 == axis || type[$0] == shape[$0] }
      }
      let operands = [value] + (0...next(2)).map { _ in others[next(others.count)] }
      values.append(try graph.add(Concat(axis: axis), operands, name: nil))
    case 5: try addSplit(value, shape)
    case 6: values.append(try reshaped(value, to: [shape.elementCount]))
    case 7: values.append(try reshaped(value, to: [2, shape.elementCount / 2]))
    default:
      let floats = try graph.add(Cast(to: .i32), [value], name: nil)
      values.append(try graph.add(Cast(to: .f32), [try graph.add(Neg(), [floats], name: nil)], name: nil))
    }
  }

  private mutating func addSplit(_ value: Value, _ shape: Shape) throws {
    let axis = next(shape.rank)
    guard shape[axis] % 2 == 0 else { return }
    var split = Split()
    (split.axis, split.numOutputs) = (axis, 2)
    values += try graph.add(split, [value]).filter { graph.type(of: $0).elementCount % 2 == 0 }
  }

  private mutating func reshaped(_ value: Value, to shape: Shape) throws -> Value {
    let extents = try graph.add(Constant(Tensor(shape.map { Int64($0) })), name: nil)
    return try graph.add(Reshape(), [value, extents], name: nil)
  }
}
