import Foundation
import Host
import TestSupport
import Testing

/// Models that share the kernels of nnc_runtime.c.
@Suite struct RuntimeTests {
  private static let optimizations = ["-O0", "-Os", "-O2"]

  /// Kernels of the runtime, and such as are rewritten for other types of element and stay in the model.
  private static let model = """
    graph mixed {
      %x = Input : f32[1x3x6x6]
      %w = Constant random(1) : f32[4x3x3x3]
      %c = Conv(%x, %w)
      %t = Tanh(%c)
      %d = Cast(%t) {to: f64}
      %s = Softmax(%d)
      %i = Cast(%c) {to: i8}
      %j = Add(%i, %i)
      %r = ReduceSum(%j) {keepdims: 0}
      %m = ReduceMax(%s) {keepdims: 0}
      return %s, %r, %m
    }

    """

  /// Compares what one model computes with kernels of its own and with those of the runtime.
  private static let main = """
    #include "digit.h"
    #include "embedded.h"
    #include "linked.h"
    static float x[LINKED_X_ELEMENTS];
    static double s[2][LINKED_S_ELEMENTS], m[2][LINKED_M_ELEMENTS];
    static int8_t r[2][LINKED_R_ELEMENTS];
    static unsigned char arena[LINKED_ARENA_BYTES] __attribute__((aligned(LINKED_ARENA_ALIGNMENT)));
    int main(void) {
      const linked_inputs in = {x};
      const embedded_inputs same = {x};
      const linked_outputs out = {s[0], r[0], m[0]};
      const embedded_outputs other = {s[1], r[1], m[1]};
      int i, failures = 0;
      for (i = 0; i < LINKED_X_ELEMENTS; ++i) x[i] = (float)(i % 7) - 3.0f;
      if (linked_run(&in, &out, arena) != 0 || embedded_run(&same, &other, arena) != 0) return 1;
      for (i = 0; i < LINKED_S_ELEMENTS; ++i) {
        const double difference = s[0][i] - s[1][i];
        failures += difference > 1e-6 || difference < -1e-6 || s[0][i] <= 0.0;
      }
      failures += r[0][0] != r[1][0];
      return failures != 0 || example_digit() != 7;
    }

    """

  /// Functions that compilers call where there is no C library.
  private static let library = """
    #include <stddef.h>
    void *memcpy(void *to, const void *from, size_t count);
    void *memset(void *to, int value, size_t count);
    void *memcpy(void *to, const void *from, size_t count) {
      volatile unsigned char *bytes = (volatile unsigned char *)to;
      size_t i;
      for (i = 0; i < count; ++i) bytes[i] = ((const unsigned char *)from)[i];
      return to;
    }
    void *memset(void *to, int value, size_t count) {
      volatile unsigned char *bytes = (volatile unsigned char *)to;
      size_t i;
      for (i = 0; i < count; ++i) bytes[i] = (unsigned char)value;
      return to;
    }
    double exp(double x);
    double exp(double x) { return x; }

    """

  /// Three models, two of which call the runtime, and a program around them.
  private func models(needing program: String, target: String = "generic") throws -> Workspace? {
    guard let space = try Workspace(needing: program) else { return nil }
    // AVR has no f64.
    let isAVR = target == "avr"
    try space.write(isAVR ? Self.model.replacing("f64", with: "f32") : Self.model, to: "mixed.nnc")
    try space.write(isAVR ? Self.main.replacing("double", with: "float") : Self.main, to: "main.c")
    for (model, name, runtime) in [
      (Workspace.digits, "digits", "link"), ("mixed.nnc", "linked", "link"), ("mixed.nnc", "embedded", "embed"),
    ] {
      try space.run(Workspace.nnc, "build", model, "-o", "\(name).c", "--runtime", runtime, "--target", target)
    }
    return space
  }

  private static let sources = ["main.c", "digits.c", "linked.c", "embedded.c"]
  private static let shared = [
    "-I.", "-I\(Workspace.source)/integrations/example", "\(Workspace.source)/integrations/example/digit.c",
    "-I\(Workspace.source)/runtime", "\(Workspace.source)/runtime/nnc_runtime.c",
  ]

  @Test(arguments: [
    ("gcc", ["-std=c99"]), ("gcc", ["-std=gnu99", "-fgnu89-inline"]), ("gcc", ["-std=c99", "-flto"]),
    ("clang", ["-std=c99"]), ("clang-14", ["-std=c99"]), ("g++", ["-x", "c++"]), ("clang++", ["-x", "c++"]),
  ])
  func linksOnce(compiler: String, language: [String]) throws {
    guard let space = try models(needing: compiler) else { return }
    for optimization in Self.optimizations {
      try space.run(
        compiler,
        language + CompilerMatrix.warnings + [optimization] + Self.sources + Self.shared + ["-lm", "-o", "program"])
      try space.run("./program")
      // Optimization of the whole program may leave no function.
      if language.contains("-flto") { continue }
      let symbols = try space.run("nm", "program").split(separator: "\n")
      #expect(symbols.count { $0.hasSuffix(" nnc_conv2d_f32") } == 1, "\(compiler) \(optimization)")
    }
  }

  /// Models in C++ and the runtime in C, and the other way round.
  @Test(arguments: [("c++", "c"), ("c", "c++")])
  func linksAcrossLanguages(models: String, runtime: String) throws {
    guard let space = try self.models(needing: "g++") else { return }
    try space.run(
      "gcc",
      ["-O0", "-x", models] + Self.sources + Self.shared.dropLast()
        + ["-x", runtime, Self.shared.last!, "-x", "none", "-lstdc++", "-lm", "-o", "program"])
    try space.run("./program")
  }

