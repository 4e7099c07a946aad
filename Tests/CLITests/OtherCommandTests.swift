import Host
import IR
import Passes
import Testing

@Suite struct OtherCommandTests {
  let nnc: NNCProgram
  init() throws { nnc = try NNCProgram() }

  @Test func printsHelpAndVersion() throws {
    let help = try nnc("")
    #expect(help.exitCode == 0)
    #expect(help.output.contains("nnc build model.onnx -o model.c"))
    #expect(try nnc("--version").output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    for command in ["build", "run", "check", "bench", "inspect", "opt", "passes", "import"] {
      #expect(try nnc("\(command) --help").output.contains("Example"), "\(command)")
    }
  }

  @Test func inspectsAModel() throws {
    let result = try nnc("inspect tiny.nnc")
    #expect(result.exitCode == 0)
    for line in [
      "  x  f32[1x2x8x8]  512 bytes", "  Conv     1", "parameters  716", "MACs        5248",
      "  Conv2D     768  ####",
    ] {
      #expect(result.output.contains(line), "\(line)")
    }
  }

  @Test func pointsAtAShapeThatDependsOnData() throws {
    let text = """
      graph g {
        %x = Input : f32[3x2]
        %k = Constant [1] : i64[1]
        %n = NonZero(%x)
        %y = Relu(%x)
        return %y
      }
      """
    try nnc.folder.write(text, to: "g.nnc")
    let result = try nnc("inspect g.nnc")
    #expect(result.exitCode == 1)
    #expect(result.errors.hasPrefix("g.nnc:4:3: error: NonZero: "))
  }

  @Test func printsWhatCanBeReadBack() throws {
    let text = try nnc("opt tiny.nnc --weights exact --passes remove-identity").output
    #expect(text.contains("Reshape(") && !text.contains("Flatten("))
    #expect(try Graph(parsing: text, file: "").text(constants: .exact) == text)
    #expect(try nnc("opt tiny.nnc").output == Graph(parsing: tinyModel, file: "").description)
  }

  @Test func listsThePasses() throws {
    let text = try nnc("passes").output
    for pass in allPasses { #expect(text.contains(pass.summary)) }
  }

  @Test func importsAModelThatBuildsTheSameC() throws {
    #expect(try nnc("import tiny.nnc -o spec.json").exitCode == 0)
    #expect(try nnc.files() == ["spec.json", "spec.safetensors", "tiny.nnc"])
    #expect(try nnc("build tiny.nnc -o model.c").exitCode == 0)
    let source = try nnc.read("model.c")
    #expect(try nnc("build spec.json -o model.c").exitCode == 0)
    #expect(try nnc.read("model.c") == source)
    #expect(try nnc("import tiny.nnc -o spec.onnx").exitCode == 64)
  }
}
