import IR

/// Computes in single precision what is stored in half precision, for which C has no type.
///
///     %y = Exp(%x) : f16[4]
///   →
///     %a = Cast(%x) {to: f32}
///     %b = Exp(%a) : f32[4]
///     %y = Cast(%b) {to: f16} : f16[4]
///
/// What only moves or converts elements stays as it is.
let widenHalf = Pass(
  "widen-half", "Computes in single precision what is stored in half precision.", preserves: .upToRounding,
  rules: [
    Rule(onAny: { node, rewriter in
      let halves: Set<ElementType> = [.f16, .bf16]
      guard !node.op.hasCForHalves,
        node.types.contains(where: { halves.contains($0.element) })
          || node.operands.contains(where: { halves.contains(rewriter.graph.type(of: $0).element) })
      else { return nil }
      let inputs = try node.inputs.map { input in
        try input.map { value in
          guard halves.contains(rewriter.graph.type(of: value).element) else { return value }
          return try rewriter.add(Cast(to: .f32), [value], like: node)
        }
      }
      let results = try rewriter.addAll(node.op, inputs, like: node)
      return try zip(results, node.types).map { result, type in
        rewriter.graph.type(of: result).element == type.element
          ? result : try rewriter.add(Cast(to: type.element), [result], like: node)
      }
    })
  ])

extension Operation {
  /// Whether the C for the operation takes elements of all types: it does not know what they mean, or it converts them.
  fileprivate var hasCForHalves: Bool {
    switch self {
    case is any ViewOperation, is any ReshapingOperation, is any ControlFlowOperation, is Input, is Constant,
      is ConstantOfShape, is BitCast, is Cast, is CastLike, is CenterCropPad, is Compress, is Concat, is QuantizeLinear,
      is DequantizeLinear, is Dropout, is EyeLike, is Gather, is GatherElements, is GatherND, is MaxUnpool, is Pad,
      is ReverseSequence, is ShapeOf, is Size, is Trilu, is Unique, is Where:
      true
    default: false
    }
  }
}