  @Test(arguments: [
    ("arm-none-eabi-gcc", "-mthumb -mcpu=cortex-m0", ["-lgcc"]),
    ("arm-none-eabi-gcc", "-mthumb -mcpu=cortex-m4 -mfloat-abi=hard", ["-lgcc"]),
    ("riscv64-unknown-elf-gcc", "-march=rv32imc -mabi=ilp32 -ffreestanding", ["-lgcc"]),
    // There libm has the arithmetic of floats.
    ("avr-gcc", "-mmcu=atmega2560", ["-lm", "-lgcc"]),
  ])
  func linksForMicrocontrollers(compiler: String, options: String, libraries: [String]) throws {
    let isAVR = compiler == "avr-gcc"
    guard let space = try models(needing: compiler, target: isAVR ? "avr" : "generic") else { return }
    try space.write(Self.library, to: "library.c")
    for optimization in Self.optimizations {
      // Only the functions that are called may need others.
      let options =
        options.split(separator: " ").map(String.init) + [
          "-std=c99", optimization, "-ffunction-sections", "-Wl,--gc-sections", "-nostdlib", "-Wl,-e,main",
        ]
      try space.run(
        compiler,
        options + CompilerMatrix.warnings + Self.sources + Self.shared + ["library.c"] + libraries + ["-o", "program"])
    }
  }

  /// What a second model with the same kernels adds.
  @Test func twoModelsShareFlash() throws {
    guard let space = try models(needing: "arm-none-eabi-gcc") else { return }
    let compiler =
      "arm-none-eabi-gcc -std=c99 -Os -mthumb -mcpu=cortex-m4 -mfloat-abi=hard -ffunction-sections -nostdlib"
    func code(_ models: [String], _ runtime: String) throws -> Int {
      for model in models {
        try space.run(Workspace.nnc, "build", Workspace.digits, "-o", "\(model).c", "--runtime", runtime)
      }
      let kernels = runtime == "link" ? "-I\(Workspace.source)/runtime \(Workspace.source)/runtime/nnc_runtime.c" : ""
      let roots = models.map { "-Wl,-u,\($0)_run -Wl,-e,\($0)_run \($0).c " }.joined()
      try space.run("sh", "-c", "\(compiler) -Wl,--gc-sections \(roots) \(kernels) -lgcc -o program")
      return try space.sizes(of: "program", "arm-none-eabi-size")[0]
    }
    let embedded = try code(["one", "two"], "embed") - code(["one"], "embed")
    let linked = try code(["one", "two"], "link") - code(["one"], "link")
    #expect(linked < embedded - 1000, "the second model adds \(linked) bytes, or \(embedded) with kernels of its own")
  }

  @Test func refusesAnotherVersion() throws {
    guard let space = try models(needing: "gcc") else { return }
    let header = try String(contentsOfFile: Workspace.source + "/runtime/nnc_runtime.h", encoding: .utf8)
    let next = header.replacing(#/#define NNC_VERSION_PATCH \d+/#, with: "#define NNC_VERSION_PATCH 99")
    try space.write(next, to: "nnc_runtime.h")
    let output = space.failure(of: "gcc", "-I.", "-I\(Workspace.source)/runtime", "-c", "linked.c")
    #expect(output.contains("This model needs the runtime of nnc"))
  }

  /// A model for a processor without vectors, whose memory is too small for the lanes of this one.
  @Test func refusesMoreLanesThanThereIsMemoryFor() throws {
    guard let space = try Workspace(needing: "gcc") else { return }
    let model = """
      graph planes {
        %v = Input : f32[1x3x4]
        %x = PackBits(%v)
        %w = Constant splat(-1) : bit[1x32]
        %t = Constant [0] : i16[1]
        %y = PlaneConv2D(%x, %w, %t) {image_shape: [2, 2], output_channels: 1, kernel_shape: [1, 1], lanes: 32}
        return %y
      }
      """
    try space.write(model, to: "planes.nnc")
    try space.run(Workspace.nnc, "build", "planes.nnc", "-o", "planes.c", "--runtime", "link", "--target", "cortex-m4")
    let include = "-I\(Workspace.source)/runtime"
    // Narrow lanes do not help: more of them are worked on together.
    for lanes in [32, 128] {
      let output = space.failure(
        of: "gcc", "-DNNC_MOST_LANE_BITS=128", "-DNNC_LANE_BITS=\(lanes)", include, "-c", "planes.c")
      #expect(output.contains("define NNC_MOST_LANE_BITS as 32 where both are compiled"))
    }
    try space.run("gcc", "-DNNC_MOST_LANE_BITS=32", include, "-c", "planes.c")
  }

  /// A model whose weights lie in panels of sixteen, with kernels that take eight.
  @Test func refusesNarrowerPanels() throws {
    guard let space = try Workspace(needing: "gcc") else { return }
    try space.write(Self.model, to: "mixed.nnc")
    try space.run(Workspace.nnc, "build", "mixed.nnc", "-o", "wide.c", "--runtime", "link", "--target", "x86-64-v4")
    let include = "-I\(Workspace.source)/runtime"
    let output = space.failure(of: "gcc", include, "-c", "wide.c")
    #expect(output.contains("define NNC_PANEL_LANES as 16 where both are compiled"))
    try space.run("gcc", "-DNNC_PANEL_LANES=16", include, "-c", "wide.c")
  }

  @Test func refusesWeightsInDataMemory() throws {
    guard let space = try models(needing: "avr-gcc") else { return }
    let output = space.failure(
      of: "avr-gcc", "-std=c99", "-mmcu=atmega2560", "-I\(Workspace.source)/runtime", "-c", "linked.c")
    #expect(output.contains("build the model with --target avr"))
  }
}
