import CodegenC
import Glibc
import Host
import IR
import Targets

/// The errors of the C of a model, layer by layer, over all samples so far.
struct Comparison {
  /// One tensor that the C computes.
  struct Entry {
    let section: String
    let name: String
    let operation: String
    let type: TensorType
    let location: Location?
    var error: TensorError?
  }

  private let original: Graph
  private let lowered: Graph
  private let layers: [Value]
  private let compiledLayers: CompiledModel
  private let compiled: CompiledModel
  private(set) var entries: [Entry] = []

  /// Compiles the C of `lowered`, which passes made of `original` for a target: once as it is, once with every layer as an
  /// output.
  init(_ original: Graph, _ lowered: Graph, _ weights: WeightArguments, target: Target) throws {
    (self.original, self.lowered) = (original, lowered)
    layers = lowered.layers
    let names = lowered.displayNames
    var exposed = lowered
    exposed.outputs = layers.map { (names[$0.node][$0.result], $0) }
    Terminal.progress("compiling C")
    let compiler = try CCompiler.system()
    let form = try weights.form(for: lowered, compiler)
    let models = [
      try CModel(lowered, options: .init(name: "model", target: target, weights: form)),
      try CModel(exposed, options: .init(name: "layers", target: target, weights: form)),
    ]
    let library = try CompiledLibrary(
      models, compiler: compiler, options: CompiledLibrary.defaultOptions + target.optionsToRun)
    compiled = try CompiledModel(models[0], of: lowered, in: library)
    compiledLayers = try CompiledModel(models[1], of: exposed, in: library)
    for layer in layers {
      let node = lowered[layer]
      entries.append(
        Entry(
          section: "layer", name: names[layer.node][layer.result], operation: node.op.opName,
          type: lowered.type(of: layer),
          location: node.location))
    }
    for section in ["output", "recorded"] {
      for output in original.outputs {
        let node = original[output.value]
        entries.append(
          Entry(
            section: section, name: output.name, operation: node.op.opName, type: original.type(of: output.value),
            location: node.location))
      }
    }
  }

  /// Runs everything on a sample, and notes the errors.
  mutating func add(_ sample: CheckSample) throws {
    let expected = try original.evaluate(sample.inputs)
    let found = try compiled(sample.inputs)
    try addLayers(sample)
    for (index, output) in original.outputs.enumerated() {
      note(layers.count + index, found[index], expected[index])
      if let recorded = sample.outputs[output.name] { note(layers.count + found.count + index, found[index], recorded) }
    }
  }

  /// Compares each layer with what the interpreter makes of the operands that the C computed. So an error is that of the
  /// layer alone, and an integer to which a float is rounded does not depend on how those before were rounded.
  private mutating func addLayers(_ sample: CheckSample) throws {
    let computed = try compiledLayers(sample.inputs)
    let places = Dictionary(uniqueKeysWithValues: layers.enumerated().map { ($1, $0) })
    func value(_ operand: Value) -> Tensor {
      switch lowered[operand].op {
      case let input as Input: sample.inputs[input.name]!
      case let constant as Constant: constant.value
      default: computed[places[operand]!]
      }
    }
    var interpreted: [Int: [Tensor]] = [:]
    for (index, layer) in layers.enumerated() {
      let node = lowered[layer]
      if interpreted[layer.node] == nil {
        interpreted[layer.node] = try lowered.evaluate(node, Operands(node.inputs.map { $0.map(value) }))
      }
      note(index, computed[index], interpreted[layer.node]![layer.result])
    }
  }

  private mutating func note(_ index: Int, _ found: Tensor, _ expected: Tensor) {
    let error = TensorError(found, expected)
    if entries[index].error == nil { entries[index].error = error } else { entries[index].error!.formUnion(error) }
  }

  /// All entries with their errors.
  func table(allowing allowed: (ElementType) -> Double) -> String {
    let titles = [
      "layer": "Layers of the C against the interpreter", "output": "Outputs of the C against the model as it was read",
      "recorded": "Outputs of the C against those recorded",
    ]
    return ["layer", "output", "recorded"].compactMap { section in
      let rows = entries.filter { $0.section == section }.compactMap { entry in
        entry.error.map { error in
          [
            "  " + entry.name, entry.operation, "\(entry.type)", Self.number(error.absolute),
            entry.type.element.isFloat ? "\(error.ulps)" : "-",
            error.relative > allowed(entry.type.element) ? "differs" : "",
          ]
        }
      }
      if rows.isEmpty { return nil }
      return titles[section]! + "\n"
        + alignedTable([["  name", "operation", "type", "max error", "max ULP"]] + rows, numbers: [3, 4])
    }.joined(separator: "\n")
  }

  /// What to say of the first entry whose error is too large.
  func fault(allowing allowed: (ElementType) -> Double) -> Diagnostic? {
    guard let entry = entries.first(where: { $0.error.map { $0.relative } ?? 0 > allowed($0.type.element) }),
      let error = entry.error, let worst = error.worst
    else { return nil }
    let title = entry.section == "layer" ? "layer" : entry.section == "output" ? "output" : "recorded output"
    return Diagnostic(
      "\(title) '\(entry.name)' (\(entry.operation)) is the first that differs: element \(worst.index) of \(entry.type) is "
        + "\(worst.found) in C, but should be \(worst.expected); relative to the largest element the error is "
        + "\(Self.number(error.relative)), and \(allowed(entry.type.element)) is allowed", at: entry.location)
  }

  /// A number to three digits.
  private static func number(_ value: Double) -> String {
    guard value.isFinite, abs(value) > 1e-300 else { return value == 0 ? "0" : "\(value)" }
    let exponent = Int(log10(abs(value)).rounded(.down))
    let mantissa = Int((abs(value) / pow(10, Double(exponent - 2))).rounded())
    let (digits, power) = mantissa < 1000 ? (mantissa, exponent) : (mantissa / 10, exponent + 1)
    return "\(digits / 100).\(digits / 10 % 10)\(digits % 10)e\(power)"
  }
}

extension Graph {
  /// All values that are computed and used.
  fileprivate var layers: [Value] {
    let (live, uses) = (liveNodes, useCounts)
    return nodes.indices.flatMap { index -> [Value] in
      let node = nodes[index]
      guard live[index], !(node.op is Input), !(node.op is Constant) else { return [] }
      return node.types.indices.map { Value(node: index, result: $0) }.filter {
        uses[$0] != nil
      }
    }
  }
}
