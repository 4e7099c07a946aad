import IR
import Passes
import Testing

/// A small graph whose channels lie in a way of their own.
struct ChannelExample: CustomTestStringConvertible, Sendable {
  let name: String
  /// The channels of each group, in order.
  let sizes: [Int]
  let lines: String

  var testDescription: String { name }

  func graph() throws -> Graph {
    let text = "graph example {\n%x = Input : f32[1x4x6x6]\n\(lines)\nreturn %y\n}"
    return try Pipeline.canonicalize.run(Graph(parsing: text, file: "\(name).nnc"))
  }

  /// Makes 8 channels of the input, called `c`.
  private static let first = """
    %w1 = Constant random(1) : f32[8x4x3x3]
    %b1 = Constant random(2) : f32[8]
    %c = Conv(%x, %w1, %b1) {pads: [1, 1, 1, 1]}

    """
  /// Makes the output of 8 channels called `z`.
  private static let last = """

    %wz = Constant random(9) : f32[3x8x1x1]
    %y = Conv(%z, %wz)
    """

  static let all: [ChannelExample] = [
    .init(
      name: "residual", sizes: [8, 5],
      lines: first + """
        %r = Relu(%c)
        %w2 = Constant random(3) : f32[5x8x3x3]
        %d = Conv(%r, %w2) {pads: [1, 1, 1, 1]}
        %w3 = Constant random(4) : f32[8x5x1x1]
        %e = Conv(%d, %w3)
        %z = Add(%e, %r)
        """ + last),
    .init(
      name: "concat", sizes: [8, 3],
      lines: first + """
        %w2 = Constant random(3) : f32[3x4x1x1]
        %d = Conv(%x, %w2)
        %j = Concat(%d, %c, %d) {axis: 1}
        %w3 = Constant random(4) : f32[2x14x1x1]
        %y = Conv(%j, %w3)
        """),
    .init(
      name: "split", sizes: [3, 5],
      lines: first + """
        %parts = Constant [3, 5] : i64[2]
        %p, %q = Split(%c, %parts) {axis: 1}
        %r = Relu(%q)
        %z = Concat(%r, %p) {axis: 1}
        """ + last),
    .init(
      name: "slice", sizes: [2, 6],
      lines: first + """
        %from = Constant [2] : i64[1]
        %to = Constant [100] : i64[1]
        %axis = Constant [1] : i64[1]
        %s = Slice(%c, %from, %to, %axis)
        %w2 = Constant random(3) : f32[5x6x1x1]
        %d = Conv(%s, %w2)
        %w3 = Constant random(4) : f32[5x8x1x1]
        %e = Conv(%c, %w3)
        %y = Add(%d, %e)
        """),
    .init(
      name: "flatten", sizes: [8, 6],
      lines: first + """
        %p = MaxPool(%c) {kernel_shape: [2, 2], strides: [2, 2]}
        %f = Flatten(%p)
        %w2 = Constant random(3) : f32[72x6]
        %d = MatMul(%f, %w2)
        %t = Tanh(%d)
        %w3 = Constant random(4) : f32[3x6]
        %b3 = Constant random(5) : f32[1x3]
        %y = Gemm(%t, %w3, %b3) {transB: true}
        """),
    .init(
      name: "depthwise", sizes: [8],
      lines: first + """
        %k = Constant [6] : f32[]
        %n = Constant [0] : f32[]
        %h = Clip(%c, %n, %k)
        %w2 = Constant random(3) : f32[8x1x3x3]
        %b2 = Constant random(4) : f32[8]
        %z = Conv(%h, %w2, %b2) {group: 8, pads: [1, 1, 1, 1]}
        """ + last),
    .init(
      name: "multiplier", sizes: [8],
      lines: first + """
        %w2 = Constant random(3) : f32[16x1x3x3]
        %d = Conv(%c, %w2) {group: 8}
        %w3 = Constant random(4) : f32[3x16x1x1]
        %y = Conv(%d, %w3)
        """),
    .init(
      name: "whole groups", sizes: [8],
      lines: first + """
        %w2 = Constant random(3) : f32[12x2x3x3]
        %d = Conv(%c, %w2) {group: 4}
        %w3 = Constant random(4) : f32[3x12x1x1]
        %y = Conv(%d, %w3)
        """),
    .init(
      name: "places of groups", sizes: [8, 6],
      lines: first + """
        %w2 = Constant random(3) : f32[6x4x3x3]
        %d = Conv(%c, %w2) {group: 2}
        %w3 = Constant random(4) : f32[3x6x1x1]
        %y = Conv(%d, %w3)
        """),
    .init(
      name: "shuffle", sizes: [8],
      lines: first + """
        %s1 = Constant [1, 4, 2, 6, 6] : i64[5]
        %s2 = Constant [1, 8, 6, 6] : i64[4]
        %a = Reshape(%c, %s1)
        %t = Transpose(%a) {perm: [0, 2, 1, 3, 4]}
        %z = Reshape(%t, %s2)
        """ + last),
    .init(
      name: "per channel", sizes: [8],
      lines: first + """
        %m = Constant random(3) : f32[8]
        %v = Constant splat(2) : f32[8]
        %r = Relu(%c)
        %bn = BatchNormalization(%r, %m, %m, %m, %v)
        %slope = Constant random(5) : f32[8x1x1]
        %p = PRelu(%bn, %slope)
        %i = InstanceNormalization(%p, %v, %m)
        %g = GlobalAveragePool(%i)
        %s = Sigmoid(%g)
        %z = Mul(%i, %s)
        """ + last),
    .init(
      name: "upsampled", sizes: [8, 5],
      lines: first + """
        %w2 = Constant random(3) : f32[8x5x2x2]
        %b2 = Constant random(4) : f32[5]
        %d = ConvTranspose(%c, %w2, %b2) {strides: [2, 2]}
        %none = Constant [] : f32[0]
        %size = Constant [1, 5, 24, 24] : i64[4]
        %u = Resize(%d, %none, %none, %size)
        %w3 = Constant random(5) : f32[2x5x1x1]
        %y = Conv(%u, %w3)
        """),
    .init(
      name: "gated", sizes: [10],
      lines: """
        %s = Constant [24, 6] : i64[2]
        %a = Reshape(%x, %s)
        %w1 = Constant random(1) : f32[6x10]
        %w2 = Constant random(2) : f32[10x6]
        %u = MatMul(%a, %w1)
        %g = Gemm(%a, %w2) {transB: true}
        %h = Swish(%g)
        %m = Mul(%u, %h)
        %w3 = Constant random(3) : f32[10x6]
        %d = MatMul(%m, %w3)
        %y = Add(%d, %a)
        """),
    .init(
      name: "packed gate", sizes: [20],
      lines: """
        %s = Constant [24, 6] : i64[2]
        %a = Reshape(%x, %s)
        %w1 = Constant random(1) : f32[6x20]
        %u = MatMul(%a, %w1)
        %p, %q = Split(%u) {axis: -1, num_outputs: 2}
        %h = Sigmoid(%q)
        %m = Mul(%p, %h)
        %w3 = Constant random(3) : f32[10x6]
        %y = MatMul(%m, %w3)
        """),
    .init(
      name: "heads", sizes: [6],
      lines: """
        %s = Constant [24, 6] : i64[2]
        %a = Reshape(%x, %s)
        %wq = Constant random(1) : f32[6x6]
        %wk = Constant random(2) : f32[6x6]
        %wv = Constant random(3) : f32[6x12]
        %q = MatMul(%a, %wq)
        %k = MatMul(%a, %wk)
        %v = MatMul(%a, %wv)
        %h = Constant [24, 3, 2] : i64[3]
        %hv = Constant [24, 3, 4] : i64[3]
        %q1 = Reshape(%q, %h)
        %k1 = Reshape(%k, %h)
        %v1 = Reshape(%v, %hv)
        %q2 = Transpose(%q1) {perm: [1, 0, 2]}
        %k2 = Transpose(%k1) {perm: [1, 2, 0]}
        %v2 = Transpose(%v1) {perm: [1, 0, 2]}
        %scores = MatMul(%q2, %k2)
        %p = Softmax(%scores)
        %o = MatMul(%p, %v2)
        %o1 = Transpose(%o) {perm: [1, 0, 2]}
        %so = Constant [24, 12] : i64[2]
        %o2 = Reshape(%o1, %so)
        %wo = Constant random(4) : f32[12x6]
        %y = MatMul(%o2, %wo)
        """),
    .init(
      name: "recurrent", sizes: [5, 4],
      lines: """
        %s = Constant [24, 1, 6] : i64[3]
        %a = Reshape(%x, %s)
        %w0 = Constant random(1) : f32[6x5]
        %e = MatMul(%a, %w0)
        %w = Constant random(2) : f32[1x16x5]
        %r = Constant random(3) : f32[1x16x4]
        %b = Constant random(4) : f32[1x32]
        %l, %lh, %lc = LSTM(%e, %w, %r, %b) {hidden_size: 4}
        %w3 = Constant random(5) : f32[4x3]
        %y = MatMul(%l, %w3)
        """),
  ]
}

