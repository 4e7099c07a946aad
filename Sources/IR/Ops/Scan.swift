/// What a graph makes of its state when it is run for each slice of some tensors: the last state, and what each run put
/// out beside it, stacked along an axis.
public struct Scan: CompositeOperation, ControlFlowOperation {
  public static let name = "Scan"
  public static let operands: Signature = ["initial_state_and_scan_inputs..."]

  /// What is run. Its inputs are the state, a slice of each tensor and the captured operands; its outputs are the next
  /// state and what is stacked.
  public var body = Graph(name: "body")
  /// How many operands, after the state, are cut into slices.
  public var numScanInputs = 1
  /// The axis along which each is cut; 0 where there is no list.
  public var scanInputAxes: [Int] = []
  /// 1 for each that is read from its end; 0 where there is no list.
  public var scanInputDirections: [Int] = []
  /// The axis along which each output is stacked; 0 where there is no list.
  public var scanOutputAxes: [Int] = []
  /// 1 for each output that is stacked from its end; 0 where there is no list.
  public var scanOutputDirections: [Int] = []
  /// How many of the operands, the last ones, are captured: the same in each run. nnc's own attribute.
  public var captured = 0

  public init() {}

  public var bodies: [Graph] {
    get { [body] }
    set { body = newValue[0] }
  }

  public func expand(_ operands: Operands<Value>, in definition: inout Expansion) throws -> [Value] {
    let values = operands.all
    let stateCount = values.count - numScanInputs - captured
    try require(
      numScanInputs >= 1 && captured >= 0 && stateCount >= 0,
      "there are \(values.count) operands, too few for num_scan_inputs: \(numScanInputs) and captured: \(captured)")
    let sequences = Array(values[stateCount..<stateCount + numScanInputs])
    let axes = try list(scanInputAxes, sequences.count, "scan_input_axes")
    let shapes = sequences.map { definition.shape($0) }
    let lengths = try zip(shapes, axes).map { shape, axis in shape[try shape.axis(axis)] }
    try require(lengths.allSatisfy { $0 == lengths[0] }, "the scan inputs have different lengths: \(lengths)")
    try require(body.outputs.count >= stateCount, "body has \(body.outputs.count) outputs, fewer than the state")
    let loop = Loop(body: try loopBody(values, definition.graph, lengths[0]), captured: numScanInputs + captured)
    let count = try definition.constant(Tensor(scalar: Int64(lengths[0])))
    var results = try definition.addAll(loop, [count, nil] + values)
    let outputCount = results.count - stateCount
    let outputAxes = try list(scanOutputAxes, outputCount, "scan_output_axes")
    let directions = try list(scanOutputDirections, outputCount, "scan_output_directions")
    for index in 0..<outputCount {
      let result = results[stateCount + index]
      results[stateCount + index] = try placed(result, axis: outputAxes[index], directions[index], in: &definition)
    }
    return results
  }

  /// The graph that cuts the slices and runs the body.
  private func loopBody(_ values: [Value], _ outer: Graph, _ length: Int) throws -> Graph {
    let stateCount = values.count - numScanInputs - captured
    let axes = try list(scanInputAxes, numScanInputs, "scan_input_axes")
    let directions = try list(scanInputDirections, numScanInputs, "scan_input_directions")
    var graph = Graph(name: body.name)
    let number = try graph.add(Input("number", TensorType(.i64, [])), name: "number")
    let condition = try graph.add(Input("condition", TensorType(.bool, [])), name: "condition")
    var arguments = try values.enumerated().map { index, value in
      try graph.add(Input("value_\(index)", outer.type(of: value)), name: nil)
    }
    let last = try graph.add(Constant(Tensor(scalar: Int64(length - 1))), name: nil)
    for index in 0..<numScanInputs {
      let position = directions[index] == 1 ? try graph.add(Sub(), [last, number], name: nil) : number
      var slice = Gather()
      slice.axis = axes[index]
      arguments[stateCount + index] = try graph.add(slice, [arguments[stateCount + index], position], name: nil)
    }
    try body.requireInputs(arguments.map(graph.type), "body")
    let outputs = try graph.inline(body, arguments)
    graph.outputs = [("condition", condition)] + zip(body.outputs, outputs).map { ($0.name, $1) }
    return graph
  }

  /// What was stacked along the first axis, along another one or the other way round.
  private func placed(_ value: Value, axis: Int, _ direction: Int, in definition: inout Expansion) throws -> Value {
    var value = value
    let rank = definition.shape(value).rank
    let axis = try definition.shape(value).axis(axis)
    if direction == 1 {
      let ends = try [-1, Int(Int32.min), 0, -1].map { try definition.constant([$0]) }
      value = try definition.add(Slice(), value, ends[0], ends[1], ends[2], ends[3])
    }
    if axis != 0 {
      var order = Array(1..<rank)
      order.insert(0, at: axis)
      value = try definition.add(Transpose(order), value)
    }
    return value
  }

  private func list(_ values: [Int], _ count: Int, _ name: String) throws(Diagnostic) -> [Int] {
    if values.isEmpty { return [Int](repeating: 0, count: count) }
    try require(values.count == count, "\(name) has \(values.count) elements, but should have \(count)")
    return values
  }
}
