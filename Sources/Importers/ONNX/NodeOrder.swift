import IR

/// The indices of `nodes` in an order in which each comes after those whose outputs it uses: the order of the file
/// wherever that already is one.
///
/// - Throws: A diagnostic if nodes depend on each other in a circle.
func executionOrder(of nodes: [OnnxNodeProto], place: (OnnxNodeProto) -> Location) throws(Diagnostic) -> [Int] {
  var producers: [String: Int] = [:]
  for (index, node) in nodes.enumerated() {
    for output in node.output where !output.isEmpty { producers[output] = index }
  }
  let dependencies = nodes.map { node in node.usedNames.compactMap { producers[$0] } }

  enum Mark { case none, open, done }
  var marks = [Mark](repeating: .none, count: nodes.count)
  var order: [Int] = []
  // The stack is explicit because a file can hold a chain of any length.
  var stack: [(node: Int, next: Int)] = []
  for root in nodes.indices where marks[root] == .none {
    stack.append((root, 0))
    marks[root] = .open
    while let (node, next) = stack.last {
      guard next < dependencies[node].count else {
        marks[node] = .done
        order.append(node)
        stack.removeLast()
        continue
      }
      stack[stack.count - 1].next += 1
      let dependency = dependencies[node][next]
      switch marks[dependency] {
      case .done: break
      case .open: throw Diagnostic("\(nodes[node].opType) depends on its own output", at: place(nodes[node]))
      case .none:
        marks[dependency] = .open
        stack.append((dependency, 0))
      }
    }
  }
  return order
}

extension OnnxNodeProto {
  /// The values that the node uses, also those that its sub-graphs use of the graph around them.
  fileprivate var usedNames: [String] { input + attribute.filter(\.hasG).flatMap(\.g.freeNames) }
}

extension OnnxGraphProto {
  /// The names that a sub-graph uses and does not define, each once, in the order of their use.
  var freeNames: [String] {
    var seen = Set(input.map(\.name) + initializer.map(\.name) + sparseInitializer.map(\.values.name) + [""])
    for node in node { seen.formUnion(node.output) }
    return (node.flatMap(\.usedNames) + output.map(\.name)).filter { seen.insert($0).inserted }
  }
}
