import CodegenC
import Host
import IR
import Passes
import Targets
import TestSupport
import Testing

/// A layer of a binary network.
private struct BinaryLayer: CustomTestStringConvertible {
  /// [N, H, W, C]
  var x: Shape
  var outputs: Int
  var kernel = [3, 3]
  var strides = [1, 1]
  var dilations = [1, 1]
  var pads = [0, 0, 0, 0]
  var padding = 0
  var group = 1
  var pool: [Int] = []
  var hasFlips = false

  var testDescription: String {
    "\(x) to \(outputs), kernel \(kernel), padding \(padding), groups \(group), pool \(pool)"
  }

  static let all = [
    BinaryLayer(x: [1, 1, 1, 1], outputs: 1, kernel: [1, 1]),
    BinaryLayer(x: [2, 1, 1, 33], outputs: 35, kernel: [1, 1], hasFlips: true),
    BinaryLayer(x: [1, 1, 1, 1056], outputs: 16, kernel: [1, 1]),
    BinaryLayer(x: [1, 5, 4, 3], outputs: 17, pads: [1, 1, 1, 1]),
    BinaryLayer(x: [1, 6, 7, 64], outputs: 20, strides: [2, 1], pads: [1, 0, 0, 2], padding: 1),
    BinaryLayer(x: [2, 6, 7, 20], outputs: 33, kernel: [2, 3], dilations: [2, 1], pads: [0, 1, 1, 0], padding: -1),
    BinaryLayer(x: [1, 8, 8, 96], outputs: 36, pads: [1, 1, 1, 1], group: 3, pool: [2, 2], hasFlips: true),
    BinaryLayer(x: [1, 9, 5, 66], outputs: 34, kernel: [1, 1], group: 2, pool: [3, 1]),
    // Four panels at once, with panels that are left.
    BinaryLayer(x: [1, 4, 5, 40], outputs: 150, pads: [1, 1, 1, 1], hasFlips: true),
    BinaryLayer(x: [1, 3, 4, 64], outputs: 168, kernel: [2, 2], pads: [1, 0, 0, 1], group: 2, pool: [2, 2]),
  ]

  /// Those whose C adds planes.
  static let onPlanes = [
    BinaryLayer(x: [1, 1, 1, 1], outputs: 1, kernel: [1, 1]),
    BinaryLayer(x: [1, 30, 30, 40], outputs: 9, pool: [2, 2], hasFlips: true),
    BinaryLayer(x: [2, 9, 21, 7], outputs: 5, kernel: [3, 2], pads: [1, 1, 1, 0], padding: 1, pool: [2, 3]),
    BinaryLayer(x: [1, 12, 33, 33], outputs: 6, dilations: [1, 2], pads: [1, 2, 1, 2], padding: -1),
    BinaryLayer(x: [1, 5, 5, 128], outputs: 3),
  ]

  /// The graph of the layer, with random weights and thresholds of which some no sum reaches.
  func graph(onPlanes: Bool = false) throws -> Graph {
    var op = BinaryConv2D()
    (op.outputChannels, op.kernelShape, op.strides, op.dilations) = (outputs, kernel, strides, dilations)
    (op.pads, op.padding, op.group, op.poolShape) = (pads, padding, group, pool)
    let panels = op.panels(x)
    let filters = Tensor(random: TensorType(.f32, Shape([outputs, x[3] / group] + kernel)), seed: 3)
    var graph = Graph(name: "binary")
    let numbers = try graph.add(Input("x", TensorType(.f32, x)), name: "x")
    let data = try graph.add(PackBits(), [numbers], name: nil)
    let limit = Int(Double(panels.inputs).squareRoot()) + 2
    let thresholds = (0..<outputs).map { Int16($0 % 11 == 9 ? panels.inputs + 1 : $0 * 7 % (2 * limit) - limit) }
    var operands = [
      data, try graph.add(Constant(panels.pack(filters)), name: nil),
      try graph.add(Constant(Tensor(thresholds)), name: nil),
    ]
    if hasFlips {
      operands.append(try graph.add(Constant(Tensor(random: TensorType(.bit, [outputs]), seed: 5)), name: nil))
    }
    let bits = try graph.add(op, operands, name: nil)
    let sums = try graph.add(BinaryConv2D(sumsOf: op), Array(operands.prefix(2)), name: nil)
    graph.outputs = [("bits", bits)] + (onPlanes ? [] : [("sums", sums)])
    return graph
  }
}

