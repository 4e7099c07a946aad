import IR
import Targets

/// Where each value of a graph lies when the generated function runs.
public struct MemoryPlan {
  /// What holds a value.
  public enum Home: Hashable {
    /// Memory of the caller: an input, which is not written, or a state, of which this is the input.
    case input(Int)
    /// Memory of the caller that receives an output, and may hold other values before.
    case output(Int)
    /// Read-only memory with the constants of the model.
    case constant
    /// The arena.
    case arena
  }

  /// A piece of memory that holds one value, or several that share it.
  public struct Buffer {
    /// What the memory is part of.
    public internal(set) var home: Home
    /// The size.
    public internal(set) var byteCount: Int
    /// The steps, counted as nodes of the graph, from the first write to the last read.
    public internal(set) var steps: ClosedRange<Int>
    /// Where it begins in the arena.
    public internal(set) var offset = 0
    /// The first value in it; none in scratch memory.
    public internal(set) var owner: Value?
    /// The buffer inside which it lies, and from which byte on.
    public internal(set) var parent: (buffer: Int, offset: Int)?
  }

  /// All buffers.
  public internal(set) var buffers: [Buffer] = []
  /// The buffer and the first byte in it of each value that takes part.
  var places: [Value: (buffer: Int, offset: Int)] = [:]
  /// The buffer with scratch memory of a step.
  var scratch: [Int: Int] = [:]
  /// Where constants are copied in the scratch memory of a step, for statements that cannot read the memory in which the
  /// program lies: by operand, from which byte on.
  var copies: [Int: [Int: Int]] = [:]
  /// How many bytes the arena needs.
  public internal(set) var arenaByteCount = 0
  /// The bytes that are live at each step, which no plan can do without.
  public internal(set) var liveByteCounts: [Int] = []

  /// No plan for this order of execution needs fewer bytes.
  public var lowerBound: Int { liveByteCounts.max() ?? 0 }

  /// Every buffer in the arena begins at a multiple of this many bytes.
  public let alignment: Int

  /// The largest alignment of a target: parts of memory whose place in the arena is not known begin at multiples of it.
  static let largestAlignment = 16

  /// The buffer that holds a value, outermost, and the first byte of the value in it.
  public func place(of value: Value) -> (buffer: Int, offset: Int)? {
    guard var place = places[value] else { return nil }
    while let parent = buffers[place.buffer].parent {
      place = (parent.buffer, place.offset + parent.offset)
    }
    return place
  }

  /// Plans the memory of `graph`, whose operations are all emittable.
  ///
  /// - Parameter states: For inputs that are states the outputs that take their place, by number.
  /// - Throws: A diagnostic that lists the operations for which there is no C.
  public init(_ graph: Graph, states: [Int: Int] = [:], target: Target = .generic) throws {
    try graph.requireEmittable()
    var builder = MemoryPlanBuilder(graph, states: states, target: target)
    try builder.placeValues()
    builder.placeStates()
    builder.placeOutputs()
    self = builder.plan
    arrange(stepCount: graph.nodes.count)
  }
}
