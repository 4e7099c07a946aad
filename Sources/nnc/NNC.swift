import CodegenC
import Glibc
import IR
import Passes

@main
struct NNC {
  static func main() throws {
    let text = CommandLine.arguments.dropFirst().first ?? ""
    let graph = try Pipeline.standard.run(
      Graph(parsing: text, file: "x.nnc"),
      didRun: { step in
        if !step.isUnchanged { print(step.pass.name, step.graph) }
      })
    let model = try CModel(graph)
    print(model.source.split(separator: "/* Weights")[1], model.memory.arenaByteCount, model.memory.lowerBound)
  }
}
