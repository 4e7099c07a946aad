import CodegenC
import Host
import IR
import TestSupport
import Testing

/// How generated C behaves in the programs of others.
@Suite struct FirmwareTests {
  /// Names that are reserved, empty, no identifiers, equal after they are made such, or code.
  @Test func namesCannotReachTheCode() throws {
    let names = [
      "int", "restrict", "class", "x; system(\"rm -rf /\")", "*/ int evil; /*", "", " ", "ünïcode", "a-b", "a.b", "1st",
      "NULL", "nnc_add_f32", "run", "\"quoted\\", "a\nb", "??/", "memory", "arena", "inputs",
      String(repeating: "long", count: 99),
    ]
    var graph = Graph(name: "int main(void) { }; //")
    for (index, name) in names.enumerated() {
      let input = try graph.add(Input(name, TensorType(.f32, [2])), name: name)
      let weight = try graph.add(Constant(Tensor([Float(index), 1])), name: name)
      let sum = try graph.add(Add(), [input, weight], name: name)
      graph.outputs.append((name, sum))
    }
    let model = try CModel(graph, options: .init(version: "*/ evil"))
    let inputs = Dictionary(uniqueKeysWithValues: names.map { ($0, Tensor([Float(1), 2])) })
    let library = try CompiledLibrary(
      [model], compiler: .system(), options: ["-std=c99", "-O1"] + CompilerMatrix.warnings)
    let results = try CompiledModel(model, of: graph, in: library)(inputs)
    #expect(try results == graph.evaluate(inputs))
  }

  /// Two models in one program, which share an arena, in C and in C++; no memory is touched beyond what was planned.
  @Test(arguments: ["clang", "gcc", "g++"])
  func twoModelsInOneProgram(compiler name: String) throws {
    guard let compiler = CCompiler(name) else {
      print("skipped: there is no \(name)")
      return
    }
    let folder = try TemporaryFolder()
    for (name, fused) in [("first", false), ("second", true)] {
      let model = try CModel(SmallNetwork.graph(fused: fused), options: .init(name: name))
      try folder.write(model.header, to: name + ".h")
      try folder.write(model.source, to: name + ".c")
    }
    try folder.write(Self.program, to: "main.c")
    let language = name == "g++" ? ["-x", "c++"] : ["-std=c99"]
    try compiler.run(
      language + CompilerMatrix.warnings + [
        "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-o", "program",
      ]
        + ["first.c", "second.c", "main.c", "-lm"], in: folder.url)
    let program = try #require(CCompiler(folder.path + "/program"))
    #expect(try program.run([]) == "equal\n")
  }

  private static let program = """
    #include "first.h"
    #include "second.h"
    #include <stdio.h>
    #include <stdlib.h>
    static float image[FIRST_X_ELEMENTS];
    int main(void) {
      float a[FIRST_Y_ELEMENTS], b[SECOND_Y_ELEMENTS], c[FIRST_Y_ELEMENTS];
      const first_inputs in = {image};
      const second_inputs same = {image};
      const first_outputs out_a = {a}, out_c = {c};
      const second_outputs out_b = {b};
      void *arena = malloc(FIRST_ARENA_BYTES);
      int i, failures = 0;
      for (i = 0; i < FIRST_X_ELEMENTS; ++i) image[i] = (float)(i % 7) / 7.0f;
      if (SECOND_ARENA_BYTES > FIRST_ARENA_BYTES || arena == NULL) return 1;
      failures += first_run(&in, &out_a, arena);
      failures += second_run(&same, &out_b, arena);
      failures += first_run(&in, &out_c, arena);
      failures += first_run(&in, &out_c, NULL) != 1;
      failures += first_run(NULL, &out_c, arena) != 1;
      failures += first_run(&in, &out_c, (char *)arena + 4) != 2;
      for (i = 0; i < FIRST_Y_ELEMENTS; ++i) {
        const float difference = a[i] - b[i];
        failures += a[i] != c[i] || difference > 1e-5f || difference < -1e-5f;
      }
      failures += first_descriptor.arena_bytes != FIRST_ARENA_BYTES || second_descriptor.inputs[0].extents[3] != 28;
      free(arena);
      puts(failures == 0 ? "equal" : "different");
      return failures != 0;
    }

    """
}
