import IR
import Targets

/// Lets a layer add other data to its sums, as at the end of a residual block.
///
///     %c = Conv2D(%x, %w, %b)
///     %y = Add(%c, %z)
///   →
///     %y = Conv2D(%x, %w, %b, _, %z)
///
/// The sums begin with them. Not for processors without floating point, where sums are integers.
let fuseAddition = Pass(
  "fuse-addition", "Lets a layer add other data to its sums, as at the end of a residual block.",
  preserves: .upToRounding,
  rulesFor: { target in
    target.floats == .inSoftware
      ? []
      : [
        Rule(on: Add.self) { _, node, rewriter in
          // Of two layers the later one: the result of the earlier is there anyway.
          for (sum, other) in [(0, 1), (1, 0)].sorted(by: { node.inputs[$0.0]!.node > node.inputs[$1.0]!.node }) {
            guard let (layer, inputs) = rewriter.summingLayer(node.inputs[sum]!), let addend = node.inputs[other],
              rewriter.graph.type(of: addend) == node.types[0],
              rewriter.graph.type(of: node.inputs[sum]!) == node.types[0]
            else { continue }
            return try rewriter.add(
              layer, inputs + [Value?](repeating: nil, count: 4 - inputs.count) + [addend], like: node)
          }
          return nil
        }
      ]
  })

extension Rewriter {
  /// The layer that computes `value`, if it can add something else, and nothing but the addition uses it.
  fileprivate func summingLayer(_ value: Value) -> ((any Operation), [Value?])? {
    let node = graph[value]
    guard isUsedOnce(value), node.inputs.count < 4 else { return nil }
    switch node.op {
    case let conv as Conv2D where conv.activation == .none && conv.pool == .none: return (conv, node.inputs)
    case let dense as Dense where dense.activation == .none: return (dense, node.inputs)
    default: return nil
    }
  }
}
