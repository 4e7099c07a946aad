/// What the C is written for: the facts about a processor by which passes and kernels are chosen, and how to compile for it.
///
/// The C for any target is C99 that runs everywhere; a target decides what is fast and what fits.
public struct Target: Hashable, Sendable {
  /// The name, as in `--target`.
  public let name: String
  /// What it is, in a few words.
  public let summary: String
  /// How f32 is computed.
  public var floats = Floats.inHardware
  /// The bits of a pointer, and so of an index.
  public var pointerBits = 32
  /// The most bits that C takes into a register at once where it adds bits of many pixels: vectors need more memory.
  public var laneBits = 32
  /// How many output channels kernels for floats compute side by side: eight fill a vector of 256 bits, two of 128 bits,
  /// and half the registers of a Cortex-M.
  public var panelWidth = 8
  /// What the kernels of binary layers cost.
  public var bitCosts = BitCosts.words
  /// What the kernels of layers cost whose weights are zero for the most part.
  public var sparseCosts = SparseCosts.scalar
  /// The bytes that a copy of data may take that makes a kernel faster.
  public var bandBytes = 4096
  /// How much larger constants of a layer may become where that makes it faster: a share of what they take otherwise.
  public var constantGrowth = 0.2
  /// Whether constants lie in a memory that other instructions read than those that read variables.
  public var hasSeparateProgramMemory = false
  /// Of how many bytes the address of an arena is a multiple.
  public var arenaAlignment = 16
  /// Whether `double` of C has 64 bits.
  public var hasDouble = true
  /// The stack that functions of the compiler's own library take at most, in bytes: those that compute what the
  /// processor has no instructions for.
  public var libraryStackBytes = 0
  /// What tells gcc and clang which instructions it has; nothing where no option is needed, or where `compilers` have it.
  public var machineOptions: [String] = []
  /// The compilers that can compile for it where it is no computer, the preferred one first.
  public var compilers: [CrossCompiler] = []

  /// How f32 is computed.
  public enum Floats: Sendable {
    /// By instructions.
    case inHardware
    /// By functions of the compiler's library, each of tens of instructions.
    case inSoftware
  }

  /// A program that compiles for a target.
  public struct CrossCompiler: Hashable, Sendable {
    /// The name of the program.
    public let program: String
    /// The program that lists the sections and symbols of what it writes.
    public let objdump: String
    /// What makes it compile for the target, without a C library.
    public let options: [String]
    /// The stack that a call takes beyond the frame that `-fstack-usage` states, at most.
    public let uncountedStackBytes: Int

    /// Creates the description of a compiler.
    public init(program: String, objdump: String, options: [String], uncountedStackBytes: Int = 0) {
      self.program = program
      self.objdump = objdump
      self.options = options
      self.uncountedStackBytes = uncountedStackBytes
    }
  }
}

extension Target {
  /// The largest index into an array.
  public var largestIndex: Int { Int.max >> (Int.bitWidth - pointerBits) }
}
