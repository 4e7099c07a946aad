import CodegenC
import Host
import IR
import Passes
import TestSupport
import Testing

/// The self-test that a build may add to the C.
@Suite struct SelfTestTests {
  /// A network with float layers, and integers that follow from them or not.
  private static let text = """
    graph mixed {
      %x = Input : f32[2x8]
      %n = Input : i32[2x3]
      %w = Constant random(1) : f32[8x5]
      %d = MatMul(%x, %w)
      %s = Sigmoid(%d)
      %scale = Constant [0.01] : f32[1]
      %zero = Constant [3] : u8[1]
      %q = QuantizeLinear(%s, %scale, %zero)
      %a = ArgMax(%s) {axis: 1}
      %three = Constant [3] : i32[1]
      %m = Mul(%n, %three)
      return %s, %q, %a, %m
    }
    """

  private func model(_ graph: Graph) throws -> CModel {
    let inputs = (0..<3).map { test in
      Dictionary(
        uniqueKeysWithValues: graph.inputs.enumerated().map { index, input in
          (input.name, Tensor(random: graph.type(of: input.value), seed: UInt64(10 * test + index)))
        })
    }
    return try CModel(graph, options: .init(name: "model", selfTest: SelfTest(inputs: inputs)))
  }

  /// What the self-test of some C returns, and the name of that step.
  private func run(_ source: String, _ model: CModel, _ compiler: CCompiler, _ options: [String]) throws -> String {
    let folder = try TemporaryFolder()
    try folder.write(model.header, to: "model.h")
    try folder.write(source, to: "model.c")
    try folder.write(Self.program, to: "main.c")
    try compiler.run(
      options + CompilerMatrix.warnings + ["-O1", "-o", "program", "model.c", "main.c", "-lm"], in: folder.url)
    return try #require(CCompiler(folder.path + "/program")).run([])
  }

  @Test(arguments: [["clang", "-std=c99"], ["gcc", "-std=gnu99", "-ffp-contract=fast"], ["g++", "-x", "c++"]])
  func passesAsCompiled(command: [String]) throws {
    guard let compiler = CCompiler(command[0]) else {
      print("skipped: there is no \(command[0])")
      return
    }
    for graph in [try Graph(parsing: Self.text, file: "mixed.nnc"), try SmallNetwork.graph(fused: true)] {
      let model = try model(graph)
      #expect(try run(model.source, model, compiler, Array(command.dropFirst())) == "0 \n")
    }
  }

  /// A weight that is wrong, as flash that has worn out has it, is found in the step that uses it.
  @Test(arguments: [("model_w1", "p1"), ("model_w2", "g"), ("model_b3", "d")])
  func namesTheStepThatIsWrong(weights: String, step: String) throws {
    let model = try model(SmallNetwork.graph(fused: true))
    let table = try #require(model.source.firstRange(of: "\(weights)["))
    let begin = try #require(model.source[table.upperBound...].firstRange(of: "{\n  "))
    let end = try #require(model.source[begin.upperBound...].firstIndex(of: ","))
    let damaged = model.source[..<begin.upperBound] + "0.75f" + model.source[end...]
    #expect(try run(String(damaged), model, .system(), ["-std=c99"]).hasSuffix(" \(step)\n"))
  }

  /// A program can put code of its own around each step.
  @Test func runsStepsThroughAMacro() throws {
    let model = try CModel(SmallNetwork.graph(fused: true), options: .init(name: "model"))
    let folder = try TemporaryFolder()
    try folder.write(model.header, to: "model.h")
    try folder.write(model.source, to: "model.c")
    try folder.write(
      """
      extern int steps[100];
      #define NNC_RUN_STEP(model, number, call) (call, steps[number] += (int)sizeof #model)
      """, to: "hook.h")
    try folder.write(
      """
      #include "model.h"
      #include <stdio.h>
      int steps[100];
      static float image[MODEL_X_ELEMENTS], scores[MODEL_Y_ELEMENTS];
      static unsigned char arena[MODEL_ARENA_BYTES] __attribute__((aligned(MODEL_ARENA_ALIGNMENT)));
      int main(void) {
        const model_inputs inputs = {image};
        const model_outputs outputs = {scores};
        int status = model_run(&inputs, &outputs, arena);
        for (int i = 0; i < 100; ++i) if (steps[i] != 0) printf("%d:%d ", i, steps[i]);
        return status;
      }

      """, to: "main.c")
    try CCompiler.system().run(
      ["-std=c99", "-O1", "-include", "hook.h"] + CompilerMatrix.warnings + ["-o", "program", "model.c", "main.c"],
      in: folder.url)
    let printed = try #require(CCompiler(folder.path + "/program")).run([])
    #expect(printed == model.steps.indices.map { "\($0 + 1):6 " }.joined())
  }

  private static let program = """
    #include "model.h"
    #include <stdio.h>
    static unsigned char arena[MODEL_SELF_TEST_ARENA_BYTES] __attribute__((aligned(MODEL_ARENA_ALIGNMENT)));
    int main(void) {
      const int32_t step = model_self_test(arena);
      if (model_self_test(NULL) != -1 || model_self_test(arena + 1) != -1 || model_test_inputs[0].x == NULL) return 1;
      printf("%d %s\\n", (int)step, model_step_name(step));
      return 0;
    }

    """
}
