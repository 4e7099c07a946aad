import CodegenC
import Host

/// The compilers and targets that must accept generated C without a warning.
public struct CompilerMatrix: Sendable {
  /// One compiler that reads the C, and makes nothing of it.
  public struct Entry: Sendable {
    let program: String
    let options: [String]
  }

  /// The compilers, of which those that this machine lacks are passed over.
  public let entries: [Entry]

  /// All warnings that generated C must not cause.
  public static let warnings = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-pedantic", "-Werror"]

  /// Compilers for C and C++ on this machine.
  public static let host = CompilerMatrix(entries: [
    Entry(program: "gcc", options: ["-std=c99"]),
    Entry(program: "g++", options: ["-x", "c++"]),
    Entry(program: "clang-14", options: ["-std=c99"]),
    Entry(program: "clang", options: ["-x", "c++"]),
  ])

  /// Other targets, without a C library.
  public static let embedded = CompilerMatrix(
    entries: [
      "thumbv6m-none-eabi", "thumbv7em-none-eabi", "thumbv8.1m.main-none-eabihf", "riscv32-none-elf", "avr",
      "aarch64-none-elf",
    ].map { target in
      // Without -nostdlibinc the headers of the host would be found.
      Entry(
        program: "clang",
        options: ["-std=c99", "--target=\(target)", "-ffreestanding", "-nostdlibinc"]
          + (processors[target].map { [$0] } ?? []))
    })

  /// What makes a compiler use all instructions of a processor, or know it at all.
  private static let processors = ["avr": "-mmcu=atmega328p", "thumbv8.1m.main-none-eabihf": "-mcpu=cortex-m55"]

  /// One other compiler, one for C++ and one for a small target, for a great many models.
  public static let sample = CompilerMatrix(entries: Array(host.entries.prefix(2)) + embedded.entries.prefix(1))

  /// The compilers that this machine lacks.
  public var missing: [String] { entries.map(\.program).filter { CCompiler($0) == nil } }

  /// Lets each compiler read the C of some models.
  ///
  /// - Throws: A diagnostic with the words of the first that complains.
  public func check(_ models: [CModel]) throws {
    let folder = try TemporaryFolder()
    for model in models {
      try folder.write(model.header, to: model.name + ".h")
      try folder.write(model.source, to: model.name + ".c")
    }
    for entry in entries {
      guard let compiler = CCompiler(entry.program) else { continue }
      try compiler.run(
        entry.options + Self.warnings + ["-fsyntax-only"] + models.map { $0.name + ".c" }, in: folder.url)
    }
  }
}
