extension MemoryPlan {
  init(empty alignment: Int) { self.alignment = alignment }

  /// The first multiple of the alignment that is not less.
  func aligned(_ byteCount: Int) -> Int { byteCount.rounded(upTo: alignment) }

  /// The bytes that a buffer takes. One without elements takes some too, so that no other has its address.
  private func alignedByteCount(_ buffer: Buffer) -> Int { aligned(max(buffer.byteCount, 1)) }

  /// Gives each buffer of the arena an offset, so that buffers that are live at the same time do not overlap.
  ///
  /// Buffers are placed one after the other at the lowest offset that is free; of several orders the best is taken.
  mutating func arrange(stepCount: Int) {
    let inArena = buffers.indices.filter { buffers[$0].home == .arena && buffers[$0].parent == nil }
    liveByteCounts = (0...stepCount).map { step in
      inArena.reduce(0) { $0 + (buffers[$1].steps.contains(step) ? alignedByteCount(buffers[$1]) : 0) }
    }
    let orders: [(Buffer, Buffer) -> Bool] = [
      { ($0.byteCount, $1.steps.lowerBound) > ($1.byteCount, $0.steps.lowerBound) },
      { ($0.steps.count * $0.byteCount) > ($1.steps.count * $1.byteCount) },
      { ($0.steps.count, $0.byteCount) > ($1.steps.count, $1.byteCount) },
      { $0.steps.lowerBound < $1.steps.lowerBound },
    ]
    var best: (total: Int, offsets: [Int])?
    for isBefore in orders {
      // Sorting by index among equals keeps the result the same in every run.
      let order = inArena.sorted {
        isBefore(buffers[$0], buffers[$1]) || (!isBefore(buffers[$1], buffers[$0]) && $0 < $1)
      }
      let (total, offsets) = arranged(order)
      if total < best?.total ?? Int.max { best = (total, offsets) }
      if total == lowerBound { break }
    }
    for index in inArena { buffers[index].offset = best!.offsets[index] }
    arenaByteCount = best?.total ?? 0
  }

  private func arranged(_ order: [Int]) -> (total: Int, offsets: [Int]) {
    var offsets = [Int](repeating: 0, count: buffers.count)
    var placed: [Int] = []
    var total = 0
    for index in order {
      let buffer = buffers[index]
      let occupied = placed.filter { buffers[$0].steps.overlaps(buffer.steps) }
        .map { offsets[$0]..<offsets[$0] + alignedByteCount(buffers[$0]) }
        .sorted { $0.lowerBound < $1.lowerBound }
      var offset = 0
      for range in occupied where range.lowerBound < offset + alignedByteCount(buffer) {
        offset = max(offset, range.upperBound)
      }
      offsets[index] = offset
      placed.append(index)
      total = max(total, offset + alignedByteCount(buffer))
    }
    return (total, offsets)
  }
}

extension Int {
  /// The first multiple of a number that is not less.
  func rounded(upTo multiple: Int) -> Int { (self + multiple - 1) / multiple * multiple }
}
