import ArgumentParser
import CodegenC
import Glibc
import IR

/// The version of nnc, as in the first line of what it generates.
let nncVersion = Runtime.version

@main
struct NNC: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnc",
    abstract: "Compiles trained neural networks to portable C.",
    discussion: """
      A MODEL is a JSON model spec (.json, with its .safetensors beside it), an ONNX file (.onnx), or the text form of \
      nnc's own IR (.nnc).

      Examples:
        nnc build model.onnx -o model.c      writes model.c and model.h
        nnc inspect model.onnx               what the model is made of, and what it costs
        nnc check model.onnx                 proves that the C computes what the model says
        nnc bench model.onnx --layers        how long it takes on this machine, and where

      Exit codes: 0 done; 1 the model, the data or a budget is at fault; 64 wrong usage; 70 a fault of nnc itself, of \
      which a reproducer is written.
      """,
    version: nncVersion,
    subcommands: [
      BuildCommand.self, RunCommand.self, CheckCommand.self, BenchCommand.self, InspectCommand.self, OptCommand.self,
      PassesCommand.self, ImportCommand.self,
    ])

  static func main() {
    // Parsing errors have their own exit code and hints.
    var command: any ParsableCommand
    do { command = try parseAsRoot() } catch { exit(withError: error) }
    do { try command.run() } catch { stop(error) }
  }

  /// Ends the program with what `error` says, and the exit code for its kind.
  private static func stop(_ error: any Error) -> Never {
    switch error {
    case let error as Diagnostic:
      Terminal.report(error.location == nil ? "nnc: \(error)" : "\(error)")
      Glibc.exit(1)
    case let error as InternalFault:
      Terminal.report("nnc: \(error.message)")
      Glibc.exit(InternalFault.exitCode)
    case _ where exitCode(for: error) != .failure:  // help, or wrong usage
      exit(withError: error)
    default:
      Terminal.report("nnc: error: \(error)")
      Glibc.exit(1)
    }
  }
}
