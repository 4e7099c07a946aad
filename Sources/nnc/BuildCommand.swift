import ArgumentParser
import CodegenC
import Host
import IR
import Passes
import Targets

/// `nnc build`: a model becomes a C file and its header.
struct BuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Compiles a model to C.",
    discussion: """
      Writes a C file and, beside it, its header of the same name. The C is self-contained C99 that allocates nothing. \
      Symbols begin with the name of the file, or with --name.

      Examples:
        nnc build model.json -o model.c
        nnc build model.onnx -o net.c --dim batch=1 --report -
        nnc build model.onnx -o net.c --ram 64K --flash 256K    fails if the model does not fit
        nnc build model.onnx -o net.c --weights incbin          millions of weights, compiled in a second
        nnc build model.onnx -o net.c --dump-passes passes      the IR after each pass
        nnc build model.onnx -o net.c --passes "binarize{error: 0.1}" --calibration samples.npz
      """)

  @OptionGroup var model: ModelArguments
  @Option(
    name: [.customShort("o"), .long], help: ArgumentHelp("The C file to write.", valueName: "FILE.c"),
    completion: .file(extensions: ["c"]))
  var output: String
  @OptionGroup var passes: PassArguments
  @Option(help: "The prefix of all symbols; the name of the file by default.") var name: String?
  @Option(
    help: ArgumentHelp(
      "Whether the C has the kernels it uses (embed), or calls those of nnc_runtime.c, which models share (link).",
      valueName: "embed|link"))
  var runtime = Runtime.embed
  @Option(
    help: ArgumentHelp(
      "Where the weights are: in the C as numbers (array) or as strings (string), which compile some twenty times as fast; in "
        + "FILE.weights.bin, which the C includes by the assembler of gcc or clang (incbin) or by the #embed of C23 (embed); "
        + "or in FILE.weights.bin, of which the caller passes the address (external).",
      valueName: "array|string|incbin|embed|external"))
  var weights = WeightForm.array
  @Option(
    help: ArgumentHelp(
      "Fails if the arena, and for a --target the stack too, take more: bytes, or as in 64K, 1M.", valueName: "BYTES"))
  var ram: ByteCount?
  @Option(
    help: ArgumentHelp(
      "Fails if the weights, and for a --target the code too, take more: bytes, or as in 64K, 1M.", valueName: "BYTES"))
  var flash: ByteCount?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How the compiler of the --target compiles where --report, --ram and --flash measure, in place of -O2, or -Os for size; as in \"-Os -DNNC_INLINE=static\".",
      valueName: "OPTIONS"))
  var cflags: String?
  @Option(
    help: ArgumentHelp("Writes what each step costs, as .txt or .json; - for the standard output.", valueName: "FILE"),
    completion: .file(extensions: ["txt", "json"]))
  var report: String?
  @Option(
    help: ArgumentHelp("Writes the IR after each pass that changed something.", valueName: "DIR"),
    completion: .directory)
  var dumpPasses: String?
  @Option(
    help: ArgumentHelp(
      "Writes a rule of make that names all files that were read, for build systems.", valueName: "FILE.d"),
    completion: .file(extensions: ["d"]))
  var depfile: String?
  @OptionGroup var stream: StreamArguments
  @OptionGroup var selfTest: SelfTestArguments

  func validate() throws {
    guard output.hasSuffix(".c"), !stem.isEmpty else {
      throw ValidationError("-o \(output): the name of the file to write should end in .c, as in model.c")
    }
    guard stem.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0 != "\"" && $0 != "\\" && $0.value != 0x7f }) else {
      throw ValidationError("-o \(output): the name of a C file cannot have quotes, backslashes or control characters")
    }
    if let name {
      var scope = CIdentifiers()
      let identifier = scope.unique(name)
      if identifier != name { throw ValidationError("--name \(name) cannot begin symbols of C; '\(identifier)' could") }
    }
    do { try weights.check(for: passes.target) } catch { throw ValidationError(error.message) }
    if cflags != nil && passes.target.compilers.isEmpty {
      throw ValidationError("--cflags is for the compiler of a --target, such as cortex-m4, but there is none")
    }
    if let report, Report.Form(path: report) == nil {
      throw ValidationError("--report \(report): the name should end in .txt or .json, or be - for the standard output")
    }
  }

  /// The name of the C file without its folder and ending.
  private var stem: String { String(fileName(output).dropLast(2)) }

  func run() throws {
    let ((code, model), readFiles) = try TensorStorage.recordingFiles { try compile() }
    let report = Report(
      code, of: model.graph, target: passes.target, options: passes.hostOptions(), passes: model.notes,
      footprint: try footprint(of: code))
    try Budget(ram: ram?.bytes, flash: flash?.bytes).check(report)
    try write(code, report)
    if let depfile { try DependencyFile(target: output, prerequisites: readFiles).write(to: depfile) }
    Terminal.note(
      "\(output): \(report.flashBytes) bytes of weights, \(report.arenaBytes) bytes of arena, \(report.macs) MACs")
  }

  /// Reads the model, and returns its C with what it was made of.
  private func compile() throws -> (code: CModel, model: LoweredModel) {
    let lowered = try LoweredModel(model, passes, stream, dump: dumpPasses.map { try PassDump(folder: $0) })
    Terminal.progress("writing C")
    let options = CModel.Options(
      name: name ?? stem, fileStem: stem, version: nncVersion, target: passes.target,
      selfTest: try selfTest.load(for: lowered.canonical), states: lowered.states, runtime: runtime, weights: weights)
    return (try CModel(lowered.graph, options: options), lowered)
  }

  /// What the C takes on the target, where an option asks for it.
  private func footprint(of code: CModel) throws -> Footprint.Result? {
    guard report != nil || ram != nil || flash != nil, passes.target != .generic else { return nil }
    if runtime == .link { return .unknown("models share it; --runtime embed measures that of this one") }
    return try Footprint.measure(
      code, for: passes.target,
      options: cflags?.split(separator: " ").map(String.init) ?? passes.optimize.compilerOptions,
      willRun: { Terminal.progress("compiling for \(passes.target.name) with \($0)") })
  }

  /// Writes all files, or none where one cannot be written.
  private func write(_ code: CModel, _ report: Report) throws {
    let folder = output.dropLast(stem.count + 2)
    try write(code.files.reversed()[...], to: folder) {
      if let path = self.report, path != "-", let form = Report.Form(path: path) {
        let content = try report.content(form)
        try OutputFile.write(to: path) { try $0.append(Array(content.utf8)) }
      }
    }
    if self.report == "-" { try Terminal.output(report.content(.text)) }
  }

  /// Writes some files into a folder, each of which takes its place only after those behind it, and what `last` writes.
  private func write(_ files: ArraySlice<CFile>, to folder: Substring, last: () throws -> Void) throws {
    guard let file = files.first else { return try last() }
    try OutputFile.write(to: folder + file.name) { output in
      try file.write { (piece) throws(Diagnostic) in try output.append(piece) }
      try write(files.dropFirst(), to: folder, last: last)
    }
  }
}

/// The last part of a path.
func fileName(_ path: String) -> Substring { path.split(separator: "/", omittingEmptySubsequences: false).last ?? "" }

extension Runtime: ExpressibleByArgument {}
