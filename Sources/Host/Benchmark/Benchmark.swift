import CHost
import CodegenC
import Foundation
import IR
import Targets

/// The C of a model, compiled into a program that times it.
///
/// It is a program of its own, so that nothing else runs beside the model, and what the processor refuses ends that program alone.
public struct Benchmark {
  private let folder: TemporaryFolder
  private let inputs: [(name: String, type: TensorType)]

  /// Compiles a model.
  ///
  /// - Parameters:
  ///   - options: How the compiler is to compile the model; what measures the machine is compiled for all its instructions.
  ///   - timesSteps: Whether each step is timed by itself, too.
  /// - Throws: A diagnostic with the words of the compiler.
  public init(_ model: CModel, compiler: CCompiler, options: [String], timesSteps: Bool) throws {
    folder = try TemporaryFolder()
    inputs = model.inputs
    for (name, text) in Self.sources(of: model, timesSteps: timesSteps) { try folder.write(text, to: name) }
    let hook = timesSteps ? ["-include", "steps.h"] : []
    let native = ["-std=c99", "-O3", "-ffp-contract=fast"] + Target.nativeOptions + Target.widestVectors
    func compile(_ source: String, _ options: [String]) throws {
      try compiler.run(options + ["-c", source, "-o", source + ".o"], in: folder.url)
    }
    try compile(model.name + ".c", options + hook)
    try compile("bench.c", ["-std=c99", "-O2", "-D_POSIX_C_SOURCE=200809L"])
    try compile("machine.c", native)
    let objects = [model.name, "bench", "machine"].map { $0 + ".c.o" }
    // Some options, as those of sanitizers and threads, are for the linker too.
    try compiler.run(options + objects + ["-o", "bench", "-lm"], in: folder.url)
  }

  /// Times the model.
  ///
  /// - Parameters:
  ///   - tensors: The inputs, which have been checked against the model.
  ///   - seconds: How long runs are timed.
  ///   - samples: How often they are, in place of `seconds`.
  /// - Throws: A diagnostic if the program does not end as it should.
  public func run(on tensors: [String: Tensor], seconds: Double, samples: Int? = nil) throws -> Measurement {
    var bytes = Data()
    for input in inputs { tensors[input.name]!.inMemoryOfC.withUnsafeBytes { bytes.append(contentsOf: $0) } }
    try bytes.write(to: folder.url.appendingPathComponent("inputs"))
    let process = try ChildProcess(
      folder.url.appendingPathComponent("bench").path, ["inputs", "\(seconds)", "\(samples ?? 0)"], in: folder.url)
    if let signal = process.signal {
      let hint =
        signal == SIGILL
        ? "; it was compiled for instructions that this machine does not have, so leave out what --cflags says of them"
        : ""
      throw Diagnostic(
        "the compiled model was ended by signal \(signal) (\(String(cString: strsignal(signal))))\(hint)")
    }
    guard process.status == 0 else { throw Diagnostic("the compiled model failed: \(process.output.prefix(2000))") }
    return try Measurement(process.output)
  }

  /// The files of the program.
  package static func sources(of model: CModel, timesSteps: Bool) -> [(name: String, text: String)] {
    var sources = [
      (model.name + ".h", model.header), (model.name + ".c", model.source),
      ("facts.h", facts(of: model, timesSteps: timesSteps)),
    ]
    var file = nnc_benchmark_files_start()!
    while let name = file.pointee.name {
      sources.append((String(cString: name), String(cString: file.pointee.text)))
      file += 1
    }
    return sources
  }

  /// The C that tells the program what the model is.
  private static func facts(of model: CModel, timesSteps: Bool) -> String {
    func sizes(_ tensors: [(name: String, type: TensorType)]) -> String {
      (tensors.map { "\($0.type.cByteCount)" } + ["0"]).joined(separator: ", ")
    }
    func members(_ array: String, _ count: Int) -> String {
      count == 0 ? "0" : (0..<count).map { "\(array)[\($0)]" }.joined(separator: ", ")
    }
    let hasState = model.stateByteCount > 0
    return """
      /* What the program that times a model knows of it. */
      #include "\(model.name).h"

      #define HAS_STEPS \(timesSteps ? 1 : 0)
      #define STEP_COUNT \(model.steps.count)
      #define INPUT_COUNT \(model.inputs.count)
      #define OUTPUT_COUNT \(model.outputs.count)
      #define STATE_BYTES \(model.stateByteCount)
      #define ARENA_BYTES \(model.memory.arenaByteCount)
      #define WORKING_BYTES \(model.workingByteCount)

      static const size_t input_bytes[] = {\(sizes(model.inputs))};
      static const size_t output_bytes[] = {\(sizes(model.outputs))};

      static int run_model(void *const *in, void *const *out, void *state, void *arena) {
        const \(model.name)_inputs inputs = {\(members("in", model.inputs.count))};
        const \(model.name)_outputs outputs = {\(members("out", model.outputs.count))};
        (void)in;
        (void)out;
        (void)state;
        return \(model.name)_run(&inputs, &outputs, \(hasState ? "(\(model.name)_state *)state, " : "")arena);
      }

      """
  }
}

extension CModel {
  /// All that a run reads and writes: inputs, outputs, weights, states and the arena, in bytes.
  public var workingByteCount: Int {
    (inputs + outputs).reduce(memory.arenaByteCount + flashByteCount + stateByteCount) { $0 + $1.type.cByteCount }
  }
}
