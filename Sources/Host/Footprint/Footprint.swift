import CodegenC
import IR
import Targets

/// What a compiled model takes on its target, as the compiler for it has it.
public struct Footprint: Encodable, Sendable {
  /// The version of the compiler, in its words.
  public let compiler: String
  /// The program and its options.
  public let command: String
  /// The functions that `NAME_run` and `NAME_reset` need, in the order of the object file.
  public let functions: [Function]
  /// The bytes of all functions.
  public let codeBytes: Int
  /// The bytes of weights and other constants.
  public let constantBytes: Int
  /// The bytes of RAM with variables, and with constants that the target cannot read from flash.
  public let dataBytes: Int
  /// The bytes of flash with the first values of variables.
  public let initializerBytes: Int
  /// A bound of the stack from the call of `NAME_run` on, without interrupts and `libraryFunctions`.
  public let stackBytes: Int
  /// The chain of calls that takes most of it.
  public let deepestCalls: [String]
  /// The functions that may be called through pointers, each of which is counted in `stackBytes` once more.
  public let calledThroughPointers: [String]
  /// The functions of the compiler's own library that the model needs.
  public let helpers: [String]
  /// The functions of the C library that the model needs; their stack is not known.
  public let libraryFunctions: [String]

  /// A function in the object file.
  public struct Function: Encodable, Sendable {
    /// Its name; a compiler may add words after a dot.
    public let name: String
    /// The bytes of its code.
    public let codeBytes: Int
    /// The bytes of the constants that it uses, and no earlier one.
    public let constantBytes: Int
    /// The stack that it takes, with that of the functions that it calls.
    public let stackBytes: Int
  }

  /// All flash that the object file takes.
  public var flashBytes: Int { codeBytes + constantBytes + initializerBytes }
}

extension Footprint {
  /// Takes the numbers from what the tools of a compiler printed.
  ///
  /// - Parameters:
  ///   - model: The prefix of the functions that the user calls.
  ///   - objdump: The output of `objdump -h -t -r`.
  ///   - stackUsage: The `.su` file of the compiler.
  ///   - command: What compiled, and with which options.
  ///   - fileArray: The array that has the file with the weights, which no function has for itself.
  package init(
    model: String, objdump: String, stackUsage: String, version: String, command: String,
    compiler: Target.CrossCompiler, target: Target, fileArray: String? = nil
  ) throws {
    let run = "\(model)_run"
    let graph = try CallGraph(ObjectListing(objdump), root: run, others: ["\(model)_reset"])
    let frames = try StackFrames(stackUsage)
    let chains = try graph.deepestChains(
      frame: { try frames.bytes(of: $0) + compiler.uncountedStackBytes },
      external: { isCompilerHelper($0) ? target.libraryStackBytes : 0 })
    self.compiler = version
    self.command = command
    functions = Self.functions(of: graph, chains, fileArray: fileArray)
    let code = Set(graph.code.map(\.section.name))
    let data = graph.sections.filter { !code.contains($0.name) }
    func bytes(_ isIncluded: (String) -> Bool) -> Int {
      data.reduce(0) { isIncluded($1.name) ? $0 + $1.byteCount : $0 }
    }
    codeBytes = functions.reduce(0) { $0 + $1.codeBytes }
    initializerBytes = bytes(isInitialized)
    constantBytes = bytes { !isInitialized($0) && !isZeroed($0) }
    dataBytes = bytes {
      isInitialized($0) || isZeroed($0) || target.hasSeparateProgramMemory && $0.hasPrefix(".rodata")
    }
    // Any of the functions whose addresses are taken may be called where the stack is deepest.
    let root = chains.values.first { $0.names.first == run }!
    stackBytes = graph.calledThroughPointers.reduce(root.bytes) { $0 + chains[$1]!.bytes }
    deepestCalls = root.names
    calledThroughPointers = graph.calledThroughPointers.map { chains[$0]!.names[0] }
    helpers = graph.undefined.filter(isCompilerHelper)
    libraryFunctions = graph.undefined.filter { !isCompilerHelper($0) }
  }

  private static func functions(
    of graph: CallGraph, _ chains: [String: CallGraph.Chain], fileArray: String?
  ) -> [Function] {
    let code = graph.code
    let isCode = Set(code.map(\.section.name))
    let sizes = Dictionary(uniqueKeysWithValues: graph.sections.map { ($0.name, $0.byteCount) })
    var counted = Set(sizes.keys.filter { name in fileArray.map { name.hasSuffix(".\($0)") } ?? false })
    return code.map { section, names in
      var bytes = 0
      var pending = graph.uses[section.name] ?? []
      while let other = pending.popLast() {
        guard !isCode.contains(other), counted.insert(other).inserted else { continue }
        bytes += sizes[other] ?? 0
        pending += graph.uses[other] ?? []
      }
      return Function(
        name: names[0], codeBytes: section.byteCount, constantBytes: bytes, stackBytes: chains[section.name]!.bytes)
    }
  }
}

extension StackFrames {
  /// The stack of the function that has these names.
  fileprivate func bytes(of names: [String]) throws -> Int {
    let stated = names.compactMap { self[$0] }
    if let largest = stated.max() { return largest }
    // Code that is hardly ever reached lies apart, and runs in the frame of its function.
    if names.allSatisfy({ $0.contains(".cold") }) { return 0 }
    throw Diagnostic("the compiler does not state how much of the stack \(names[0]) takes")
  }
}

/// Whether variables in a section have a first value, which lies in flash.
private func isInitialized(_ section: String) -> Bool { section.hasPrefix(".data") || section.hasPrefix(".sdata") }

/// Whether variables in a section begin as zero.
private func isZeroed(_ section: String) -> Bool { section.hasPrefix(".bss") || section.hasPrefix(".sbss") }

/// Whether compilers bring this function along, or ask for it in any code: else it is the C library's.
private func isCompilerHelper(_ name: String) -> Bool {
  name.hasPrefix("__") || ["memcpy", "memmove", "memset", "memcmp"].contains(name)
}
