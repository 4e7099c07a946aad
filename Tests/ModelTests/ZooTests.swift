import CodegenC
import Foundation
import Host
import IR
import Importers
import Passes
import TestSupport
import Testing

/// The folder of small networks, one of each architecture, beside the project.
private let zooFolder: String? = sharedFolder.map { $0 + "/zoo" }.flatMap { folder in
  if FileManager.default.fileExists(atPath: folder + "/tolerances.json") { return folder }
  print("skipped: the zoo of networks, because there is no \(folder)/tolerances.json")
  return nil
}

/// Small networks of every architecture that the literature names: their C computes what another runtime recorded.
@Suite struct ZooTests {
  @Test(.enabled(if: zooFolder != nil)) func computesWhatWasRecorded() async throws {
    let networks = try ZooNetwork.all(in: try #require(zooFolder))
    let outcomes = try await ZooNetwork.runAll(networks, .standard)
    #expect(outcomes.count == networks.count)
    for (name, fault) in outcomes.sorted(by: { $0.0 < $1.0 }) {
      switch (fault, Self.refused[name]) {
      case (nil, nil): continue
      case (nil, .some): Issue.record("\(name) passes; take it out of the list of those that are refused")
      case (let fault?, nil): Issue.record("\(name): \(fault)")
      case (let fault?, let reason?): #expect(fault.contains(reason), "\(name): the reason is another")
      }
    }
    let unknown = Self.refused.keys.filter { name in !networks.contains { $0.name == name } }.sorted()
    #expect(unknown.isEmpty)
    print("\(outcomes.count { $0.1 == nil }) of \(networks.count) networks of the zoo compute what was recorded")
  }

  /// All experts of a block together compute the block: of every activation, gated, of MatMul and Gemm.
  @Test(.enabled(if: zooFolder != nil)) func expertsComputeWhatWasRecorded() async throws {
    let moefy = try Pipeline(names: "moefy{active: 1}")
    let passes = Pipeline(Pipeline.canonicalize.passes + moefy.passes + Pipeline.lower.passes)
    let networks = try ZooNetwork.all(in: try #require(zooFolder)).filter { Self.refused[$0.name] == nil }
    let outcomes = try await ZooNetwork.runAll(networks, passes) { graph in
      graph.nodes.contains { $0.op is MixtureOfExperts }
    }
    for (name, fault) in outcomes { #expect(fault == nil, "\(name)") }
    #expect(outcomes.count > 40)
  }

  /// Channels that lie elsewhere compute the same: each group is reversed, at all values that it reaches.
  @Test(.enabled(if: zooFolder != nil)) func orderOfChannelsDoesNotMatter() async throws {
    let networks = try ZooNetwork.all(in: try #require(zooFolder)).filter { Self.refused[$0.name] == nil }
    // Those with fewer channels take all of them: here a third is enough for each kind of operation.
    let some = networks.enumerated().filter { $0.offset % 3 == 0 }.map(\.element)
    let outcomes = try await ZooNetwork.runAll(some) { graph in
      let found = try ChannelGroups(Pipeline.canonicalize.run(graph))
      if found.groups.isEmpty { return nil }
      return try Pipeline.lower.run(found.permuting(found.groups.map { $0.channels.reversed() }))
    }
    for (name, fault) in outcomes { #expect(fault == nil, "\(name)") }
    #expect(outcomes.count > 50, "only \(outcomes.count) networks have channels that could go")
  }

  /// Networks without a third of the channels of each group: the C computes what the interpreter does, and each layer with
  /// constant weights loses channels or has a reason.
  @Test(.enabled(if: zooFolder != nil)) func channelsGoOrSayWhyNot() async throws {
    let networks = try ZooNetwork.all(in: try #require(zooFolder)).filter { Self.refused[$0.name] == nil }
    let prune = try Pipeline(names: "prune-channels{channels: 0.34, round: 1}")
    let outcomes = try await ZooNetwork.compareAll(networks) { graph in
      let before = try Pipeline.canonicalize.run(graph)
      var notes: [String] = []
      let after = try prune.run(before, didRun: { notes = $0.notes })
      for name in before.weightedLayers where !notes.contains(where: { $0.contains(name) }) {
        Issue.record("\(graph.name): nothing is said of \(name)")
      }
      let isSmaller = after.multiplyAccumulates < before.multiplyAccumulates
      let tellsOfFewer = notes.contains { $0.contains(" -> ") && $0.hasSuffix(" channels") }
      #expect(isSmaller || !tellsOfFewer, "\(graph.name): \(notes)")
      return isSmaller ? after : nil
    }
    for (name, fault) in outcomes { #expect(fault == nil, "\(name)") }
    #expect(outcomes.count > 150, "only \(outcomes.count) networks have lost channels")
  }

  /// The networks that nnc does not support, with words of the reason that it gives.
  static let refused = [
    "nms_detector": "NonMaxSuppression",
    "nonzero_dynamic": "NonZero: operand 'X' must be known",
  ]
}

/// One network of the zoo.
struct ZooNetwork {
  let name: String
  let folder: String
  /// The greatest difference of reals, relative to the largest.
  let tolerance: Double

  private struct Entry: Decodable { var tol: Double }

  /// All networks, in the order of their names.
  static func all(in folder: String) throws -> [ZooNetwork] {
    let text = try Data(contentsOf: URL(fileURLWithPath: folder + "/tolerances.json"))
    let entries = try JSONDecoder().decode([String: Entry].self, from: text)
    return entries.sorted { $0.key < $1.key }.map {
      ZooNetwork(name: $0.key, folder: "\(folder)/\($0.key)", tolerance: $0.value.tol)
    }
  }

  /// Says what is wrong with each network after some passes, or nil; nothing of those that are not wanted then.
  static func runAll(
    _ networks: [ZooNetwork], _ passes: Pipeline, where isWanted: @escaping @Sendable (Graph) -> Bool = { _ in true }
  ) async throws -> [(String, String?)] {
    try await runAll(networks) { graph in
      let result = try passes.run(graph)
      return isWanted(result) ? result : nil
    }
  }

  /// Says how what the C of each network computes differs from what was recorded, or nil; nothing of those of which there is
  /// to be no C.
  static func runAll(
    _ networks: [ZooNetwork], _ lowered: @escaping @Sendable (Graph) throws -> Graph?
  ) async throws -> [(String, String?)] {
    try await inBatches(networks, lowered) { network, model, graph in try network.fault(of: model, graph) }
  }

  /// Says how what the C of each changed network computes differs from what the interpreter computes, or nil.
  static func compareAll(
    _ networks: [ZooNetwork], _ changed: @escaping @Sendable (Graph) throws -> Graph?
  ) async throws -> [(String, String?)] {
    try await inBatches(networks, { try changed($0).map { try Pipeline.lower.run($0) } }) { network, model, graph in
      let inputs = try network.recordings(of: graph)[0].inputs
      let interpreted = try graph.evaluate(inputs)
      for (index, output) in try model(inputs).enumerated() {
        if let difference = output.difference(from: interpreted[index], tolerance: network.tolerance, step: 1) {
          return "output \(graph.outputs[index].name): \(difference)"
        }
      }
      return nil
    }
  }

  private typealias Check = @Sendable (ZooNetwork, CompiledModel, Graph) throws -> String?

  private static func inBatches(
    _ networks: [ZooNetwork], _ lowered: @escaping @Sendable (Graph) throws -> Graph?, _ check: @escaping Check
  ) async throws -> [(String, String?)] {
    // Many networks are compiled at once: to start a compiler for each would take longer.
    let size = 16
    let batches = stride(from: 0, to: networks.count, by: size).map {
      Array(networks[$0..<min($0 + size, networks.count)])
    }
    return try await withThrowingTaskGroup(of: [(String, String?)].self) { group in
      for batch in batches { group.addTask { try run(batch, lowered, check) } }
      return try await group.reduce(into: []) { $0 += $1 }
    }
  }

  /// Compiles networks together, and says what is wrong with each, or nil.
  private static func run(
    _ networks: [ZooNetwork], _ lowered: (Graph) throws -> Graph?, _ check: Check
  ) throws -> [(String, String?)] {
    var faults = [String?](repeating: nil, count: networks.count)
    var isLeftOut = [Bool](repeating: false, count: networks.count)
    var models: [(place: Int, graph: Graph, model: CModel)] = []
    for (place, network) in networks.enumerated() {
      do {
        guard let graph = try lowered(loadModel(at: network.folder + "/model.onnx")) else {
          isLeftOut[place] = true
          continue
        }
        models.append((place, graph, try CModel(graph, options: .init(name: "network\(place)"))))
      } catch { faults[place] = "\((error as? Pipeline.Failure)?.error ?? error)" }
    }
    if !models.isEmpty {
      let library = try CompiledLibrary(
        models.map(\.model), compiler: .system(), options: ["-std=c99", "-O1"] + CompilerMatrix.warnings)
      for (place, graph, model) in models {
        faults[place] = try check(networks[place], CompiledModel(model, of: graph, in: library), graph)
      }
    }
    return networks.indices.filter { !isLeftOut[$0] }.map { (networks[$0].name, faults[$0]) }
  }

  /// The inputs and outputs of a set that were recorded.
  private func recordings(of graph: Graph, set: Int = 0) throws -> [Recording] {
    let files = try ["in": "inputs", "out": "outputs"].mapValues { try NpzArchive.read("\(folder)/\($0).npz") }
    return try Recording.samples(of: graph) { kind, name, _ in
      files[kind]?.first { $0.name == "\(name)__\(set)" }?.tensor
    }
  }

  /// How what a model computes differs from what was recorded, or nil.
  private func fault(of model: CompiledModel, _ graph: Graph) throws -> String? {
    let quantizing = ["Quantize", "QLinear", "Requantize", "Integer"]
    let isQuantized = graph.nodes.contains { node in quantizing.contains { node.op.opName.contains($0) } }
    for set in 0..<3 {
      let recordings = try recordings(of: graph, set: set)
      for (index, output) in try model(recordings[0].inputs).enumerated() {
        let recorded = recordings[0].outputs[index]
        if let difference = output.difference(from: recorded, tolerance: tolerance, step: isQuantized ? 1 : 0) {
          return "set \(set), output \(graph.outputs[index].name): \(difference)"
        }
      }
    }
    return nil
  }
}

extension Graph {
  /// The names of convolutions and matrix products with constant weights, those of one column left out.
  fileprivate var weightedLayers: [String] {
    zip(nodes, liveNodes).compactMap { node, isLive in
      guard isLive, node.op is Conv || node.op is Gemm || node.op is MatMul, let weights = node.inputs[1] else {
        return nil
      }
      let hasColumns = self[weights].op is Constant && type(of: weights).shape.rank > 1
      return hasColumns && !(self[node.inputs[0]!].op is Constant) ? node.names[0] : nil
    }
  }
}
