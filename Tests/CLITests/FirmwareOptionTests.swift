import Foundation
import Host
import Testing

/// Options of `nnc build` for firmware: states and self-tests.
@Suite struct FirmwareOptionTests {
  let nnc: NNCProgram

  private static let counter = """
    graph counter {
      %step = Input : f32[2]
      %sum = Input : f32[2]
      %next = Add(%step, %sum)
      %y = Relu(%next)
      return %y, %next
    }
    """

  init() throws {
    nnc = try NNCProgram()
    try nnc.folder.write(Self.counter, to: "counter.nnc")
  }

  @Test func makesStatesOfInputsAndOutputs() throws {
    #expect(try nnc("build counter.nnc -o model.c --stream sum=next --report r.json").exitCode == 0)
    let header = try nnc.read("model.h")
    #expect(header.contains("float sum[2]; /* f32[2] */\n} model_state;"))
    #expect(header.contains("#define MODEL_STATE_BYTES 8\n"))
    #expect(!header.contains("*sum;") && !header.contains("*next;"))
    let report = try JSONSerialization.jsonObject(with: Data(nnc.read("r.json").utf8)) as? [String: Any]
    #expect(report?["stateBytes"] as? Int == 8)
    #expect((report?["inputs"] as? [Any])?.count == 1 && (report?["outputs"] as? [Any])?.count == 1)
    try CCompiler.system().run(["-std=c99", "-Wall", "-Wextra", "-Werror", "-c", "model.c"], in: nnc.folder.url)
    let result = try nnc("build counter.nnc -o model.c --stream sum=next --ram 7")
    #expect(
      result.errors.contains("the state takes 8 bytes, 1 more than --ram allows (7)")
        && result.errors.contains("8 bytes  state"))
  }

  @Test(arguments: [
    ("total=next", "there is no input 'total'; the inputs are 'step', 'sum'"),
    ("sum=nothing", "there is no output 'nothing'; the outputs are 'y', 'next'"),
    ("nothing", "there is no layer 'nothing'"), ("y", "cannot keep a state"), ("all", "no layer can keep a state"),
    ("sum=next --stream step=next", "in common"),
  ])
  func refusesWhatIsNoState(option: String, words: String) throws {
    let result = try nnc("build counter.nnc -o model.c --stream \(option)")
    #expect(result.exitCode == 1)
    #expect(result.errors.contains(words), "\(result.errors)")
  }

  @Test func addsASelfTest() throws {
    #expect(try nnc("build tiny.nnc -o model.c --self-test 3").exitCode == 0)
    let header = try nnc.read("model.h")
    #expect(header.contains("#define MODEL_TESTS 3\n") && header.contains("int32_t model_self_test(void *arena);"))
    #expect(try nnc("build tiny.nnc -o model.c").exitCode == 0)
    #expect(try !nnc.read("model.h").contains("self_test"))
  }

  @Test(arguments: ["--self-test 0", "--data x.npz", "--self-test 1 --self-test-tolerance -1"])
  func refusesASelfTestOfNothing(options: String) throws {
    #expect(try nnc("build tiny.nnc -o model.c \(options)").exitCode == 64)
  }

  /// Constants of AVR are read by instructions of their own, also where they are outputs.
  @Test func copiesConstantsFromProgramMemory() throws {
    let text = "graph g {\n %x = Input : f32[2]\n %c = Constant [1, 2] : f32[2]\n %y = Add(%x, %c)\n return %y, %c\n}"
    try nnc.folder.write(text, to: "constant.nnc")
    #expect(try nnc("build constant.nnc -o model.c --target avr").exitCode == 0)
    let source = try nnc.read("model.c")
    #expect(source.contains("nnc_copy_from_program_memory(model_c, w1, 8);"))
    #expect(source.contains("nnc_copy_from_program_memory(model_c, outputs->c, 8);"))
  }

  /// What an index of 16 bits cannot reach, and what the processor has no type for.
  @Test func refusesWhatDoesNotFitATarget() throws {
    let large =
      "graph g {\n %x = Input : f32[8192]\n %d = Input : f64[2]\n %y = Relu(%x)\n %z = Abs(%d)\n return %y, %z\n}"
    try nnc.folder.write(large, to: "large.nnc")
    #expect(try nnc("build large.nnc -o model.c").exitCode == 0)
    let result = try nnc("build large.nnc -o model.c --target avr")
    #expect(result.exitCode == 1)
    #expect(result.errors.contains("x : f32[8192] takes 32768 bytes; an array may have 32767"))
    #expect(result.errors.contains("z : f64[2] is of f64"))
  }
}
