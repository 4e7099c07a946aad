import CodegenC
import Host
import IR
import Passes
import TestSupport
import Testing

/// Models that keep a state from one run to the next.
@Suite struct StateTests {
  /// A network along a sequence of some steps, of 3 elements each.
  private static func network(_ name: String, steps: Int) throws -> Graph {
    let layers = [
      "lstm": """
      %w = Constant random(1) : f32[1x16x3]
      %r = Constant random(2) : f32[1x16x4]
      %b = Constant random(3) : f32[1x32]
      %y = LSTM(%t, %w, %r, %b)
      """,
      "gru": """
      %w = Constant random(1) : f32[1x12x3]
      %r = Constant random(2) : f32[1x12x4]
      %y = GRU(%t, %w, %r)
      """,
      "convolutions": """
      %c = Transpose(%t) {perm: [1, 2, 0]}
      %w1 = Constant random(1) : f32[4x3x3]
      %c1 = Conv(%c, %w1) {pads: [4, 0], dilations: [2]}
      %r1 = Relu(%c1)
      %w2 = Constant random(2) : f32[4x1x2]
      %c2 = Conv(%r1, %w2) {pads: [1, 0], group: 4}
      %y = Transpose(%c2) {perm: [2, 0, 1]}
      """,
    ]
    let text = """
      graph network {
        %x = Input : f32[\(steps)x1x3]
        %t = Tanh(%x)
        \(layers[name]!)
        return %y
      }
      """
    return try Graph(parsing: text, file: "\(name).nnc")
  }

  /// Two steps at a time, through the C with a state, give what the interpreter makes of all steps.
  @Test(arguments: ["lstm", "gru", "convolutions"])
  func computesASequenceInParts(name: String) throws {
    let (steps, part) = (8, 2)
    let input = Tensor((0..<steps * 3).map { Float($0 * 7 % 11) / 11 }, shape: [steps, 1, 3])
    let expected = try Self.network(name, steps: steps).evaluate(["x": input])[0]
    let (streaming, states) = try Pipeline.canonicalize.run(Self.network(name, steps: part)).streaming(nil)
    let lowered = try Pipeline.lower.run(streaming)
    let model = try CModel(lowered, options: .init(name: "model", states: states))
    try CompilerMatrix.host.check([model])
    let printed = try run(model, Self.program)
    let found = printed.split(separator: "\n").map { Float($0)! }
    // All of it twice, because a reset begins anew.
    #expect(found.count == 2 * expected.type.elementCount)
    for (index, value) in found.enumerated() {
      let number = Float(expected.reals[index % expected.type.elementCount])
      #expect(abs(value - number) < 1e-6, "element \(index)")
    }
  }

  /// A recurrent layer reads and writes its state where it lies.
  @Test func updatesTheStateInPlace() throws {
    let (streaming, states) = try Self.network("lstm", steps: 2).streaming(["y"])
    #expect(states.map(\.input) == ["y_h", "y_c"])
    let source = try CModel(streaming, options: .init(name: "model", states: states)).source
    #expect(!source.contains("nnc_copy_f32("))
    #expect(source.contains("state->y_h, state->y_c"))
  }

  /// Old states move on before new ones take their places; two that change places are refused.
  @Test func copiesStatesInOrder() throws {
    let delay = try Graph(
      parsing: """
        graph delay {
          %x = Input : f32[2]
          %a = Input : f32[2]
          %b = Input : f32[2]
          %y = Add(%a, %b)
          return %y, %x, %a
        }
        """, file: "delay.nnc")
    var graph = delay
    graph.outputs = [
      ("y", delay.outputs[0].value), ("next_a", delay.outputs[1].value), ("next_b", delay.outputs[2].value),
    ]
    let states = [ModelState(input: "a", output: "next_a"), ModelState(input: "b", output: "next_b")]
    let model = try CModel(graph, options: .init(name: "model", states: states))
    #expect(try run(model, Self.delayProgram) == "0 1 3 5\n")
    let crossed = [ModelState(input: "x", output: "next_b"), ModelState(input: "a", output: "next_a")]
    let error = #expect(throws: Diagnostic.self) { try CModel(graph, options: .init(name: "model", states: crossed)) }
    #expect(error?.message.contains("change places") == true)
  }

  @Test func refusesWhatCannotBeAState() throws {
    let graph = try Self.network("lstm", steps: 2)
    for (state, words) in [
      (ModelState(input: "z", output: "y"), "there is no input 'z'"),
      (ModelState(input: "x", output: "z"), "there is no output 'z'"),
      (ModelState(input: "x", output: "y"), "which is to take its place"),
    ] {
      let error = #expect(throws: Diagnostic.self) { try graph.check([state]) }
      #expect(error?.message.contains(words) == true)
    }
    let layer = #expect(throws: Diagnostic.self) { try graph.streaming(["t"]) }
    #expect(layer?.message.contains("cannot keep a state") == true)
    #expect(throws: Diagnostic.self) { try graph.streaming(["nowhere"]) }
  }

  private func run(_ model: CModel, _ program: String) throws -> String {
    let folder = try TemporaryFolder()
    try folder.write(model.header, to: "model.h")
    try folder.write(model.source, to: "model.c")
    try folder.write(program, to: "main.c")
    try CCompiler.system().run(
      ["-std=c99", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"] + CompilerMatrix.warnings
        + ["-o", "program", "model.c", "main.c", "-lm"], in: folder.url)
    return try #require(CCompiler(folder.path + "/program")).run([])
  }

  private static let program = """
    #include "model.h"
    #include <stddef.h>
    #include <stdio.h>
    static unsigned char arena[MODEL_ARENA_BYTES + 1] __attribute__((aligned(MODEL_ARENA_ALIGNMENT)));
    static model_state state;
    int main(void) {
      float x[MODEL_X_ELEMENTS], y[MODEL_Y_ELEMENTS];
      const model_inputs inputs = {x};
      const model_outputs outputs = {y};
      if (model_run(&inputs, &outputs, NULL, arena) != 1 || sizeof state != MODEL_STATE_BYTES) return 1;
      for (int i = 0; i < 8; ++i) {
        if (i % 4 == 0) model_reset(&state);
        for (int j = 0; j < MODEL_X_ELEMENTS; ++j) x[j] = (float)((i % 4 * MODEL_X_ELEMENTS + j) * 7 % 11) / 11.0f;
        if (model_run(&inputs, &outputs, &state, arena) != 0) return 1;
        for (int j = 0; j < MODEL_Y_ELEMENTS; ++j) printf("%.9g\\n", (double)y[j]);
      }
      return 0;
    }

    """

  private static let delayProgram = """
    #include "model.h"
    #include <stdio.h>
    int main(void) {
      model_state state;
      model_reset(&state);
      for (int i = 1; i <= 4; ++i) {
        float x[2] = {(float)i, 0.0f}, y[2];
        const model_inputs inputs = {x};
        const model_outputs outputs = {y};
        if (model_run(&inputs, &outputs, &state, NULL) != 0) return 1;
        printf("%g%c", (double)y[0], i < 4 ? ' ' : '\\n');
      }
      return 0;
    }

    """
}