extension BinaryConv2D {
  /// The layer without a pool, whose result is sums.
  fileprivate init(sumsOf layer: BinaryConv2D) {
    self = layer
    poolShape = []
  }
}

/// The kernels of binary layers beside each other: those of this machine, and plain C with words of 32 and 64 bits.
@Suite struct BinaryKernelTests {
  private static let options = [[], ["-march=native"], ["-U__SSE2__"], ["-U__SSE2__", "-DNNC_LANE_BITS=32", "-O3"]]

  @Test(arguments: BinaryLayer.all)
  fileprivate func wordsComputeWhatIsDefined(layer: BinaryLayer) throws {
    try check(layer.graph(), .generic)
  }

  @Test(arguments: BinaryLayer.onPlanes)
  fileprivate func planesComputeWhatIsDefined(layer: BinaryLayer) throws {
    let graph = try layer.graph(onPlanes: true)
    let targets = Target.all.filter { ["generic", "x86-64-v3", "x86-64-v4", "cortex-m4"].contains($0.name) }
    for target in targets { try check(layer.onPlanes(graph, lanes: target.laneBits), target) }
  }

  /// At -O3 gcc looks for accesses out of bounds, and finds some that are not there where it knows too little.
  @Test func gccWarnsOfNothing() throws {
    guard let gcc = CCompiler("gcc") else {
      print("skipped: there is no gcc")
      return
    }
    let models = try BinaryLayer.all.enumerated().map { try CModel($1.graph(), options: .init(name: "layer\($0)")) }
    _ = try CompiledLibrary(models, compiler: gcc, options: ["-std=c99", "-O3"] + CompilerMatrix.warnings)
  }

  private func check(_ graph: Graph, _ target: Target) throws {
    let inputs = ["x": Tensor(random: graph.type(of: graph.inputs[0].value), seed: 2)]
    let expected = try graph.evaluate(inputs)
    for options in Self.options {
      let model = try CModel(graph, options: .init(target: target))
      let library = try CompiledLibrary(
        [model], compiler: .system(), options: ["-std=c99", "-O1"] + CompilerMatrix.warnings + options)
      #expect(try CompiledModel(model, of: graph, in: library)(inputs) == expected, "\(target.name) \(options)")
    }
  }
}

extension BinaryLayer {
  /// The graph with the layer on planes, whatever that costs.
  fileprivate func onPlanes(_ graph: Graph, lanes: Int) throws -> Graph {
    let node = graph[graph.outputs[0].value]
    let layer = try #require(node.op as? BinaryConv2D)
    var op = PlaneConv2D()
    (op.imageShape, op.outputChannels, op.lanes) = (Array(x[1..<3]), outputs, lanes)
    (op.kernelShape, op.dilations, op.pads, op.padding) = (kernel, dilations, pads, padding)
    op.poolShape = pool
    var result = Graph(name: "planes")
    let numbers = try result.add(Input("x", TensorType(.f32, x)), name: "x")
    let bits = try result.add(PackBits(), [numbers], name: nil)
    let shape = try result.add(Constant(Tensor([x[0], x[1] * x[2], x[3]].map { Int64($0) })), name: nil)
    let planes = try result.add(
      TransposeBits(), [try result.add(Reshape(), [bits, shape], name: nil)], name: nil)
    let weights = layer.panels(x).repacked(constant(node.inputs[1]!, graph), width: PlaneConv2D.panel)
    let constants = [weights] + node.inputs.dropFirst(2).map { constant($0!, graph) }
    let operands = try constants.map { try result.add(Constant($0), name: nil) }
    result.outputs = [("bits", try result.add(op, [planes] + operands, name: nil))]
    return result
  }

  private func constant(_ value: Value, _ graph: Graph) -> Tensor { (graph[value].op as! Constant).value }
}
