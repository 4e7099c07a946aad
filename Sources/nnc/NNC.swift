import CodegenC
import IR
import Glibc

@main
struct NNC {
  static func main() throws {
    let text = CommandLine.arguments.dropFirst().first ?? ""
    let model = try CModel(Graph(parsing: text, file: "x.nnc"))
    print(model.header, model.source)
  }
}