/// Which channels go together, shown by what graphs compute whose channels have gone or changed places.
@Suite struct ChannelGroupsTests {
  private func isClose(_ a: Graph, _ b: Graph, _ inputs: [String: Tensor]) throws -> Bool {
    try zip(a.evaluate(inputs), b.evaluate(inputs)).allSatisfy { a, b in
      zip(a.reals, b.reals).allSatisfy { abs($0 - $1) <= 1e-4 * max(1, abs($1)) }
    }
  }

  private let x = ["x": Tensor(random: TensorType(.f32, [1, 4, 6, 6]), seed: 77)]

  @Test(arguments: ChannelExample.all) func groupsAreFound(_ example: ChannelExample) throws {
    let found = try ChannelGroups(example.graph())
    #expect(found.groups.map(\.size) == example.sizes, "\(found.fixedLayers)")
  }

  @Test(arguments: ChannelExample.all) func orderDoesNotMatter(_ example: ChannelExample) throws {
    let graph = try example.graph()
    let found = try ChannelGroups(graph)
    let permuted = try found.permuting(
      found.groups.map { Array($0.channels.dropFirst(2) + $0.channels.prefix(2).reversed()) })
    #expect(permuted != graph)
    #expect(try isClose(permuted, graph, x))
  }

  @Test(arguments: ChannelExample.all) func removedChannelsAreThoseThatNoLayerHears(_ example: ChannelExample) throws {
    let graph = try example.graph()
    let found = try ChannelGroups(graph)
    let removed = found.groups.flatMap { $0.channels.enumerated().filter { $0.offset % 3 == 1 }.map(\.element) }
    let (small, silent) = (try found.removing(removed), try found.silencing(removed))
    #expect(small.multiplyAccumulates < graph.multiplyAccumulates)
    #expect(try isClose(small, silent, x))
    #expect(try !isClose(silent, graph, x))
  }

