import CodegenC
import IR

/// What compilers have for weights.
extension CCompiler {
  /// The form of the weights of a graph that it compiles fastest: numbers, or where these are many a file that its
  /// assembler includes.
  public func fastestForm(forWeightsOf graph: Graph) throws -> WeightForm {
    let byteCount = graph.withBodies.reduce(0) { total, graph in
      zip(graph.nodes, graph.liveNodes).reduce(total) { total, node in
        node.0.op is Constant && node.1 ? total + node.0.types[0].byteCount : total
      }
    }
    return try byteCount >= Self.manyBytes && hasIncbin() ? .incbin : .array
  }

  /// From how many bytes on numbers take seconds.
  private static let manyBytes = 1 << 20

  /// Whether its assembler has `.incbin`: that of clang, or GNU's.
  private func hasIncbin() throws -> Bool {
    let version = try run(["--version"])
    return version.contains("clang") || version.contains("Free Software Foundation")
  }

  /// Whether it has the `#embed` of C23, for the target that some options choose.
  public func hasEmbed(_ options: [String]) throws -> Bool {
    let folder = try TemporaryFolder()
    try folder.write("#ifdef __has_embed\nyes\n#endif\n", to: "probe.c")
    return try run(options + ["-E", "-P", "probe.c"], in: folder.url).contains("yes")
  }
}
