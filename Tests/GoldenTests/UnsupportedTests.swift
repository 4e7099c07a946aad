import CodegenC
import IR
import Testing

/// Nodes that are correct but for which there is no C: they are refused with words that help.
@Suite struct UnsupportedTests {
  private static let cases: [(nodes: String, words: String)] = [
    ("%x = Input : f16[2x3]\n%y = Softmax(%x)", "nnc_softmax_f16"),
    (
      "%x = Input : i8[2x2]\n%s = Input : f16[1]\n%z = Input : i8[1]\n%y = QLinearMatMul(%x, %s, %z, %x, %s, %z, %s, %z)",
      "widen-half"
    ),
    ("%x = Input : bf16[3x3]\n%y = MatMul(%x, %x)", "bf16[3x3]"),
    ("%x = Input : f16[2x3]\n%z = Constant [2, 4] : i64[2]\n%y = Resize(%x, _, _, %z) {mode: linear}", "f16[2x3]"),
    (
      "%x = Input : f32[1x1x2x2x2x2]\n%y = MaxPool(%x) {kernel_shape: [1, 1, 1, 1]}",
      "at most 3 spatial axes, not for 4"
    ),
    (
      "%x = Input : f32[1x34]\n%w = Constant splat(1) : f32[1156]\n%y = Dense(%x, %w) {output_features: 34, panel: 17}",
      "panel is 17"
    ),
    (
      "%x = Input : f32[1x3]\n%w = Constant splat(1) : i32[15]\n%e = Constant splat(0) : i16[5]\n"
        + "%y = Dense(%x, %w, _, %e) {output_features: 5, panel: 5}",
      "compute 4 columns at a time"
    ),
    ("%x = Input : f32[2x3]\n%s = Input : f64[3]\n%y = RMSNormalization(%x, %s)", "add a Cast"),
    (
      "%x = Input : f32[2x3]\n%s = Input : f32[3]\n%y, %m = LayerNormalization(%x, %s) {stash_type: 10}\n%z = Identity(%m)",
      "stash_type"
    ),
    (
      "%v = Input : f32[2x40]\n%x = PackBits(%v)\n%s = Constant [80] : i64[1]\n%y = Reshape(%x, %s)",
      "rows of bits take whole words"
    ),
    (
      "%v = Input : f32[1x3x4]\n%x = PackBits(%v)\n%w = Constant splat(-1) : bit[1x32]\n%t = Constant [0] : i16[1]\n"
        + "%y = PlaneConv2D(%x, %w, %t) {image_shape: [2, 2], output_channels: 1, kernel_shape: [1, 1], lanes: 32}",
      "y has memory for 32 lanes; there are up to 128"
    ),
  ]

  @Test(arguments: cases.indices)
  func isRefused(_ index: Int) throws {
    let (nodes, words) = Self.cases[index]
    let result = nodes.contains("%z = Identity") ? "%z" : "%y"
    let graph = try Graph(parsing: "graph g {\n\(nodes)\nreturn \(result)\n}", file: "case")
    let error = #expect(throws: Diagnostic.self) { try CModel(graph) }
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
  }
}
