import CodegenC
import Foundation
import IR
import Targets

extension Footprint {
  /// What is known of the footprint on a target.
  public enum Result: Sendable {
    /// Its compiler was asked.
    case measured(Footprint)
    /// It is not known, for this reason.
    case unknown(String)
  }

  /// Compiles a model for a target with the first compiler that this machine has for it, and takes the sizes.
  ///
  /// - Parameters:
  ///   - options: How to compile: for speed or for size, for example.
  ///   - willRun: Called with the name of the compiler before it runs.
  /// - Throws: A diagnostic if the compiler fails, or there is no bound for the stack.
  public static func measure(
    _ model: CModel, for target: Target, options: [String], willRun: (String) -> Void = { _ in }
  ) throws -> Result {
    guard !target.compilers.isEmpty else { return .unknown("\(target.name) is not one processor") }
    var missing: [String] = []
    for compiler in target.compilers {
      guard let program = CCompiler(compiler.program) else {
        missing.append(compiler.program)
        continue
      }
      guard let objdump = CCompiler(compiler.objdump) else {
        missing.append("\(compiler.objdump) for \(compiler.program)")
        continue
      }
      if model.weightForm == .embed, try !program.hasEmbed(compiler.options) {
        missing.append("\(compiler.program) with #embed")
        continue
      }
      willRun(compiler.program)
      return .measured(
        try Tools(compiler: program, objdump: objdump, description: compiler)
          .measure(model, for: target, options: options))
    }
    return .unknown("install \(missing.joined(separator: ", or "))")
  }
}

/// The programs of one family that compile, and list what was compiled.
private struct Tools {
  let compiler: CCompiler
  let objdump: CCompiler
  let description: Target.CrossCompiler

  func measure(_ model: CModel, for target: Target, options: [String]) throws -> Footprint {
    let folder = try TemporaryFolder()
    for file in model.files { try folder.write(file, as: file.name.hasSuffix(".c") ? "model.c" : file.name) }
    let sections = ["-ffunction-sections", "-fdata-sections", "-fstack-usage"]
    try compiler.run(
      ["-std=c99"] + description.options + options + sections + ["-c", "model.c", "-o", "model.o"], in: folder.url)
    let listing = try objdump.run(["-h", "-t", "-r", "model.o"], in: folder.url)
    let stack = try String(contentsOf: folder.url.appendingPathComponent("model.su"), encoding: .utf8)
    let command = [description.program] + description.options + options
    return try Footprint(
      model: model.name, objdump: listing, stackUsage: stack, version: try compiler.version(),
      command: command.joined(separator: " "), compiler: description, target: target,
      fileArray: model.embeddedFileSymbol)
  }
}
