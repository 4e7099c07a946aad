import ArgumentParser
import CodegenC
import Host
import IR
import Targets

/// `nnc bench`: how long the C of a model takes on this machine, and where.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Times the C of a model on this machine, as a whole and step by step.",
    discussion: """
      Compiles the C by the C compiler of this machine, for all instructions that it has unless --target says otherwise, and times it \
      on one thread: after a warm-up runs are timed for some seconds, and the median counts. What this machine can do at most is \
      measured in the same run: how many products of floats it adds, and how fast it reads as many bytes as the model works on.

      Examples:
        nnc bench model.onnx
        nnc bench model.onnx --layers                    where the time goes
        nnc bench model.onnx --layers --report now.json  for a later run
        nnc bench model.onnx --baseline now.json         fails if it became slower
        nnc bench model.onnx --cc gcc --cflags "-O2 -ffast-math"
      """)

  @OptionGroup var model: ModelArguments
  @OptionGroup var passes: PassArguments
  @OptionGroup var stream: StreamArguments
  @Flag(help: "Times each step of the C, too.") var layers = false
  @Option(help: ArgumentHelp("How long runs are timed.", valueName: "S")) var seconds = 1.0
  @Option(help: ArgumentHelp("How many samples are timed, in place of --seconds.", valueName: "N")) var `repeat`: Int?
  @Option(
    help: ArgumentHelp("The inputs, .npz or .npy as for run; random without.", valueName: "FILE"),
    completion: .file(extensions: ["npz", "npy"]))
  var inputs: String?
  @Option(help: ArgumentHelp("The seed of random inputs.", valueName: "N")) var seed: UInt64 = 1
  @Option(help: ArgumentHelp("The C compiler; that which CC names by default, or clang.", valueName: "PROGRAM")) var cc:
    String?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How it compiles, in place of -O3, or -Os for size; what the target needs stands before.", valueName: "OPTIONS"))
  var cflags: String?
  @Option(
    help: ArgumentHelp("Writes what was measured.", valueName: "FILE.json"), completion: .file(extensions: ["json"]))
  var report: String?
  @Option(
    help: ArgumentHelp(
      "Compares with the report of an earlier run, and fails where something takes longer.", valueName: "FILE.json"),
    completion: .file(extensions: ["json"]))
  var baseline: String?
  @Option(help: ArgumentHelp("By how much longer makes --baseline fail, in percent.", valueName: "PERCENT"))
  var threshold = 10.0

  /// The target: this machine where none is asked for.
  private var target: Target { passes.requestedTarget ?? .host }

  func validate() throws {
    guard seconds > 0 && seconds <= 3600 else {
      throw ValidationError("--seconds should be more than 0, and at most 3600")
    }
    if let count = `repeat`, !(1...1_000_000).contains(count) {
      throw ValidationError("--repeat should be a number of samples, from 1 to 1000000")
    }
    guard threshold >= 0 && threshold.isFinite else {
      throw ValidationError("--threshold should be a number of percent, 0 or more")
    }
    if let inputs, !inputs.hasSuffix(".npz"), !inputs.hasSuffix(".npy") {
      throw ValidationError("\(inputs): the name should end in .npz or .npy")
    }
    if let report, !report.hasSuffix(".json") {
      throw ValidationError("--report \(report): the name should end in .json")
    }
    guard target.isRunnable else {
      let names = (["host"] + Target.runnable.map { $0.name }).joined(separator: ", ")
      throw ValidationError(
        "--target \(target.name): this machine does not run code for it, so it cannot time that; it runs \(names)")
    }
  }

  func run() throws {
    let earlier = try baseline.map { try BenchReport(contentsOf: $0) }
    var passes = passes
    passes.requestedTarget = target
    let compiler = try self.compiler()
    let lowered = try LoweredModel(model, passes, stream)
    let code = try CModel(lowered.graph, options: .init(name: "model", target: target, states: lowered.states))
    let tensors =
      try inputs.map { try ArrayFile.readInputs($0, code.inputs) }
      ?? CheckData.random(lowered.graph, seed: seed)[0].inputs
    Terminal.progress("compiling C")
    let options = passes.hostOptions(cflags: cflags)
    let benchmark = try Benchmark(code, compiler: compiler, options: options, timesSteps: layers)
    Terminal.progress("timing")
    let measurement = try benchmark.run(on: tensors, seconds: seconds, samples: `repeat`)
    let result = BenchReport(
      measurement, code, of: lowered.graph, target: target,
      build: .init(compiler: try compiler.version(), command: ([compiler.path] + options).joined(separator: " ")))
    try Terminal.output(result.text)
    if let report { try OutputFile.write(to: report) { try $0.append(Array(result.json().utf8)) } }
    if let earlier { try compare(result, with: earlier) }
  }

  private func compiler() throws -> CCompiler {
    guard let cc else { return try .system() }
    guard let compiler = CCompiler(cc) else {
      throw Diagnostic("there is no C compiler '\(cc)'; --cc takes a name or a path")
    }
    return compiler
  }

  private func compare(_ result: BenchReport, with earlier: BenchReport) throws {
    let comparison = BenchComparison(earlier, result, threshold: threshold / 100)
    try Terminal.output("\n" + comparison.text(earlier: baseline!))
    if let fault = comparison.fault(earlier: baseline!) { throw fault }
  }
}
