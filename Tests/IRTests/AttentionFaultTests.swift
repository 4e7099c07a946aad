import IR
import Testing

/// What is wrong with operands and attributes of attention and of optimizers is said, whatever they are.
@Suite struct AttentionFaultTests {
  private static let heads = "splat(1) : f32[1x2x3x4]"
  private static let packed = "splat(1) : f32[1x3x4]"

  @Test(arguments: [
    OperationCase("Attention(%a, %a, %a)", packed, gives: "Q [1x3x4] has no axis of heads, so q_num_heads is needed"),
    OperationCase(
      "Attention(%a, %a, %a) {q_num_heads: 0, kv_num_heads: 1}", packed, gives: "q_num_heads is 0, but should divide"),
    OperationCase(
      "Attention(%a, %a, %a) {q_num_heads: 2, kv_num_heads: 3}", packed, gives: "kv_num_heads is 3, but should divide"),
    OperationCase("Attention(%a, %a, %a) {q_num_heads: 3}", heads, gives: "q_num_heads is 3, but Q [1x2x3x4] has 2"),
    OperationCase("Attention(%a, %b, %b)", heads, packed, gives: "Q is f32[1x2x3x4], but K is f32[1x3x4]"),
    OperationCase(
      "Attention(%a, %b, %b)", heads, "splat(1) : f32[1x3x3x4]", gives: "the 3 heads of keys should divide"),
    OperationCase(
      "Attention(%a, %b, %b)", heads, "splat(1) : f32[1x0x3x4]", gives: "the 0 heads of keys should divide"),
    OperationCase("Attention(%a, %a, %b)", heads, "splat(1) : f32[1x2x2x4]", gives: "do not fit each other"),
    OperationCase(
      "Attention(%a, %a, %a, %b)", heads, "splat(1) : f32[2x3]", gives: "cannot be broadcast to the products"),
    OperationCase("Attention(%a, %a, %a, %b)", heads, "splat(1) : f32[5]", gives: "attn_mask [5] cannot be broadcast"),
    OperationCase("Attention(%a, %a, %a, %b)", heads, "splat(1) : i64[3]", gives: "should have bools or floats"),
    OperationCase("Attention(%a, %a, %a, _, %a)", heads, gives: "past_key and past_value belong together"),
    OperationCase(
      "Attention(%a, %a, %a, _, _, _, %b)", heads, "[1, 2] : i64[2]", gives: "is i64[2], but should be i64[1]"),
    OperationCase("Attention(%a, %a, %a) {qk_matmul_output_mode: 4}", heads, gives: "should be 0, 1, 2 or 3"),
    OperationCase("Attention(%a, %a, %a) {softcap: -1}", heads, gives: "softcap is -1.0, but should be positive"),
    OperationCase("Attention(%a, %a, %a) {softmax_precision: i8}", heads, gives: "should be a type of floats"),
    OperationCase("ai.onnx.preview.FlexAttention(%a, %a, %a)", packed, gives: "should have 4 axes"),
    OperationCase(
      "ai.onnx.preview.FlexAttention(%a, %a, %a) {score_mod: graph m {\n%x = Input : f32[1]\nreturn %x\n}}", heads,
      gives: "input 'x' of score_mod is f32[1], but is given f32[1x2x3x3]"),
    OperationCase(
      "ai.onnx.preview.FlexAttention(%a, %a, %a) {prob_mod: graph m {\n%x = Input : f32[1x2x3x3]\n%y = Sum(%x)\n"
        + "%z = Cast(%y) {to: f64}\nreturn %z\n}}", heads,
      gives: "prob_mod has outputs f64[1x2x3x3], but should have one"),
    OperationCase("CausalMask(%a) {past: -1}", heads, gives: "past is -1, but should not be negative"),
    OperationCase("CausalMask(%a)", "[1] : f32[1]", gives: "takes matrices, but 'scores' is f32[1]"),
  ])
  func attention(_ testCase: OperationCase) { testCase.checkFault() }

  @Test(arguments: [
    OperationCase("RotaryEmbedding(%a, %b, %b)", packed, "[1] : f32[1]", gives: "so num_heads is needed"),
    OperationCase("RotaryEmbedding(%a, %b, %b)", heads, "splat(1) : f32[1x3x1]", gives: "should be [1x3x2]"),
    OperationCase(
      "RotaryEmbedding(%a, %b, %b) {rotary_embedding_dim: 3}", heads, heads,
      gives: "3 elements of each head are rotated"),
    OperationCase(
      "RotaryEmbedding(%a, %b, %b, %c)", heads, "splat(1) : f32[5x2]", "[0, 0] : i64[1x2]", gives: "should be [1x3]"),
    OperationCase("TensorScatter(%a, %a) {axis: 0}", heads, gives: "axis is 0, which is that of the batch"),
    OperationCase("TensorScatter(%a, %b)", heads, "splat(1) : f32[1x2x4x4]", gives: "does not fit into past_cache"),
    OperationCase("TensorScatter(%a, %a, %b)", heads, "[1] : i64[1]", gives: "write index 1 and 3 steps do not fit"),
    OperationCase("LinearAttention(%a, %a, %a)", packed, gives: "'q_num_heads' and 'kv_num_heads' are needed"),
    OperationCase(
      "LinearAttention(%a, %a, %a) {q_num_heads: 1, kv_num_heads: 0}", packed, gives: "multiple of the 0 heads of keys"),
    OperationCase(
      "LinearAttention(%a, %a, %a) {q_num_heads: 1, kv_num_heads: 1}", packed,
      gives: "update_rule is gated_delta, which needs operand 'decay'"),
    OperationCase(
      "LinearAttention(%a, %a, %a, _, %b) {q_num_heads: 2, kv_num_heads: 2, update_rule: gated}", packed,
      "splat(1) : f32[1x3x3]", gives: "decay is [1x3x3], but should be [1x3x2] or with 4 at the end"),
    OperationCase("CausalConvWithState(%a, %b)", packed, "splat(1) : f32[2x1x3]", gives: "for the 3 channels of input"),
    OperationCase(
      "CausalConvWithState(%a, %b, _, %a)", packed, "splat(1) : f32[3x1x2]", gives: "but should be f32[1x3x1]"),
  ])
  func caches(_ testCase: OperationCase) { testCase.checkFault() }

  @Test(arguments: [
    OperationCase(
      "ai.onnx.preview.training.Adagrad(%a, %b, %a, %a)", "[1] : f32[]", "[0] : i64[]",
      gives: "3 operands for each tensor, but has 4 operands"),
    OperationCase(
      "ai.onnx.preview.training.Adam(%c, %b, %a, %a, %a, %a)", "[1] : f32[]", "[0] : i64[]", "[1, 2] : f32[2]",
      gives: "R is f32[2], but should be a scalar"),
    OperationCase(
      "ai.onnx.preview.training.Momentum(%a, %b, %a, %a, %a) {alpha: 1}", "[1] : f32[]", "[0] : i64[]",
      gives: "are all needed, but one is missing"),
  ])
  func optimizers(_ testCase: OperationCase) { testCase.checkFault() }
}
