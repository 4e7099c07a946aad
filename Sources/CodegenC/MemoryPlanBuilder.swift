import IR
import Targets

/// Decides which values share memory: views, results in place of operands, parts of a concatenation, outputs.
struct MemoryPlanBuilder {
  let graph: Graph
  var plan: MemoryPlan
  private let live: [Bool]
  private let lastUse: [Value: Int]
  private var members: [[Value]] = []
  /// For each state the number of its input and its new value.
  private let states: [(input: Int, next: Value)]
  /// The values that are the new value of a state, perhaps in another shape, with the number of its input.
  private var stateOfValue: [Value: Int] = [:]

  private let target: Target

  init(_ graph: Graph, states: [Int: Int], target: Target) {
    self.graph = graph
    self.target = target
    self.states = states.sorted { $0.key < $1.key }.map { ($0.key, graph.outputs[$0.value].value) }
    for (input, next) in self.states {
      var value = next
      stateOfValue[value] = input
      while graph[value].op is any ReshapingOperation, let operand = graph[value].inputs[0] {
        value = operand
        stateOfValue[value] = input
      }
    }
    live = graph.liveNodes
    var lastUse: [Value: Int] = [:]
    for (step, node) in graph.nodes.enumerated() where live[step] {
      for operand in node.operands { lastUse[operand] = step }
    }
    for output in graph.outputs { lastUse[output.value] = graph.nodes.count }
    self.lastUse = lastUse
    plan = MemoryPlan(empty: target.arenaAlignment)
  }

  /// Gives each value that is used a place.
  mutating func placeValues() throws {
    var inputCount = 0
    for (step, node) in graph.nodes.enumerated() {
      if node.op is Input {
        create(Value(node: step), .input(inputCount), step)
        inputCount += 1
      } else if node.op is Constant {
        if live[step] { create(Value(node: step), .constant, step) }
      } else if live[step], let op = emission(of: node.op) {
        try place(node, op, step)
      }
    }
  }

  private mutating func place(_ node: Node, _ op: any CEmission, _ step: Int) throws {
    let operands = graph.operands(of: node)
    for result in node.types.indices {
      let value = Value(node: step, result: result)
      guard lastUse[value] != nil || op.writesAllResults else { continue }
      switch try op.placement(of: result, node, operands) {
      case .own: create(value, .arena, step)
      case .view(let operand, let offset):
        try checkReach(of: node.inputs[operand]!)
        share(value, node.inputs[operand]!, offset)
      case .inPlace(let operands):
        if let operand = operands.first(where: { canReplace($0, by: value, node, step) }) {
          share(value, node.inputs[operand]!, 0)
        } else {
          create(value, .arena, step)
        }
      case .around(let offsets):
        create(value, .arena, step)
        for (operand, offset) in offsets.enumerated() { enclose(node.inputs[operand]!, in: value, at: offset) }
      }
    }
    var scratch = try op.scratchByteCount(node, operands)
    if target.hasSeparateProgramMemory {
      for (operand, value) in node.inputs.enumerated() where !op.programMemoryOperands.contains(operand) {
        guard let value, graph[value].op is Constant else { continue }
        plan.copies[step, default: [:]][operand] = scratch.rounded(upTo: target.arenaAlignment)
        scratch = scratch.rounded(upTo: target.arenaAlignment) + graph.type(of: value).cByteCount
      }
    }
    if scratch > 0 {
      plan.scratch[step] = plan.buffers.count
      plan.buffers.append(MemoryPlan.Buffer(home: .arena, byteCount: scratch, steps: step...step))
      members.append([])
    }
  }

  /// Throws where a part of a constant would have to be read like a variable, and cannot.
  private func checkReach(of value: Value) throws(Diagnostic) {
    guard target.hasSeparateProgramMemory, let place = plan.place(of: value) else { return }
    try require(
      plan.buffers[place.buffer].home != .constant,
      "a part of a constant is used, which lies in program memory on \(target.name); fold-constants makes a constant of it"
    )
  }

