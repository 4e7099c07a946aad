import Foundation
import Testing

/// The extra script for PlatformIO, with a stand-in for SCons.
@Suite struct PlatformIOTests {
  private static let project = Workspace.source + "/integrations/platformio"

  private func build(_ space: Workspace, _ options: String..., nnc: String = Workspace.nnc) throws -> String {
    try space.run(
      "python3",
      [Workspace.stubs + "/platformio.py", Self.project + "/nnc_models.py", space.path, "build dir"] + options,
      environment: ["NNC": nnc])
  }

  @Test func buildsTheExample() throws {
    guard let space = try Workspace(needing: "python3", "cc", "c++") else { return }
    // As platformio.ini has it.
    let settings = try String(contentsOfFile: Self.project + "/platformio.ini", encoding: .utf8)
    let options = settings.split(separator: "\n").filter { $0.hasPrefix("custom_") }
      .map { String($0).replacing(" = ", with: "=").replacing("../..", with: Workspace.source) }
    #expect(try build(space, options[0], options[1]).contains("Compiling the model"))
    let example = Workspace.source + "/integrations/example"
    try space.run("cc", "-std=c99", "-I", "build dir/nnc/sources", "-c", example + "/digit.c")
    try space.run(
      "c++", "-I", Workspace.stubs + "/arduino", "-I", example, Self.project + "/src/main.cpp", "digit.o",
      "build dir/nnc/objects/digits.c.o", "-lm", "-o", "program")
    #expect(try space.run("./program") == "digit 7\n")
  }

  @Test func compilesModelsThatChanged() throws {
    guard let space = try Workspace(needing: "python3", "cc") else { return }
    try space.run("sh", "-c", "mkdir 'my models' && cp \(Workspace.source)/samples/digits/digits.* 'my models'")
    let model = "custom_nnc_models='my models/digits.json'"
    let note = "Compiling the model"
    #expect(try build(space, model).contains(note))
    #expect(try build(space, model) == "")
    try space.run("touch", "-d", "+1 hour", "my models/digits.safetensors")
    #expect(try build(space, model).contains(note))
    try space.run("touch", "-d", "-1 hour", "my models/digits.safetensors")
    #expect(try build(space, model) == "")
    #expect(try build(space, model, "custom_nnc_options=--name other").contains(note))
    #expect(try space.read("build dir/nnc/sources/digits.h").contains("other_run("))
    #expect(try build(space, model, "custom_nnc_options=--weights incbin").contains(note))
    #expect(try build(space, model, "custom_nnc_options=--weights incbin") == "", "the file of the weights stays")
    #expect(try space.run("ls", "build dir/nnc/sources").contains("digits.weights.bin"))
    // A model that the project has no more is not compiled.
    try space.run("mv", "my models/digits.json", "my models/numbers.json")
    #expect(try build(space, "custom_nnc_models='my models/numbers.json'").contains(note))
    #expect(try space.run("ls", "build dir/nnc/sources").split(separator: "\n").allSatisfy { $0.hasPrefix("numbers.") })
  }

  @Test func saysWhatIsWrong() throws {
    guard let space = try Workspace(needing: "python3") else { return }
    #expect(throws: (any Error).self) { try build(space, "custom_nnc_models=none.onnx") }
    #expect(message { try build(space, "custom_nnc_models=none.onnx") }.contains("none.onnx could not be compiled"))
    #expect(message { try build(space) }.contains("platformio.ini names no models: custom_nnc_models = model.onnx"))
    #expect(
      message { try build(space, "custom_nnc_models=a.onnx", nnc: "/none") }.contains(
        "set the environment variable NNC"))
  }

  private func message(_ body: () throws -> String) -> String {
    do { return try body() } catch { return "\(error)" }
  }
}
