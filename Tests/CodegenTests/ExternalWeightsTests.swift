import CodegenC
import Foundation
import Host
import IR
import Passes
import Targets
import TestSupport
import Testing

/// Weights that a program gets from a file, and passes to the model.
@Suite struct ExternalWeightsTests {
  /// A recurrent network with a state, a self-test and weights of its own, compiled with sanitizers.
  @Test(arguments: ["clang", "gcc", "g++"])
  func runsWithTheFileItIsGiven(compiler name: String) throws {
    guard let compiler = CCompiler(name) else {
      print("skipped: there is no \(name)")
      return
    }
    let folder = try TemporaryFolder()
    let model = try Self.model()
    try folder.write(model)
    try folder.write(Self.program, to: "main.c")
    let language = name == "g++" ? ["-x", "c++"] : ["-std=c99"]
    try compiler.run(
      language + CompilerMatrix.warnings + ["-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
        + ["-o", "program", "model.c", "main.c", "-lm"], in: folder.url)
    #expect(try #require(CCompiler(folder.path + "/program")).run([], in: folder.url) == "as expected\n")
  }

  @Test func filesBeginWithWhatTheyAre() throws {
    let model = try Self.model()
    let file = try #require(model.weightsFile)
    var bytes: [UInt8] = []
    for part in model.files where part.name == file.name { part.write { bytes += $0 } }
    #expect(bytes.count == file.byteCount && file.name == "model.weights.bin")
    #expect(bytes[..<4] == [UInt8]("NNCW".utf8)[...])
    let words = stride(from: 4, to: 16, by: 4).map { place in
      bytes[place..<place + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }
    #expect(words == [1, UInt32(file.byteCount), file.checksum])
    let large = model.constants.filter { $0.form == .external }
    #expect(large.count == 3 && model.flashByteCount < 64)
    // The weights of the first layer, as they lie in the graph.
    let first = try #require(large.first)
    let weights = try #require(
      Self.graph().graph.nodes.compactMap { ($0.op as? Constant)?.value }.first { $0.type == first.type })
    #expect(weights.withUnsafeBytes { $0.elementsEqual(bytes[16..<16 + first.byteCount]) })
  }

  @Test func cannotLieOutsideProgramMemory() throws {
    let avr = try #require(Target.all.first { $0.hasSeparateProgramMemory })
    let error = #expect(throws: Diagnostic.self) {
      try CModel(SmallNetwork.graph(fused: false), options: .init(target: avr, weights: .external))
    }
    #expect(error?.message.contains("cannot be read on avr") == true)
  }

  private static func graph() throws -> (graph: Graph, states: [ModelState]) {
    let text = """
      graph network {
        %x = Input : f32[2x1x3]
        %w = Constant random(1) : f32[1x12x3]
        %r = Constant random(2) : f32[1x12x4]
        %b = Constant random(3) : f32[1x24]
        %y = GRU(%x, %w, %r, %b)
        return %y
      }
      """
    let (streaming, states) = try Pipeline.canonicalize.run(Graph(parsing: text, file: "gru.nnc")).streaming(nil)
    return (try Pipeline.lower.run(streaming), states)
  }

  private static func model() throws -> CModel {
    let (graph, states) = try graph()
    let test = Dictionary(
      uniqueKeysWithValues: graph.inputs.map { ($0.name, Tensor(random: graph.type(of: $0.value), seed: 7)) })
    return try CModel(
      graph,
      options: .init(name: "model", selfTest: SelfTest(inputs: [test]), states: states, weights: .external))
  }

  /// Reads the file, and calls everything with it, with other memory, and with a file that is damaged.
  private static let program = """
    #include "model.h"
    #include <stddef.h>
    #include <stdio.h>

    static unsigned char arena[MODEL_SELF_TEST_ARENA_BYTES] __attribute__((aligned(MODEL_ARENA_ALIGNMENT)));
    static unsigned char weights[MODEL_WEIGHTS_BYTES + 16] __attribute__((aligned(MODEL_WEIGHTS_ALIGNMENT)));
    static model_state state;
    #define EXPECT(expression, value) if ((expression) != (value)) return printf("%s is not %s\\n", #expression, #value)
    int main(void) {
      float x[MODEL_X_ELEMENTS] = {0.5f}, y[MODEL_Y_ELEMENTS];
      const model_inputs inputs = {x};
      const model_outputs outputs = {y};
      FILE *const file = fopen(model_weights_descriptor.file, "rb");
      if (file == NULL || fread(weights, 1, sizeof weights, file) != MODEL_WEIGHTS_BYTES) return 1;
      fclose(file);
      model_reset(&state);
      EXPECT(model_weights_descriptor.bytes, MODEL_WEIGHTS_BYTES);
      EXPECT(model_weights_descriptor.alignment, MODEL_WEIGHTS_ALIGNMENT);
      EXPECT(model_weights_descriptor.crc32, MODEL_WEIGHTS_CRC32);
      EXPECT(model_descriptor.flash_bytes, MODEL_FLASH_BYTES);
      EXPECT(model_check_weights(weights, MODEL_WEIGHTS_BYTES), 0);
      EXPECT(model_check_weights(NULL, 0), 1);
      EXPECT(model_check_weights(weights + 4, MODEL_WEIGHTS_BYTES), 2);
      EXPECT(model_check_weights(weights, 8), 3);
      EXPECT(model_check_weights(weights, MODEL_WEIGHTS_BYTES - 1), 3);
      EXPECT(model_run(&inputs, &outputs, &state, weights, arena), 0);
      EXPECT(model_run(&inputs, &outputs, &state, NULL, arena), 1);
      EXPECT(model_run(&inputs, &outputs, &state, weights + 4, arena), 2);
      EXPECT(model_run(&inputs, &outputs, &state, arena, arena), 3);
      EXPECT(model_self_test(weights, arena), 0);
      EXPECT(model_self_test(NULL, arena), -1);
      EXPECT(model_self_test(arena, arena), -1);
      weights[19] ^= 0x80;
      EXPECT(model_check_weights(weights, MODEL_WEIGHTS_BYTES), 4);
      if (model_self_test(weights, arena) <= 0) return 1;
      weights[12] ^= 1;
      EXPECT(model_check_weights(weights, MODEL_WEIGHTS_BYTES), 3);
      puts("as expected");
      return 0;
    }

    """
}
