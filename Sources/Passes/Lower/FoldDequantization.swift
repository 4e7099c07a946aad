/// Computes what quantized constants stand for, and what follows from it, where no quantized layer takes them as they are.
///
///     %w = Constant [1, -2] : i8[2]
///     %d = DequantizeLinear(%w, 0.5)
///   →
///     %d = Constant [0.5, -1] : f32[2]
let foldDequantization = Pass(
  "fold-dequantization", "Computes what quantized constants stand for.", preserves: .exactly,
  rules: [Rule(onAny: { node, rewriter in try rewriter.folded(node) })])
