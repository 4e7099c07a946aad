import IR
import Testing

/// The multiply-accumulates of operations, beside the product written out.
@Suite struct CostTests {
  private static let cases: [(String, Int)] = [
    ("%y = Conv(%x, %w) {pads: [1, 1, 1, 1]}", 2 * 6 * (8 * 8) * (2 * 3 * 3)),
    ("%y = Conv(%x, %w) {strides: [2, 2]}", 2 * 6 * (3 * 3) * (2 * 3 * 3)),
    ("%y = ConvTranspose(%x, %t)", (2 * 4 * 8 * 8) * (5 * 3 * 3)),
    ("%y = Conv2D(%n, %p) {output_channels: 6, kernel_shape: [3, 3], group: 2}", 2 * 6 * (6 * 6) * (2 * 3 * 3)),
    (
      "%y = Conv2D(%n, %p) {output_channels: 6, kernel_shape: [3, 3], group: 2, pool: max, pool_shape: [2, 2]}",
      2 * 6 * (6 * 6) * (2 * 3 * 3)
    ),
    ("%y = DepthwiseConv2D(%n, %d) {kernel_shape: [3, 3]}", 2 * 4 * (6 * 6) * (3 * 3)),
    ("%y = Gemm(%a, %b) {transA: true}", 3 * 7 * 5), ("%y = MatMul(%m, %b)", 2 * 3 * 5 * 7),
    ("%y = MatMul(%v, %b)", 5 * 7), ("%y = MatMul(%v, %v)", 5),
    ("%y = Dense(%m, %q) {output_features: 4}", 2 * 3 * 5 * 4), ("%y = Relu(%x)", 0),
    ("%y = LSTM(%m, %l, %r) {direction: bidirectional}", 2 * 3 * 2 * (8 * 5 + 8 * 2)),
    ("%y = Einsum(%m, %b) {equation: \"...ij,jk->...ik\"}", 2 * 3 * 5 * 7),
    ("%y = Attention(%m, %m, %m) {q_num_heads: 1, kv_num_heads: 1}", 2 * (2 * 3 * 3 * 5)),
    (
      """
      %y = Loop(%k, _, %z) {body: graph b {
        %i = Input : i64[]
        %go = Input : bool[]
        %h = Input : f32[3x3]
        %s = MatMul(%h, %h)
        return %go, %s
      }}
      """, 4 * (3 * 3 * 3)
    ),
    (
      """
      %y = If(%c, %z) {then_branch: graph t {
        %z = Input : f32[3x3]
        %s = MatMul(%z, %z)
        return %s
      }, else_branch: graph e {
        %z = Input : f32[3x3]
        return %z
      }}
      """, 3 * 3 * 3
    ),
  ]

  @Test(arguments: cases)
  func count(line: String, expected: Int) throws {
    let text = """
      graph g {
        %x = Input : f32[2x4x8x8]
        %n = Input : f32[2x8x8x4]
        %w = Input : f32[6x2x3x3]
        %t = Input : f32[4x5x3x3]
        %p = Input : f32[108]
        %d = Input : f32[3x3x4]
        %a = Input : f32[5x3]
        %b = Input : f32[5x7]
        %m = Input : f32[2x3x5]
        %v = Input : f32[5]
        %q = Input : f32[20]
        %l = Input : f32[2x8x5]
        %r = Input : f32[2x8x2]
        %c = Input : bool[]
        %k = Constant [4] : i64[]
        %z = Input : f32[3x3]
        \(line.replacing("Conv(%x, %w) {", with: "Conv(%x, %w) {group: 2, "))
        return %y
      }
      """
    let graph = try Graph(parsing: text, file: "")
    #expect(graph.multiplyAccumulates == expected)
  }
}