  private mutating func create(_ value: Value, _ home: MemoryPlan.Home, _ step: Int) {
    let size = graph.type(of: value).cByteCount
    plan.places[value] = (plan.buffers.count, 0)
    let steps = step...max(step, lastUse[value] ?? step)
    plan.buffers.append(MemoryPlan.Buffer(home: home, byteCount: size, steps: steps, owner: value))
    members.append([value])
  }

  /// Puts `value` where `other` lies, from an element on.
  private mutating func share(_ value: Value, _ other: Value, _ offset: Int) {
    let width = graph.type(of: other).element.cByteWidth
    let place = plan.place(of: other)!
    plan.places[value] = (place.buffer, place.offset + offset * width)
    extend(place.buffer, by: value)
  }

  private mutating func extend(_ buffer: Int, by value: Value) {
    let steps = plan.buffers[buffer].steps
    plan.buffers[buffer].steps = min(steps.lowerBound, value.node)...max(steps.upperBound, lastUse[value] ?? value.node)
    members[buffer].append(value)
  }

  /// Whether nothing needs the bytes of an operand after the step whose result would take its place.
  private func canReplace(_ operand: Int, by value: Value, _ node: Node, _ step: Int) -> Bool {
    guard operand < node.inputs.count, let input = node.inputs[operand], let place = plan.place(of: input) else {
      return false
    }
    let buffer = plan.buffers[place.buffer]
    let bytes = place.offset..<place.offset + graph.type(of: input).cByteCount
    let isState = stateOfValue[value].map { buffer.home == .input($0) && bytes.count == buffer.byteCount } ?? false
    guard buffer.home == .arena || isState, bytes.count == graph.type(of: value).cByteCount,
      buffer.steps.upperBound <= step
    else { return false }
    // Another operand, or another result, in the same memory would be overwritten before it is read.
    return node.inputs.allSatisfy { other in
      guard let other, let otherPlace = plan.place(of: other), otherPlace.buffer == place.buffer else { return true }
      return otherPlace.offset == place.offset && graph.type(of: other) == graph.type(of: input)
    }
      && !node.types.indices.contains { result in
        let other = Value(node: step, result: result)
        return other != value && plan.place(of: other)?.buffer == place.buffer
      }
  }

  /// Lets an operand lie inside a result, if it fills a buffer of its own.
  private mutating func enclose(_ operand: Value, in value: Value, at offset: Int) {
    let place = plan.place(of: operand)!
    let outer = plan.place(of: value)!.buffer
    let size = graph.type(of: operand).cByteCount
    let buffer = plan.buffers[place.buffer]
    guard buffer.home == .arena, place.buffer != outer, place.offset == 0, buffer.byteCount == size else { return }
    plan.buffers[place.buffer].parent = (outer, offset * graph.type(of: operand).element.cByteWidth)
    for member in members[place.buffer] { extend(outer, by: member) }
  }

  /// Lets the new values of states be computed in the place of the old ones, where these are not needed any more.
  mutating func placeStates() {
    for (input, next) in states {
      let state = plan.place(of: graph.inputs[input].value)!
      guard let place = plan.place(of: next), place.offset == 0 else { continue }
      let (old, new) = (plan.buffers[state.buffer], plan.buffers[place.buffer])
      if new.home == .arena, new.byteCount == old.byteCount, old.steps.upperBound < new.steps.lowerBound {
        plan.buffers[place.buffer].home = .input(input)
      }
    }
  }

  /// Lets outputs be computed in the memory of the caller, where they fill a buffer of the arena.
  mutating func placeOutputs() {
    for (index, output) in graph.outputs.enumerated() {
      guard let place = plan.place(of: output.value) else { continue }
      let buffer = plan.buffers[place.buffer]
      if buffer.home == .arena, place.offset == 0, buffer.byteCount == graph.type(of: output.value).cByteCount {
        plan.buffers[place.buffer].home = .output(index)
      }
    }
  }
}
