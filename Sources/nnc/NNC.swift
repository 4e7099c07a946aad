import IR
import Glibc

@main
struct NNC {
  static func main() throws {
    let text = CommandLine.arguments.dropFirst().first ?? ""
    print(try Graph(parsing: text, file: "x.nnc").text(constants: .exact))
  }
}
