import IR

/// What lies behind the arena of a model during its self-test.
struct SelfTestLayout {
  /// Whether what the tables have for a test is copied, because the code cannot read it where it lies.
  let copiesTables: Bool
  /// Where the outputs lie, in the order of `NAME_outputs`.
  private(set) var outputOffsets: [Int] = []
  /// Where the state lies.
  private(set) var stateOffset = 0
  /// Where copies of the inputs lie, in the order of `NAME_inputs`.
  private(set) var inputOffsets: [Int] = []
  /// Where a copy of the known elements of each output lies; nil without copies.
  private(set) var answerOffsets: [Int?]
  /// Where a copy of the sums lies.
  private(set) var sumsOffset = 0
  /// Where a copy of the hashes lies.
  private(set) var hashesOffset = 0
  /// The bytes of the arena and all behind it.
  private(set) var byteCount: Int
  private let plan: MemoryPlan

  init(_ interface: CInterface, _ plan: MemoryPlan, copiesTables: Bool) {
    self.plan = plan
    self.copiesTables = copiesTables
    byteCount = plan.aligned(plan.arenaByteCount)
    answerOffsets = interface.allOutputs.map { _ in nil }
    outputOffsets = interface.outputs.map { place($0.type.cByteCount) }
    if !interface.states.isEmpty { stateOffset = place(interface.stateByteCount) }
    guard copiesTables else { return }
    inputOffsets = interface.inputs.map { place($0.type.cByteCount) }
    answerOffsets = interface.allOutputs.map { place($0.type.cByteCount) }
  }

  /// Makes room for copies of sums and hashes, of which each test has some.
  mutating func addTables(sums: Int, hashes: Int) {
    guard copiesTables else { return }
    sumsOffset = place(4 * sums)
    hashesOffset = place(4 * hashes)
  }

  private mutating func place(_ size: Int) -> Int {
    let offset = byteCount
    byteCount = plan.aligned(byteCount + max(1, size))
    return offset
  }
}
