import ArgumentParser
import Foundation
import Host

/// Compiles models that were changed at random: whatever is in a file, nnc compiles it or says what is wrong with it,
/// soon and without much memory.
@main
struct Fuzz: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "Fuzz", abstract: "Compiles models that were changed at random.",
    subcommands: [RunCommand.self, WorkCommand.self], defaultSubcommand: RunCommand.self)

  /// Runs inputs of each kind.
  struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "run", abstract: "Compiles inputs of each kind; keeps those that nnc fails on.")

    @Option(help: "How many inputs of each kind.") var count = 10_000
    @Option(help: "The number of the first.") var first = 0
    @Option(help: "A folder with models NAME/model.onnx to begin with; repeatable.") var models: [String] = []
    @Option(help: "Where inputs go that nnc fails on.") var failures = "build/fuzz"

    func validate() throws {
      guard count > 0, first >= 0 else { throw ValidationError("--count and --first are numbers of inputs") }
    }

    func run() throws {
      let seeds = try TemporaryFolder()
      try Seeds.write(to: seeds.path, models: models)
      var failed = false
      for kind in ModelKind.allCases {
        let campaign = Campaign(kind: kind, seedFolder: seeds.path, failureFolder: failures)
        let result = try campaign.run(first..<first + count)
        say(
          "\(kind.rawValue): \(count) inputs, \(result.compiled) compiled, \(result.refused) refused, "
            + "\(result.failures.count) failed")
        failed = failed || !result.failures.isEmpty
      }
      if failed { throw ExitCode.failure }
    }
  }

  /// What a run starts for a part of its inputs.
  struct WorkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "work", shouldDisplay: false)

    @Argument var kind: String
    @Argument var seedFolder: String
    @Argument var first: Int
    @Argument var end: Int

    func run() throws {
      guard let kind = ModelKind(rawValue: kind), first <= end else { throw ValidationError("no such inputs") }
      try Worker(kind: kind, seeds: Seeds.read(kind, in: seedFolder)).run(first..<end)
    }
  }
}

/// Writes a line to the standard output at once.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
