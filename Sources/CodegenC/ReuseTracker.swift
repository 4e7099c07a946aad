import IR

/// Finds the steps that write memory which held elements of another type.
///
/// A C compiler may assume that accesses through pointers to different types do not touch the same memory, and reorder
/// them.
struct ReuseTracker {
  private let plan: MemoryPlan
  private let graph: Graph
  private var written: [(bytes: Range<Int>, type: String)] = []

  init(_ plan: MemoryPlan, _ graph: Graph) {
    self.plan = plan
    self.graph = graph
  }

  /// Whether the results of the node at `index` lie where elements of another type lay. Asked once per step, in order.
  mutating func needsBarrier(before index: Int) -> Bool {
    guard index < graph.nodes.count else { return false }
    var needed = false
    for (result, type) in graph.nodes[index].types.enumerated() {
      guard let place = plan.place(of: Value(node: index, result: result)), type.byteCount > 0 else { continue }
      let buffer = plan.buffers[place.buffer]
      // Memory of different homes never overlaps: each home has a range of its own.
      let base: Int
      switch buffer.home {
      case .arena: base = buffer.offset
      case .output(let output): base = -(output + 1) << 42
      case .input, .constant: continue
      }
      let bytes = base + place.offset..<base + place.offset + type.byteCount
      needed = needed || written.contains { $0.bytes.overlaps(bytes) && $0.type != type.element.cType }
      written.removeAll { bytes.contains($0.bytes.lowerBound) && bytes.contains($0.bytes.upperBound - 1) }
      written.append((bytes, type.element.cType))
    }
    return needed
  }
}
