import IR
import TestSupport
import Testing

/// Weights of a convolution whose channels are computed one from another.
struct SimilarWeights: CustomTestStringConvertible {
  var name: String
  var inputs: Int
  var outputs: Int
  var kernel = [3, 3]
  var pool: [Int] = []
  var extents = [24, 23]
  var pads: [Int] = []
  /// Whether a weight is set; the numbers are those of a channel and an input, and a random one.
  var isSet: @Sendable (Int, Int, Int) -> Bool

  var testDescription: String { name }

  static let all = [
    SimilarWeights(name: "random", inputs: 21, outputs: 24) { _, _, random in random % 2 == 0 },
    SimilarWeights(name: "similar", inputs: 40, outputs: 33, pool: [2, 2]) { _, input, random in
      (input * 7 % 5 < 2) != (random % 10 == 0)
    },
    SimilarWeights(name: "similar or opposite", inputs: 64, outputs: 20) { channel, input, random in
      ((input * 7 % 5 < 2) != (random % 12 == 0)) != (channel % 3 == 0)
    },
    SimilarWeights(name: "equal channels, and opposite ones", inputs: 9, outputs: 12, kernel: [3, 4]) {
      channel, input, _ in
      (input * input % 7 < 3) != (channel % 4 == 0)
    },
    SimilarWeights(name: "all set, and all clear", inputs: 33, outputs: 8, kernel: [2, 2]) { channel, _, random in
      channel % 3 == 0 || channel % 3 == 2 && random % 3 == 0
    },
    SimilarWeights(name: "far apart", inputs: 600, outputs: 6, kernel: [1, 1]) { channel, input, _ in
      input % 290 == channel * 40
    },
  ]

  /// Whether each weight [output][input] is set, in the order of kernels.
  var bits: [[Bool]] {
    var state: UInt64 = 88_172_645_463_325_252
    func random() -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state >> 40)
    }
    let count = inputs * kernel[0] * kernel[1]
    return (0..<outputs).map { channel in (0..<count).map { isSet(channel, $0, random()) } }
  }

  func graph() throws -> Graph {
    var op = BinaryConv2D()
    (op.outputChannels, op.kernelShape, op.poolShape) = (outputs, kernel, pool)
    (op.pads, op.padding) = (pads, pads.isEmpty ? 0 : 1)
    let x = Shape([1] + extents + [inputs])
    let taps = kernel[0] * kernel[1]
    // Filters are [output][channel][ky][kx].
    let reals = bits.flatMap { row in
      (0..<inputs * taps).map { row[$0 % taps * inputs + $0 / taps] ? 1.0 : -1 }
    }
    let filters = Tensor(TensorType(.f32, [outputs, inputs, kernel[0], kernel[1]]), reals: reals)
    var graph = Graph(name: "similar")
    let numbers = try graph.add(Input("x", TensorType(.f32, x)), name: "x")
    let data = try graph.add(PackBits(), [numbers], name: nil)
    let thresholds = (0..<outputs).map { Int16($0 * 7 % 41 - 20) }
    let operands = [
      data, try graph.add(Constant(op.panels(x).pack(filters)), name: nil),
      try graph.add(Constant(Tensor(thresholds)), name: nil),
      try graph.add(Constant(Tensor(random: TensorType(.bit, [outputs]), seed: 5)), name: nil),
    ]
    graph.outputs = [("bits", try graph.add(op, operands, name: nil))]
    return graph
  }

  /// The length of a minimum spanning tree of the rows and one whose weights are all clear, by Kruskal's algorithm; rows may be
  /// inverted.
  var leastChangeCount: Int {
    let rows = [[Bool](repeating: false, count: bits[0].count)] + bits
    var edges: [(length: Int, a: Int, b: Int)] = []
    for a in rows.indices {
      for b in 0..<a {
        let length = zip(rows[a], rows[b]).count { $0 != $1 }
        edges.append((min(length, rows[a].count - length), a, b))
      }
    }
    var component = Array(rows.indices)
    return edges.sorted { $0.length < $1.length }.reduce(0) { sum, edge in
      let (from, to) = (component[edge.a], component[edge.b])
      guard from != to else { return sum }
      component = component.map { $0 == from ? to : $0 }
      return sum + edge.length
    }
  }
}

extension Graph {
  /// The trees of the layers whose channels are computed one from another.
  var channelTrees: [ChannelTree] {
    get throws {
      try nodes.compactMap { node in try (node.op as? PlaneConv2D)?.tree(operands(of: node)) }
    }
  }
}

extension ChannelTree {
  /// How many weights its steps change, where it carries them.
  var changeCount: Int {
    steps.reduce(0) { sum, step in
      guard case .changed(_, let added, let removed) = step.source else { return sum }
      return sum + added.count + removed.count
    }
  }
}
