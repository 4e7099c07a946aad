import CodegenC
import Host
import IR
import Targets

/// What a build needs of the device: the same numbers for people and for programs.
struct Report: Encodable {
  struct Tensor: Encodable {
    let name: String
    let type: String
    let bytes: Int
  }

  struct Step: Encodable {
    let name: String
    let operation: String
    /// The name of the function in the C; nil where the step needs no code.
    let function: String?
    let type: String
    let macs: Int
    /// The constants that the step uses, and no earlier one.
    let weightBytes: Int
    /// The bytes of the arena that hold something while the step runs.
    let liveBytes: Int
    /// The bytes of the function's code; nil where nothing was compiled.
    var codeBytes: Int?
    /// The bytes of constants that the function uses besides weights; nil where nothing was compiled.
    var tableBytes: Int?
    /// The stack that the function takes, with that of those it calls; nil where nothing was compiled.
    var stackBytes: Int?
  }

  struct Buffer: Encodable {
    let values: [String]
    let offset: Int
    let bytes: Int
    /// The steps during which it is in use, counted from 1.
    let firstStep: Int
    let lastStep: Int
  }

  struct Constant: Encodable {
    let name: String
    let type: String
    let bytes: Int
    /// How the program has it, as in `--weights`.
    let form: WeightForm
  }

  let name: String
  let nncVersion: String
  let target: String
  let inputs: [Tensor]
  let outputs: [Tensor]
  var steps: [Step]
  let arenaBytes: Int
  /// What is kept from one run to the next, in memory that the caller owns.
  let stateBytes: Int
  /// No plan for this order of steps needs fewer bytes.
  let arenaLowerBound: Int
  let flashBytes: Int
  /// Where the weights are.
  let weights: Weights
  let macs: Int
  /// The arena, by offset.
  let memoryMap: [Buffer]
  /// The constants in flash, in the order of the C.
  let constants: [Constant]
  /// What passes say of their work.
  let passes: [PassRunner.Notes]
  /// How the C is meant to be compiled, where that does not depend on which compiler there is.
  let compilerOptions: [String]?
  /// What the compiler of the target makes of the C; nil where none was asked.
  var footprint: Footprint?
  /// Why that is not known, where it was to be.
  var footprintUnknown: String?

  /// Collects the numbers of the C that was generated for `graph`.
  ///
  /// - Parameter options: How the C is meant to be compiled where the target is a computer.
  /// - Parameter passes: What passes say of their work.
  /// - Parameter footprint: What is known of the compiled C, where it was asked for.
  init(
    _ model: CModel, of graph: Graph, target: Target = .generic, options: [String]? = nil,
    passes: [PassRunner.Notes] = [], footprint: Footprint.Result? = nil
  ) {
    let names = graph.displayNames
    let live = graph.liveNodes
    let computed = graph.nodes.indices.filter {
      live[$0] && !(graph.nodes[$0].op is Input) && !(graph.nodes[$0].op is IR.Constant)
    }
    name = model.name
    nncVersion = nnc.nncVersion
    self.target = target.name
    self.passes = passes
    compilerOptions = target.compilers.isEmpty ? options : nil
    inputs = model.inputs.map { Tensor($0.name, $0.type) }
    outputs = model.outputs.map { Tensor($0.name, $0.type) }
    let functions = Dictionary(model.steps.map { ($0.node, $0.function) }, uniquingKeysWith: { first, _ in first })
    let weights = Dictionary(grouping: model.constants, by: \.node)
    steps = computed.map { index in
      let node = graph.nodes[index]
      return Step(
        name: names[index][0], operation: node.op.opName, function: functions[index],
        type: node.types.map(\.description).joined(separator: ", "), macs: graph.multiplyAccumulates(of: node),
        weightBytes: (weights[index] ?? []).reduce(0) { $0 + $1.byteCount },
        liveBytes: model.memory.liveByteCounts[index])
    }
    arenaBytes = model.memory.arenaByteCount
    arenaLowerBound = model.memory.lowerBound
    stateBytes = model.stateByteCount
    flashBytes = model.flashByteCount
    self.weights = Weights(model)
    macs = graph.multiplyAccumulates
    memoryMap = Self.memoryMap(model.memory, graph, names, computed)
    constants = model.constants.map {
      Constant(name: $0.name, type: $0.type.description, bytes: $0.byteCount, form: $0.form)
    }
    switch footprint {
    case .measured(let footprint):
      add(footprint, weightBytes: computed.map { weights[$0, default: []].reduce(0) { $0 + $1.ownByteCount } })
    case .unknown(let reason): footprintUnknown = reason
    case nil: break
    }
  }

  private static func memoryMap(
    _ memory: MemoryPlan, _ graph: Graph, _ names: [[String]], _ computed: [Int]
  ) -> [Buffer] {
    var values = [[String]](repeating: [], count: memory.buffers.count)
    for index in computed {
      for result in graph.nodes[index].types.indices {
        if let place = memory.place(of: Value(node: index, result: result)) {
          values[place.buffer].append(names[index][result])
        }
      }
    }
    let inArena = memory.buffers.indices.filter {
      memory.buffers[$0].home == .arena && memory.buffers[$0].parent == nil
    }
    let buffers = inArena.map { index in
      let buffer = memory.buffers[index]
      let first = computed.firstIndex { $0 >= buffer.steps.lowerBound } ?? computed.count - 1
      let last = computed.lastIndex { $0 <= buffer.steps.upperBound } ?? 0
      let owners = values[index].isEmpty ? ["scratch of \(names[computed[first]][0])"] : values[index]
      return Buffer(
        values: owners, offset: buffer.offset, bytes: buffer.byteCount, firstStep: first + 1, lastStep: last + 1)
    }
    return buffers.sorted { ($0.offset, $0.firstStep) < ($1.offset, $1.firstStep) }
  }
}

extension Report.Tensor {
  init(_ name: String, _ type: TensorType) { self.init(name: name, type: type.description, bytes: type.cByteCount) }
}
