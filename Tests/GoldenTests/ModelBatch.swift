import CodegenC
import Foundation
import Host
import IR
import TestSupport
import Testing

/// Graphs whose C is compiled together, by every compiler there is, with all warnings as errors.
struct ModelBatch {
  private var entries: [(graph: Graph, model: CModel)] = []

  /// Adds a graph; returns its place.
  mutating func add(_ graph: Graph, name: String) throws -> Int {
    entries.append((graph, try CModel(graph, options: .init(name: "\(name)_\(entries.count)"))))
    return entries.count - 1
  }

  /// The functions of the steps of a graph, without kernels, weights and interface.
  func steps(_ index: Int) -> String {
    let source = entries[index].model.source
    let start = source.range(of: "/* Steps. */\n")!.upperBound
    let end = source.range(of: "/* Description for programs")!.lowerBound
    return source[start..<end].replacingOccurrences(of: entries[index].model.name, with: "model")
  }

  /// Compiles all graphs for this machine, by gcc where there is one and by clang, and loads what clang made.
  func compiled() throws -> [CompiledModel] {
    let models = entries.map(\.model)
    if let gcc = CCompiler("gcc") { _ = try CompiledLibrary(models, compiler: gcc, options: Self.options) }
    let library = try CompiledLibrary(models, compiler: .system(), options: Self.options)
    try CompilerMatrix.host.check(models)
    try CompilerMatrix.embedded.check(models)
    return try entries.map { try CompiledModel($0.model, of: $0.graph, in: library) }
  }

  private static let options = ["-std=c99", "-O1"] + CompilerMatrix.warnings
}

/// Whether two tensors are equal, floats up to a tolerance relative to the largest of them.
func isClose(_ a: Tensor, _ b: Tensor, tolerance: Double? = nil) -> Bool {
  guard a.type == b.type else { return false }
  guard a.element.isFloat else { return a == b }
  if a.element.isNarrow { return zip(a.reals, b.reals).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) } }
  let tolerance = tolerance ?? (a.element == .f64 ? 1e-12 : a.element == .f32 ? 1e-5 : 1e-2)
  let scale = b.reals.filter(\.isFinite).map(abs).max() ?? 1
  return zip(a.reals, b.reals).allSatisfy { x, y in
    x == y || (x.isNaN && y.isNaN) || abs(x - y) <= tolerance * max(scale, 1e-30)
  }
}
