import IR

/// Finds the steps that write memory which held elements of another type. Scratch memory counts as another type.
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
    if let scratch = plan.scratch[index] {
      let buffer = plan.buffers[scratch]
      needed = note(buffer.offset..<buffer.offset + buffer.byteCount, "scratch \(index)")
    }
    for (result, type) in graph.nodes[index].types.enumerated() {
      guard let place = plan.place(of: Value(node: index, result: result)), type.elementCount > 0 else { continue }
      let buffer = plan.buffers[place.buffer]
      // Memory of different homes never overlaps: each home has a range of its own.
      let base: Int
      switch buffer.home {
      case .arena: base = buffer.offset
      case .output(let output): base = -(output + 1) << 42
      case .input, .constant: continue
      }
      let bytes = base + place.offset..<base + place.offset + type.cByteCount
      needed = note(bytes, type.element.cType) || needed
    }
    return needed
  }

  /// Notes that bytes hold elements of a type, and returns whether some of them held those of another.
  private mutating func note(_ bytes: Range<Int>, _ type: String) -> Bool {
    let isReuse = written.contains { $0.bytes.overlaps(bytes) && $0.type != type }
    written.removeAll { bytes.contains($0.bytes.lowerBound) && bytes.contains($0.bytes.upperBound - 1) }
    written.append((bytes, type))
    return isReuse
  }
}