  /// What holds channels, and the words that say so.
  @Test(arguments: [
    ("%y = Softmax(%c) {axis: 1}", "Softmax 'y' normalizes along them"),
    ("%s = Softmax(%c) {axis: 1}\n  %y = Relu(%s)", "Softmax 's' normalizes along them"),
    ("%m = ArgMax(%c) {axis: 1}\n  %y = Cast(%m) {to: f32}", "ArgMax 'm' counts them"),
    ("%i = Constant [1, 0] : i64[2]\n  %y = Gather(%c, %i) {axis: 1}", "Gather 'y' picks some of them"),
    ("%y = Relu(%c)", "they are those of the output 'y'"),
    ("%y = Add(%c, %x)", "they are those of the input 'x'"),
    ("%a = Constant [1] : i64[1]\n  %y = ReduceMean(%c, %a)", "ReduceMean 'y' reduces along them"),
    ("%y = DepthToSpace(%c) {blocksize: 2}", "it is not known what DepthToSpace 'y' does with them"),
    ("%y = LRN(%c) {size: 3}", "LRN 'y' normalizes along them"),
    ("%k = Constant [2] : i64[1]\n  %y, %j = TopK(%c, %k) {axis: 1}", "TopK 'y' counts them"),
    ("%p, %i = MaxPool(%c) {kernel_shape: [2, 2]}\n  %y = Cast(%i) {to: f32}", "MaxPool 'p' tells where they lie"),
  ])
  func whatIsToldApartStays(lines: String, reason: String) throws {
    let text = """
      graph held {
        %x = Input : f32[1x4x6x6]
        %w = Constant random(1) : f32[4x4x1x1]
        %c = Conv(%x, %w)
        \(lines)
        return %y
      }
      """
    let found = try ChannelGroups(Graph(parsing: text, file: "held.nnc"))
    #expect(found.groups.isEmpty)
    #expect(found.fixedLayers.map(\.reason) == [reason])
  }
}
